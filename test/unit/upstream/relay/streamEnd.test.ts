import { describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../../src/control/protocol.ts";
import { endOf, isHalfEvent } from "../../../../src/gateway/upstream/relay/streamEnd.ts";
import fc from "../../../support/property.ts";
import { STREAMS } from "../../../support/replies.ts";

const half = (text: string) => isHalfEvent(Buffer.from(text), "sse");
const halfElement = (text: string) => isHalfEvent(Buffer.from(text), "json-array");

describe("what is left behind the last event's end", () => {
  it.each(PROTOCOLS)("is half an event wherever one is cut: %s", (protocol) => {
    const event = fc.constantFrom(...STREAMS[protocol]);
    fc.assert(
      fc.property(event, fc.nat(), (whole, at) => {
        const data = whole.indexOf("data:");
        // Behind the field's name, before the last character of its value.
        const cut = data + 7 + (at % (whole.trimEnd().length - data - 7));
        expect(half(whole.slice(0, cut)), whole.slice(0, cut)).toBe(true);
        expect(half(whole.trimEnd())).toBe(false);
        expect(half(`${whole.trimEnd()}\n`)).toBe(false);
      }),
    );
  });

  it.each(["\n", "\r\n", ": keep-alive", ": keep-alive\n", "data: hello", "data: 1\n"])(
    "is not: %j",
    (rest) => {
      expect(half(rest)).toBe(false);
    },
  );

  it.each(["d", "event: message_stop", "event: message_stop\n", "data:", "data: {", "data: [DON"])(
    "is: %j",
    (rest) => {
      expect(half(rest)).toBe(true);
    },
  );

  it("of an array is half an element, or a comma", () => {
    for (const rest of ["\n", ",\r\n", "]", " ]\n", ",["]) expect(halfElement(rest), rest).toBe(false);
    for (const rest of [",{", '{"a":1', ",\n{}"]) expect(halfElement(rest), rest).toBe(true);
  });
});

const stream = (protocol: Protocol, tail: string, more: object = {}) =>
  endOf({ protocol, tail, half: false, delimited: true, lenient: false, ...more });
const CUT: Readonly<Record<Protocol, string>> = {
  "openai-chat": STREAMS["openai-chat"].slice(0, -3).join(""),
  "openai-responses": STREAMS["openai-responses"].slice(0, -1).join(""),
  anthropic: STREAMS.anthropic.slice(0, -1).join(""),
  gemini: STREAMS.gemini.slice(0, -1).join(""),
};

describe("the end of a stream", () => {
  it.each(PROTOCOLS)("is whole behind its protocol's end, whatever the connection does: %s", (protocol) => {
    const tail = STREAMS[protocol].join("");
    for (const more of [{}, { half: true }, { delimited: false }, { lenient: true }]) {
      expect(stream(protocol, tail, more)).toBe("whole");
    }
  });

  it.each(PROTOCOLS)("is a cut before it, unless a server of one's own ends its framing: %s", (protocol) => {
    const tail = CUT[protocol];
    expect(stream(protocol, tail)).toBe("cut");
    expect(stream(protocol, tail, { lenient: true })).toBe("unsaid");
    expect(stream(protocol, tail, { lenient: true, half: true })).toBe("cut");
    expect(stream(protocol, tail, { lenient: true, delimited: false })).toBe("cut");
    expect(stream(protocol, "", { lenient: true, delimited: false })).toBe("cut");
  });

  it.each([
    ["openai-chat", STREAMS["openai-chat"].slice(0, -1).join("")],
    ["openai-chat", STREAMS["openai-chat"].slice(0, -2).join("")],
    ["openai-chat", 'data: {"choices":[{"index":0,"delta":{},"finish_reason": "stop"}]}'],
    ["gemini", 'data: {"candidates":[{"finishReason":"MAX_TOKENS"}]}\n\n'],
    ["gemini", 'data: {"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"}}\n\n'],
  ] as const)("is also where the reply says why it ended: %s %#", (protocol, tail) => {
    expect(stream(protocol, tail, { delimited: false })).toBe("whole");
  });

  it.each([
    ["openai-chat", 'data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}\n\n'],
    ["openai-chat", 'data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":""}]}\n\n'],
    ["gemini", 'data: {"candidates":[{"finishReason":"FINISH_REASON_UNSPECIFIED"}]}\n\n'],
    ["gemini", 'data: {"promptFeedback":{"blockReason":"BLOCK_REASON_UNSPECIFIED"}}\n\n'],
    ["gemini", `data: ${JSON.stringify({ text: '"finishReason":"STOP","blockReason":"OTHER"' })}\n\n`],
    ["openai-chat", `data: ${JSON.stringify({ text: '"finish_reason":"stop"' })}\n\n`],
  ] as const)("is not where it does not: %s %s", (protocol, tail) => {
    expect(stream(protocol, tail)).toBe("cut");
  });
});
