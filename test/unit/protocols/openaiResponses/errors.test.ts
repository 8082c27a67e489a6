import { describe, expect, it } from "vitest";
import { PorticoError, STATUS_OF_KIND } from "../../../../src/gateway/common/errors.ts";
import { decodeError } from "../../../../src/gateway/protocols/openaiResponses/errors.ts";
import { codec } from "../../../../src/gateway/protocols/openaiResponses/index.ts";
import fc from "../../../support/property.ts";
import { parseSse } from "./helpers.ts";

const kind = (status: number, body: unknown) => decodeError(status, body)?.kind;
const openai = (message: string, code: string | null = null, type = "invalid_request_error") => ({
  error: { message, type, code, param: null },
});

describe("decodeError", () => {
  it("lets code and text decide before the status", () => {
    expect(kind(429, openai("You exceeded your current quota", "insufficient_quota"))).toBe("quota");
    expect(kind(429, openai("Rate limit reached", "rate_limit_exceeded"))).toBe("rate_limit");
    expect(kind(400, openai("maximum context length is 128000 tokens", "context_length_exceeded"))).toBe(
      "context_too_long",
    );
    expect(kind(400, openai("Incorrect API key provided: sk-…"))).toBe("authentication");
    expect(kind(404, openai("The model `x` does not exist", "model_not_found"))).toBe("model_not_found");
    expect(kind(404, openai("Item with id 'rs_1' not found."))).toBe("not_found");
    expect(kind(400, openai("Unsupported parameter: 'temperature'", "unsupported_parameter"))).toBe(
      "invalid_request",
    );
    expect(kind(402, openai("Insufficient balance"))).toBe("billing");
    expect(kind(200, openai("The server is overloaded"))).toBe("overloaded");
    expect(kind(500, openai("The server had an error", "server_error", "server_error"))).toBe("upstream");
  });

  it("understands compatible providers", () => {
    expect(decodeError(400, { detail: [{ loc: ["body", "input"], msg: "field required" }] })).toMatchObject({
      kind: "invalid_request",
      message: "body.input: field required",
    });
    expect(decodeError(403, { detail: "Forbidden" })).toMatchObject({
      kind: "permission",
      message: "Forbidden",
    });
    expect(decodeError(500, { error: "exploded" })).toMatchObject({
      kind: "upstream",
      message: "exploded",
    });
    expect(decodeError(400, { message: "bad" })?.message).toBe("bad");
    expect(decodeError(401, [{ error: { message: "who" } }])?.kind).toBe("authentication");
    expect(decodeError(503, "<html>down</html>")?.kind).toBe("unavailable");
    expect(decodeError(400, '{"error":{"message":"in text"}}')?.message).toBe("in text");
    expect(decodeError(400, {})).toBeUndefined();
    expect(decodeError(400, null)).toBeUndefined();
  });

  it("finds the time to wait in the words", () => {
    const wait = (message: string) => decodeError(429, openai(message))?.retryAfterMs;
    expect(wait("Rate limit reached. Please try again in 20ms.")).toBe(20);
    expect(wait("Please try again in 1.898s. Visit")).toBe(1898);
    expect(wait("Please try again in 1m2s")).toBe(62_000);
    expect(wait("Please retry in 2 hours")).toBe(7_200_000);
    expect(wait("no time")).toBeUndefined();
  });

  it("never throws", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 200, max: 599 }), (body, status) => {
        decodeError(status, body);
      }),
    );
  });
});

describe("encodeError", () => {
  it("has the official shape, and says when and whether to retry", () => {
    const error = new PorticoError("rate_limit", "Slow down.", { retryAfterMs: 1200, retryable: false });
    expect(codec.encodeError(error, "req_1")).toEqual({
      status: 429,
      headers: { "x-request-id": "req_1", "retry-after": "2", "x-should-retry": "false" },
      body: {
        error: { message: "Slow down.", type: "rate_limit_error", param: null, code: "rate_limit_exceeded" },
      },
    });
    const field = new PorticoError("invalid_request", "No.", { field: "input[0]" });
    expect(codec.encodeError(field, "r").body).toMatchObject({
      error: { param: "input[0]", type: "invalid_request_error" },
    });
    expect(codec.encodeError(new PorticoError("overloaded", "Busy."), "r").status).toBe(503);
    const lost = new PorticoError("not_found", "Gone.", { status: 400, code: "previous_response_not_found" });
    expect(codec.encodeError(lost, "r")).toMatchObject({
      status: 400,
      body: { error: { code: "previous_response_not_found" } },
    });
  });

  it("is read again as the same kind", () => {
    for (const name of Object.keys(STATUS_OF_KIND) as (keyof typeof STATUS_OF_KIND)[]) {
      const { status, body } = codec.encodeError(new PorticoError(name, "It failed."), "r");
      const again = decodeError(status, body)?.kind;
      const same: Partial<Record<string, string>> = { billing: "billing", internal: "upstream" };
      expect(again).toBe(same[name] ?? name);
    }
  });

  it("ends a stream for the SDKs and for Codex", () => {
    const text = codec.encodeStreamError(new PorticoError("quota", "Empty."), "req-1", "sse");
    const events = parseSse(text);
    expect(events.map((event) => event.event)).toEqual(["error", "response.failed"]);
    expect(JSON.parse(events[0]?.data ?? "")).toMatchObject({
      code: "insufficient_quota",
      message: "Empty.",
      error: { message: "Empty." },
    });
    expect(JSON.parse(events[1]?.data ?? "")).toMatchObject({
      response: { status: "failed", error: { code: "insufficient_quota" } },
    });
  });

  it("keeps a silent stream alive with a comment", () => {
    expect(codec.heartbeat("sse")).toBe(": keep-alive\n\n");
  });
});
