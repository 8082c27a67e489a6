import { describe, expect, it } from "vitest";
import { codec } from "../../../../src/gateway/protocols/anthropic/index.ts";
import type { ChatEvent } from "../../../../src/gateway/protocols/chat.ts";
import { checkStream } from "../../../support/checkers/anthropic.ts";
import { decodeStream, encodeStream, replyContext, request, summarize, wire } from "./helpers.ts";

const start = wire({
  type: "message_start",
  message: { id: "msg_1", model: "claude-x", content: [], usage: { input_tokens: 3, output_tokens: 1 } },
});
const block = (index: number, content_block: unknown) =>
  wire({ type: "content_block_start", index, content_block });
const delta = (index: number, value: unknown) => wire({ type: "content_block_delta", index, delta: value });
const stop = (index: number) => wire({ type: "content_block_stop", index });
const done = (stop_reason: string, usage: unknown = { output_tokens: 9 }) => [
  wire({ type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage }),
  wire({ type: "message_stop" }),
];
const text = (index: number, words: string) => [
  block(index, { type: "text", text: "" }),
  delta(index, { type: "text_delta", text: words }),
  stop(index),
];
const types = (events: ChatEvent[]) => events.map((event) => event.type);

describe("decoding a stream", () => {
  it("reads text, usage and the end", () => {
    const events = decodeStream([
      start,
      { event: "ping", data: '{"type":"ping"}' },
      ...text(0, "pong"),
      ...done("end_turn", { input_tokens: 61, cache_read_input_tokens: 4, output_tokens: 2 }),
    ]);
    expect(types(events)).toEqual(["start", "text-start", "text-delta", "text-end", "finish", "usage"]);
    expect(events.at(-1)).toEqual({
      type: "usage",
      usage: {
        input: { total: 65, uncached: 61, cacheRead: 4, cacheWrite: 0 },
        output: { total: 2, reasoning: 0 },
      },
    });
  });

  it("keeps interleaved tool calls apart, one of them without arguments", () => {
    const events = decodeStream([
      start,
      block(0, { type: "tool_use", id: "toolu_a", name: "read", input: {} }),
      block(1, { type: "tool_use", id: "toolu_b", name: "now", input: {} }),
      block(2, { type: "tool_use", id: "toolu_c", name: "given", input: { x: 1 } }),
      delta(0, { type: "input_json_delta", partial_json: '{"pa' }),
      delta(1, { type: "input_json_delta", partial_json: "" }),
      delta(0, { type: "input_json_delta", partial_json: 'th":"a"}' }),
      stop(1),
      stop(0),
      stop(2),
      ...done("tool_use"),
    ]);
    const summary = summarize(events);
    expect(summary.calls).toEqual([
      { id: "toolu_a", name: "read", input: '{"path":"a"}' },
      { id: "toolu_b", name: "now", input: "{}" },
      { id: "toolu_c", name: "given", input: '{"x":1}' },
    ]);
    expect(summary.finish).toBe("tool-calls");
    expect(checkStream(encodeStream(events))).toEqual([]);
  });

  it("keeps signatures and redacted thinking", () => {
    const { reasoning } = summarize(
      decodeStream([
        start,
        block(0, { type: "thinking", thinking: "", signature: "" }),
        delta(0, { type: "thinking_delta", thinking: "hm" }),
        delta(0, { type: "signature_delta", signature: "SIG" }),
        stop(0),
        block(1, { type: "redacted_thinking", data: "RED" }),
        stop(1),
        ...done("end_turn"),
      ]),
    );
    expect(reasoning).toEqual([
      { text: "hm", signature: "SIG" },
      { text: "", signature: "RED" },
    ]);
  });

  it("names the model that a signature is good for", () => {
    const events = decodeStream([
      start,
      block(0, { type: "redacted_thinking", data: "R" }),
      stop(0),
      ...done("end_turn"),
    ]);
    const end = events.find((event) => event.type === "reasoning-end");
    expect(end).toMatchObject({
      signature: { protocol: "anthropic", kind: "redacted", model: request().model },
    });
  });

  it("ignores a repeated message_start and a repeated block start", () => {
    const events = decodeStream([
      start,
      start,
      block(0, { type: "text", text: "" }),
      block(0, { type: "text", text: "" }),
      delta(0, { type: "text_delta", text: "a" }),
      stop(0),
      ...done("end_turn"),
    ]);
    expect(types(events)).toEqual(["start", "text-start", "text-delta", "text-end", "finish", "usage"]);
  });

  it("closes what is open where terminators are missing", () => {
    const events = decodeStream([
      start,
      block(0, { type: "text", text: "" }),
      delta(0, { type: "text_delta", text: "a" }),
      wire({ type: "message_delta", delta: { stop_reason: "max_tokens" }, usage: { output_tokens: 1 } }),
    ]);
    expect(types(events)).toEqual(["start", "text-start", "text-delta", "text-end", "finish", "usage"]);
    expect(summarize(events).finish).toBe("length");
  });

  it("reads deltas without a block start, and a stream that ends in [DONE]", () => {
    const events = decodeStream([delta(0, { type: "text_delta", text: "a" }), { data: "[DONE]" }]);
    expect(types(events)).toEqual(["start", "text-start", "text-delta", "text-end", "finish"]);
  });

  it("says that a stream was cut", () => {
    const events = decodeStream([start, block(0, { type: "text", text: "half" })]);
    expect(types(events)).toEqual(["start", "text-start", "text-delta", "text-end", "error"]);
    expect(decodeStream([])).toMatchObject([{ type: "error", error: { kind: "upstream" } }]);
  });

  it.each([
    ["overloaded_error", "overloaded"],
    ["api_error", "upstream"],
    ["rate_limit_error", "rate_limit"],
    ["invalid_request_error", "invalid_request"],
  ])("an %s event in the midst of a 200 is %s", (type, kind) => {
    const events = decodeStream([
      start,
      block(0, { type: "text", text: "" }),
      wire({ type: "error", error: { type, message: "Something" } }),
      ...text(1, "never"),
    ]);
    expect(events.at(-1)).toMatchObject({ type: "error", error: { kind, message: "Something" } });
    expect(summarize(events).text).toBe("");
  });

  it("passes unknown blocks on whole, ignores unknown events and noise", () => {
    const events = decodeStream([
      start,
      wire({ type: "of_tomorrow", x: 1 }),
      { data: "not json" },
      block(0, { type: "of_tomorrow", body: "a" }),
      delta(0, { type: "of_tomorrow_delta", body: "b", more: 1 }),
      stop(0),
      ...done("end_turn"),
    ]);
    expect(summarize(events).parts).toEqual([
      { type: "provider", protocol: "anthropic", raw: { type: "of_tomorrow", body: "ab", more: 1 } },
    ]);
    expect(summarize(events).finish).toBe("stop");
  });

  it("puts the input of a provider-run tool together", () => {
    const [part] = summarize(
      decodeStream([
        start,
        block(0, { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} }),
        delta(0, { type: "input_json_delta", partial_json: '{"query":' }),
        delta(0, { type: "input_json_delta", partial_json: '"x"}' }),
        stop(0),
        ...done("pause_turn"),
      ]),
    ).parts;
    expect(part).toMatchObject({ type: "provider-tool", phase: "call", raw: { input: { query: "x" } } });
  });

  it("gives custom and client tools back as what the client declared", () => {
    const chat = request({
      tools: [
        { type: "custom", name: "patch" },
        { type: "function", name: "do.it", namespace: "ns" },
      ],
    });
    const events = decodeStream(
      [
        start,
        block(0, { type: "tool_use", id: "t1", name: "patch", input: {} }),
        delta(0, { type: "input_json_delta", partial_json: '{"input":"a\\n' }),
        delta(0, { type: "input_json_delta", partial_json: 'b"}' }),
        stop(0),
        ...done("tool_use"),
      ],
      chat,
    );
    expect(events[1]).toMatchObject({ type: "tool-start", kind: "custom", name: "patch" });
    expect(summarize(events).calls[0]?.input).toBe("a\nb");
  });
});

