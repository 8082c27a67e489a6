import { describe, expect, it } from "vitest";
import { PROTOCOLS } from "../../../src/control/protocol.ts";
import { isFinished } from "../../../src/gateway/protocols/streamEnd.ts";
import { STREAMS } from "../../support/replies.ts";

describe("the end of a stream", () => {
  it.each(PROTOCOLS)("is known by its last event: %s", (protocol) => {
    const events = STREAMS[protocol];
    expect(isFinished(protocol, events.join(""))).toBe(true);
    expect(isFinished(protocol, events.slice(0, -1).join(""))).toBe(false);
    expect(isFinished(protocol, "")).toBe(false);
  });

  it.each(["response.incomplete", "response.failed"])("of a response may be %s", (type) => {
    const event = (name: string) =>
      `event: ${name}\ndata: ${JSON.stringify({ response: {}, type: name })}\n\n`;
    expect(isFinished("openai-responses", event(type))).toBe(true);
    expect(isFinished("openai-responses", event("response.in_progress"))).toBe(false);
  });

  it("may be longer than what was kept of it", () => {
    const rest = (usage: string) => `xxxx","output":[],"usage":${usage},"user":null}}\n\n`;
    expect(isFinished("openai-responses", rest('{"input_tokens":1}'))).toBe(true);
    expect(isFinished("openai-responses", rest("null"))).toBe(false);
  });

  it("is not what a text says", () => {
    const text = 'data: [DONE] {"type":"message_stop"} {"type":"response.completed"} "finishReason":"';
    const delta = `event: x\ndata: ${JSON.stringify({ type: "delta", text, usageMetadata: {} })}\n\n`;
    for (const protocol of PROTOCOLS) expect(isFinished(protocol, delta), protocol).toBe(false);
  });
});
