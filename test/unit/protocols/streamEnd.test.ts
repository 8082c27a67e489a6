import { describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import { isEnded, isFinished } from "../../../src/gateway/protocols/streamEnd.ts";
import { tailEvents } from "../../../src/gateway/protocols/tailEvents.ts";
import fc from "../../support/property.ts";
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

const candidate = (index: number, text: string, finishReason?: string) =>
  JSON.stringify({
    candidates: [{ index, content: { parts: [{ text }] }, finishReason }],
    usageMetadata: {},
  });
const choice = (index: number, content: string, finish_reason: string | null = null) =>
  JSON.stringify({ choices: [{ index, delta: { role: "assistant", content }, finish_reason }] });
const sse = (events: readonly string[]) => events.map((data) => `data: ${data}\n\n`).join("");

/** `unless`: only where the framing ended, and not the connection alone. */
const ENDS: readonly (readonly [string, Protocol, readonly string[], "whole" | "cut" | "unless"])[] = [
  ["a reason at the end", "gemini", [candidate(0, "a"), candidate(0, "b", "STOP")], "whole"],
  ["an empty chunk behind it", "gemini", [candidate(0, "a", "STOP"), candidate(0, "")], "whole"],
  ["a reason before the end", "gemini", [candidate(0, "a", "STOP"), candidate(0, "b")], "cut"],
  ["a reason with every chunk", "gemini", [candidate(0, "a", "STOP"), candidate(0, "b", "STOP")], "unless"],
  ["one candidate of two", "gemini", [candidate(0, "a", "STOP"), candidate(1, "b")], "cut"],
  ["both candidates", "gemini", [candidate(0, "a", "STOP"), candidate(1, "b", "STOP")], "whole"],
  ["a reason at the end", "openai-chat", [choice(0, "a"), choice(0, "", "stop"), choice(0, "")], "whole"],
  ["a reason before the end", "openai-chat", [choice(0, "a", "stop"), choice(0, "b")], "cut"],
  ["a reason with every chunk", "openai-chat", [choice(0, "a", "stop"), choice(0, "b", "stop")], "unless"],
  ["one choice of two", "openai-chat", [choice(0, "a", "stop"), choice(1, "b")], "cut"],
  ["both choices", "openai-chat", [choice(1, "b", "length"), choice(0, "a", "stop")], "whole"],
];

describe("a stream without a last event", () => {
  it.each(ENDS)("that has %s (%s)", (_name, protocol, events, end) => {
    const texts = [sse(events), `xx"}]}\r\n\r\n${sse(events).replaceAll("\n", "\r\n")}`];
    const array = `"a { quoted \\" brace"},\r\n${events.join("\n,\n")}`;
    for (const text of protocol === "gemini" ? [...texts, array, `${array}]`] : texts) {
      expect(isEnded(protocol, text, true), text).toBe(end !== "cut");
      expect(isEnded(protocol, text, false), text).toBe(end === "whole");
    }
  });

  it("ends with an event that is longer than what was kept of it", () => {
    expect(isEnded("gemini", 'xxx"}]},"finishReason":"STOP"}],"usageMetadata":{}}\n\n', false)).toBe(true);
    expect(isEnded("openai-chat", 'xxx"},"finish_reason":"stop"}]}\n\n', false)).toBe(true);
    const tools = 'xx"properties":{"usage":{"type":"object"}}}],"usage":null}}\n\n';
    expect(isEnded("openai-responses", tools, true)).toBe(false);
  });

  it("is read whatever stands in it", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 5 }), fc.nat(2000), (values, skip) => {
        const wrapped = values.map((value) => ({ value }));
        const list = `[${wrapped.map((value) => JSON.stringify(value)).join(",\n")}]`;
        const want = JSON.parse(JSON.stringify(wrapped)) as unknown[];
        expect(tailEvents(list)).toEqual(want);
        expect(tailEvents(sse(wrapped.map((value) => JSON.stringify(value))))).toEqual(want);
        // Of one that is cut, what is whole at its end.
        const rest = list.slice(Math.min(skip, list.length));
        const found = tailEvents(rest);
        expect(want.slice(want.length - found.length)).toEqual(found);
      }),
    );
  });
});
