import { describe, expect, it } from "vitest";
import { PorticoError } from "../../../../src/gateway/common/errors.ts";
import { decodeError } from "../../../../src/gateway/protocols/anthropic/errors.ts";
import { codec } from "../../../../src/gateway/protocols/anthropic/index.ts";

const own = (type: string, message: string, details?: object) => ({
  type: "error",
  error: { type, message, ...(details ? { details } : {}) },
  request_id: "req_1",
});

describe("reading errors", () => {
  it.each([
    [400, own("invalid_request_error", "messages: bad"), "invalid_request", "messages: bad"],
    [
      400,
      own("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
      "context_too_long",
      /210000/,
    ],
    [
      400,
      own("invalid_request_error", "Your credit balance is too low to access the API."),
      "billing",
      /credit/,
    ],
    [
      400,
      own("invalid_request_error", "You have reached your specified API usage limits."),
      "quota",
      /limits/,
    ],
    [401, own("authentication_error", "invalid x-api-key"), "authentication", /x-api-key/],
    [402, own("billing_error", "no"), "billing", "no"],
    [403, own("permission_error", "no"), "permission", "no"],
    [404, own("not_found_error", "model: claude-9"), "model_not_found", "model: claude-9"],
    [404, own("not_found_error", "no such file"), "not_found", "no such file"],
    [413, own("request_too_large", "big"), "too_large", "big"],
    [429, own("rate_limit_error", "slow down"), "rate_limit", "slow down"],
    [429, own("rate_limit_error", "spent", { error_code: "enforced_spend_limit_reached" }), "quota", "spent"],
    [500, own("api_error", "oops"), "upstream", "oops"],
    [504, own("timeout_error", "late"), "timeout", "late"],
    [529, own("overloaded_error", "Overloaded"), "overloaded", "Overloaded"],
    [
      400,
      { error: { message: "Model Not Exist", type: "invalid_request_error" } },
      "model_not_found",
      "Model Not Exist",
    ],
    [
      402,
      { error: { message: "Insufficient Balance", code: "invalid_request_error" } },
      "billing",
      "Insufficient Balance",
    ],
    [401, { error: "bad key" }, "authentication", "bad key"],
    [
      422,
      { detail: [{ loc: ["body", "messages", 0], msg: "field required" }] },
      "invalid_request",
      "body.messages.0: field required",
    ],
    [
      400,
      [{ error: { code: 400, message: "listed", status: "INVALID_ARGUMENT" } }],
      "invalid_request",
      "listed",
    ],
    [503, { message: "down" }, "unavailable", "down"],
    [502, "<!DOCTYPE html><html>", "upstream", /status 502/],
    [500, "", "upstream", /status 500/],
    [418, { x: 1 }, "invalid_request", /status 418/],
  ] as const)("%i %j is %s", (status, body, kind, message) => {
    const error = decodeError(status, body);
    expect(error?.kind).toBe(kind);
    if (typeof message === "string") expect(error?.message).toBe(message);
    else expect(error?.message).toMatch(message);
  });

  it("knows a reply from an error", () => {
    expect(decodeError(200, { type: "message", content: [] })).toBeUndefined();
    expect(decodeError(200, own("overloaded_error", "x"))?.kind).toBe("overloaded");
  });

  it("finds the time to wait in the words", () => {
    const wait = (message: string) => decodeError(429, own("rate_limit_error", message))?.retryAfterMs;
    expect(wait("Please try again in 6.5s")).toBe(6_500);
    expect(wait("retry after 2 minutes")).toBe(120_000);
    expect(wait("try again in 20ms")).toBe(20);
    expect(wait("later")).toBeUndefined();
  });
});

describe("writing errors", () => {
  it("has the official shape, the field, and the headers that SDKs read", () => {
    const error = new PorticoError("rate_limit", "Slow down.", {
      retryAfterMs: 1_200,
      retryable: false,
      field: "messages[0]",
      code: "c",
    });
    expect(codec.encodeError(error, "req_9")).toEqual({
      status: 429,
      headers: { "retry-after": "2", "x-should-retry": "false" },
      body: {
        type: "error",
        error: { type: "rate_limit_error", message: "messages[0]: Slow down.", details: { error_code: "c" } },
        request_id: "req_9",
      },
    });
  });

  it("is read as the same kind again", () => {
    for (const kind of [
      "invalid_request",
      "authentication",
      "billing",
      "permission",
      "not_found",
      "too_large",
      "context_too_long",
      "rate_limit",
      "overloaded",
      "timeout",
      "upstream",
    ] as const) {
      const { status, body } = codec.encodeError(new PorticoError(kind, "words"), "req_1");
      expect(decodeError(status, body)?.kind).toBe(kind);
    }
  });

  it("is an event in the midst of a stream", () => {
    const text = codec.encodeStreamError(new PorticoError("upstream", "cut"), "req_1", "sse");
    expect(text).toBe(
      'event: error\ndata: {"type":"error","error":{"type":"api_error","message":"cut"},"request_id":"req_1"}\n\n',
    );
  });
});
