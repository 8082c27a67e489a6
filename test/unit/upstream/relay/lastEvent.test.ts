import { describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../../src/control/protocol.ts";
import { holdsLastEvent } from "../../../../src/gateway/upstream/relay/lastEvent.ts";
import fc from "../../../support/property.ts";
import { STREAMS } from "../../../support/replies.ts";

const holds = (protocol: Protocol, text: string) => holdsLastEvent(protocol, Buffer.from(text));
const WITH_LAST = PROTOCOLS.filter((protocol) => protocol !== "gemini");

describe("the last event of a protocol", () => {
  it.each(WITH_LAST)("is found, and no other is: %s", (protocol) => {
    for (const [at, event] of STREAMS[protocol].entries()) {
      expect(holds(protocol, event), event).toBe(at === STREAMS[protocol].length - 1);
    }
    expect(holds(protocol, STREAMS[protocol].join(""))).toBe(true);
  });

  it("is none of Gemini's", () => {
    expect(holds("gemini", STREAMS.gemini.join(""))).toBe(false);
    expect(holds("gemini", "data: [DONE]\n\n")).toBe(false);
  });

  it.each(["completed", "incomplete", "failed", "cancelled", "done"])("of a response is %s", (name) => {
    const type = `response.${name}`;
    const response = { id: "resp_1", output: [] };
    expect(holds("openai-responses", `event: ${type}\r\ndata: {"response":{}}\r\n\r\n`)).toBe(true);
    expect(holds("openai-responses", `data: ${JSON.stringify({ type, response })}\n\n`)).toBe(true);
    // Whatever the order of the members.
    expect(holds("openai-responses", `data: ${JSON.stringify({ response, type })}\n\n`)).toBe(true);
    expect(holds("openai-responses", `data: ${JSON.stringify({ response: { type } })}\n\n`)).toBe(false);
  });

  it.each([
    ["openai-chat", "data:[DONE]\n\n"],
    ["openai-chat", "data: [DONE] \r\n\r\n: bye\r\n\r\n"],
    ["anthropic", 'data: {"type": "message_stop"}\n\n'],
    ["anthropic", 'data: {"amazon-bedrock-invocationMetrics":{},"type":"message_stop"}\n\n'],
    ["anthropic", "event:message_stop\rdata: {}\r\r"],
  ] as const)("has forms: %s %j", (protocol, text) => {
    expect(holds(protocol, text)).toBe(true);
  });

  it("is known by its beginning where it is too long to hold", () => {
    const start = `event: response.completed\ndata: {"type":"response.completed","response":{"output":["aaaa`;
    expect(holds("openai-responses", start)).toBe(true);
    expect(holds("openai-responses", start.replaceAll("completed", "created"))).toBe(false);
  });

  it("is not what a text says, however it is written", () => {
    const words = fc.constantFrom(
      "data: [DONE]",
      "[DONE]",
      "\n",
      "\r\n\r\n",
      '"',
      "\\",
      "event: message_stop",
      '{"type":"message_stop"}',
      "event: response.completed",
      '{"type":"response.completed","response":{}}',
      "response.done",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 20 }), (pieces) => {
        const text = pieces.join("");
        const chat = { choices: [{ index: 0, delta: { content: text } }] };
        const delta = { type: "content_block_delta", delta: { type: "text_delta", text } };
        const item = { type: "response.output_item.done", item: { text }, response: { text } };
        expect(holds("openai-chat", `data: ${JSON.stringify(chat)}\n\n`)).toBe(false);
        expect(holds("anthropic", `data: ${JSON.stringify(delta)}\n\n`)).toBe(false);
        expect(holds("openai-responses", `data: ${JSON.stringify(item)}\n\n`)).toBe(false);
      }),
    );
  });
});
