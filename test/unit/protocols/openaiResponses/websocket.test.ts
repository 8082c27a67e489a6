import { describe, expect, it } from "vitest";
import { PorticoError } from "../../../../src/gateway/common/errors.ts";
import {
  connectionLimitMessage,
  errorMessage,
  readClientMessage,
  serverMessage,
  warmup,
} from "../../../../src/gateway/protocols/openaiResponses/websocket.ts";
import { checkStream } from "../../../support/checkers/openaiResponses.ts";
import fc from "../../../support/property.ts";
import { EMPTY, ids } from "./helpers.ts";

const read = (message: unknown) => readClientMessage(message, "req_1");
const refusal = (message: unknown) => {
  const result = read(message);
  return result.kind === "refused" ? JSON.parse(result.reply) : undefined;
};

describe("client messages", () => {
  it("response.create is a streaming request", () => {
    expect(
      read({ type: "response.create", model: "m", input: [], store: false, previous_response_id: "resp_1" }),
    ).toEqual({
      kind: "create",
      body: { model: "m", input: [], store: false, previous_response_id: "resp_1", stream: true },
      generate: true,
    });
    expect(read({ type: "response.create", model: "m", stream_id: "s", generate: false })).toEqual({
      kind: "create",
      body: { model: "m", stream: true },
      generate: false,
      streamId: "s",
    });
  });

  it("anything else is answered with a documented error", () => {
    expect(refusal({ type: "response.cancel" })).toMatchObject({
      type: "error",
      status: 400,
      error: {
        type: "invalid_request_error",
        param: "type",
        message: expect.stringContaining("response.create"),
      },
    });
    expect(refusal({ type: "response.create", background: true, stream_id: "s" })).toMatchObject({
      stream_id: "s",
      error: { param: "background" },
    });
    expect(refusal({ type: "response.steer", input: "x", previous_response_id: "resp_1" })).toMatchObject({
      type: "response.steer.failed",
      error: { code: "steering_not_supported" },
      steer: { previous_response_id: "resp_1" },
    });
    expect(refusal([])).toMatchObject({ type: "error", status: 400 });
    expect(readClientMessage(undefined, "r").kind).toBe("refused");
    expect(read({ type: "response.processed", response_id: "resp_1" })).toEqual({ kind: "ignored" });
  });

  it("never throws", () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.jsonValue()), (message) => {
        readClientMessage(message, "r");
      }),
    );
  });
});

describe("server messages", () => {
  it("are the stream's events", () => {
    expect(serverMessage({ event: "x", data: '{"type":"x"}' })).toBe('{"type":"x"}');
    expect(serverMessage({ data: '{"type":"x"}' }, "s")).toBe('{"type":"x","stream_id":"s"}');
    expect(serverMessage({ data: "[DONE]" })).toBeUndefined();
    expect(serverMessage({ data: "[DONE]" }, "s")).toBeUndefined();
  });

  it("show errors with status and headers", () => {
    const error = new PorticoError("rate_limit", "Slow.", { retryAfterMs: 5000 });
    expect(JSON.parse(errorMessage(error, "r", "s"))).toMatchObject({
      type: "error",
      status: 429,
      stream_id: "s",
      headers: { "retry-after": "5" },
      error: { code: "rate_limit_exceeded", message: "Slow." },
    });
    expect(JSON.parse(connectionLimitMessage())).toMatchObject({
      error: { code: "websocket_connection_limit_reached" },
    });
  });

  it("answer a warm-up with a complete, empty response", () => {
    const { response, messages } = warmup(EMPTY, { model: "m", now: 1000, newId: ids() });
    expect(checkStream(messages.map((data) => ({ data })))).toEqual([]);
    expect(response).toMatchObject({ status: "completed", output: [], model: "m" });
  });
});