const usage = {
  input: { total: 15, uncached: 10, cacheRead: 3, cacheWrite: 2 },
  output: { total: 7, reasoning: 4 },
};

describe("encoding a stream", () => {
  it("sends the full sequence of a reply", () => {
    const events = encodeStream([
      { type: "start", id: "chatcmpl-1" },
      { type: "reasoning-start", id: "r" },
      { type: "reasoning-delta", id: "r", text: "hm" },
      {
        type: "reasoning-end",
        id: "r",
        signature: { protocol: "anthropic", kind: "signature", data: "SIG" },
      },
      { type: "text-start", id: "t" },
      { type: "text-delta", id: "t", text: "yes" },
      { type: "text-end", id: "t" },
      { type: "finish", reason: "stop", stopSequence: "END" },
      { type: "usage", usage },
    ]);
    expect(checkStream(events)).toEqual([]);
    expect(events.map((event) => event.event)).toEqual([
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_delta",
      "content_block_stop",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    expect(JSON.parse(events[3]?.data ?? "")).toMatchObject({
      delta: { type: "signature_delta", signature: "SIG" },
    });
    expect(JSON.parse(events[8]?.data ?? "")).toMatchObject({
      delta: { stop_reason: "stop_sequence", stop_sequence: "END" },
      usage: {
        input_tokens: 10,
        cache_read_input_tokens: 3,
        cache_creation_input_tokens: 2,
        output_tokens: 7,
        output_tokens_details: { thinking_tokens: 4 },
      },
    });
  });

  it("orders interleaved parts, and sends the first at once", () => {
    const encoder = codec.streamEncoder(replyContext());
    encoder.push({ type: "start" });
    expect(
      encoder.push({ type: "tool-start", id: "a", callId: "call_a", name: "f", kind: "function" }),
    ).toContain('"call_a"');
    expect(encoder.push({ type: "tool-start", id: "b", callId: "call_b", name: "g", kind: "function" })).toBe(
      "",
    );
    expect(encoder.push({ type: "tool-delta", id: "b", delta: '{"b":' })).toBe("");
    expect(encoder.push({ type: "tool-delta", id: "a", delta: "{}" })).toContain('"partial_json":"{}"');
    expect(encoder.push({ type: "tool-delta", id: "b", delta: "1}" })).toBe("");
    expect(encoder.push({ type: "tool-end", id: "b" })).toBe("");
    const rest = encoder.push({ type: "tool-end", id: "a" });
    expect(rest).toContain('"call_b"');
    expect(rest).toContain('{\\"b\\":');
    encoder.push({ type: "finish", reason: "stop" });
    expect(encoder.end()).toContain('"stop_reason":"tool_use"');
  });

  it("carries another provider's signature in a field that the client replays", () => {
    const events = encodeStream([
      { type: "start" },
      { type: "reasoning-start", id: "r", itemId: "rs_1", summary: true },
      {
        type: "reasoning-end",
        id: "r",
        signature: { protocol: "openai-responses", kind: "encrypted", data: "gAAA", model: "gpt-5" },
      },
      { type: "text-start", id: "t" },
      { type: "text-delta", id: "t", text: "ok" },
      { type: "text-end", id: "t" },
      { type: "finish", reason: "stop" },
    ]);
    expect(checkStream(events)).toEqual([]);
    const block = JSON.parse(events[1]?.data ?? "").content_block;
    expect(block.type).toBe("redacted_thinking");
    const again = codec.decodeRequest(
      {
        model: "m",
        max_tokens: 1,
        messages: [
          { role: "user", content: "q" },
          { role: "assistant", content: [block, { type: "text", text: "ok" }] },
        ],
      },
      { model: "", stream: false },
    );
    expect(again.messages[1]?.parts[0]).toEqual({
      type: "reasoning",
      text: "",
      itemId: "rs_1",
      summary: true,
      signature: { protocol: "openai-responses", kind: "encrypted", data: "gAAA", model: "gpt-5" },
    });
  });

  it("shows no empty blocks", () => {
    const events = encodeStream([
      { type: "start" },
      { type: "text-start", id: "t" },
      { type: "text-end", id: "t" },
      { type: "reasoning-start", id: "r" },
      { type: "reasoning-end", id: "r" },
      { type: "finish", reason: "stop" },
    ]);
    expect(events.map((event) => event.event)).toEqual(["message_start", "message_delta", "message_stop"]);
  });

  it("ends with an error event in the midst of a block, and says nothing more", () => {
    const encoder = codec.streamEncoder(replyContext());
    encoder.push({ type: "start" });
    encoder.push({ type: "text-start", id: "t" });
    const error = encoder.push({ type: "error", error: { kind: "overloaded", message: "busy" } });
    expect(error).toMatch(/^event: error\ndata: \{"type":"error","error":\{"type":"overloaded_error"/);
    expect(encoder.push({ type: "text-delta", id: "t", text: "x" })).toBe("");
    expect(encoder.end()).toBe("");
  });

  it("does not pretend that a stream without an end was whole", () => {
    const events = encodeStream([{ type: "start" }, { type: "text-start", id: "t" }]);
    expect(events.at(-1)?.event).toBe("error");
  });

  it("warns about what it cannot show: other choices, log probabilities, images", () => {
    const context = replyContext();
    const events = encodeStream(
      [
        { type: "start" },
        { type: "text-start", id: "t" },
        { type: "text-delta", id: "t", text: "x", logprobs: [{ token: "x", logprob: 0 }] },
        { type: "text-end", id: "t" },
        { type: "text-start", id: "u", choice: 1 },
        { type: "text-delta", id: "u", text: "other" },
        { type: "text-end", id: "u" },
        { type: "finish", reason: "stop", choice: 1 },
        {
          type: "part",
          part: { type: "image", source: { kind: "base64", mediaType: "image/png", data: "AA" } },
        },
        { type: "finish", reason: "stop" },
      ],
      context,
    );
    expect(checkStream(events)).toEqual([]);
    expect(context.warnings.map((warning) => warning.feature).sort()).toEqual(["image", "logprobs", "n"]);
  });

  it("has a heartbeat", () => {
    expect(codec.heartbeat("sse")).toBe('event: ping\ndata: {"type":"ping"}\n\n');
  });
});
