import { describe, expect, it } from "vitest";
import type { ChatEvent, Tool } from "../../../../src/gateway/protocols/chat.ts";
import { codec } from "../../../../src/gateway/protocols/openaiChat/index.ts";
import { checkStream } from "../../../support/checkers/openaiChat.ts";
import {
  chatRequest,
  chunkOf,
  contractProblems,
  DONE,
  decodeStream,
  deltaOf,
  encodeStream,
  replyContext,
  told,
  wireEvents,
} from "./helpers.ts";

const stop = deltaOf({}, { finish_reason: "stop" });
const calls = (...tool_calls: object[]) => deltaOf({ tool_calls });

function decoded(...events: Parameters<typeof decodeStream>[0]): ChatEvent[] {
  const out = decodeStream(events);
  expect(contractProblems(out)).toEqual([]);
  return out;
}

describe("decoding a stream", () => {
  it("reads fragments of several calls at once, calls without arguments included", () => {
    const read = told(
      decoded(
        calls({ index: 0, id: "a", function: { name: "one", arguments: "" } }),
        calls(
          { index: 1, id: "b", function: { name: "two" } },
          { index: 2, id: "c", function: { name: "three" } },
        ),
        calls(
          { index: 1, function: { arguments: '{"x":' } },
          { index: 0, function: { arguments: '{"y":[' } },
        ),
        calls({ index: 0, function: { arguments: "1]}" } }, { index: 1, function: { arguments: "2}" } }),
        deltaOf({}, { finish_reason: "tool_calls" }),
        DONE,
      ),
    );
    expect(read.calls.map(({ callId, name, input }) => [callId, name, input])).toEqual([
      ["a", "one", '{"y":[1]}'],
      ["b", "two", '{"x":2}'],
      ["c", "three", "{}"],
    ]);
    expect(read.finish[0]).toBe("tool-calls");
  });

  it("tells a call that is complete when the next one begins", () => {
    const events = decoded(
      calls({ index: 0, id: "a", function: { name: "one", arguments: '{"s":"}\\""}' } }),
      calls({ index: 1, id: "b", function: { name: "two", arguments: "{}" } }),
      stop,
      DONE,
    );
    const kinds = events.map((event) => event.type).filter((type) => type.startsWith("tool-"));
    expect(kinds).toEqual(["tool-start", "tool-delta", "tool-end", "tool-start", "tool-delta", "tool-end"]);
  });

  it("reads calls without index, without id, with index 0 for all, and with a late name", () => {
    expect(
      told(
        decoded(
          calls({ id: "a", function: { name: "one", arguments: "{" } }),
          calls({ function: { arguments: "}" } }),
          stop,
          DONE,
        ),
      ).calls,
    ).toMatchObject([{ callId: "a", name: "one", input: "{}" }]);
    const made = told(
      decoded(calls({ index: 0, function: { name: "one", arguments: "{}" } }), stop, DONE),
    ).calls;
    expect(made).toMatchObject([{ callId: expect.stringMatching(/^call_[A-Za-z0-9]{20,24}$/) }]);
    const nameless = {
      data: '{"choices":[{"delta":{"tool_calls":[{"function":{"name":"one","arguments":"{}"}}]}}]}',
    };
    const [first, second] = [nameless, nameless].map((event) => told(decoded(event, DONE)).calls[0]?.callId);
    expect(first).not.toBe(second);
    expect(
      told(
        decoded(
          calls({ index: 0, id: "a", function: { name: "one", arguments: "{}" } }),
          calls({ index: 0, id: "b", function: { name: "two", arguments: "{}" } }),
          stop,
          DONE,
        ),
      ).calls,
    ).toMatchObject([{ callId: "a" }, { callId: "b" }]);
    expect(
      told(
        decoded(
          calls({ index: 0, id: "a", function: { arguments: '{"k"' } }),
          calls({ index: 0, function: { name: "n", arguments: ":1}" } }),
          stop,
          DONE,
        ),
      ).calls,
    ).toMatchObject([{ callId: "a", name: "n", input: '{"k":1}' }]);
    expect(
      told(decoded(calls({ index: 0, id: "a", function: { name: "n", arguments: { k: 1 } } }), stop, DONE))
        .calls,
    ).toMatchObject([{ input: '{"k":1}' }]);
  });

  it("ends with tool-calls when the provider says stop, or nothing, after a call", () => {
    const call = calls({ index: 0, id: "a", function: { name: "one", arguments: "{}" } });
    expect(told(decoded(deltaOf({ content: "hm" }), call, stop, DONE)).finish[0]).toBe("tool-calls");
    expect(told(decoded(call, DONE)).finish[0]).toBe("tool-calls");
    expect(told(decoded(deltaOf({ content: "hm" }), DONE)).finish[0]).toBe("stop");
  });

  it("keeps the last of repeated usages, wherever the provider puts them", () => {
    const usage = (n: number) => ({ prompt_tokens: n, completion_tokens: 1, total_tokens: n + 1 });
    const events = decoded(
      chunkOf({ index: 0, delta: { content: "a" } }, { usage: usage(1) }),
      chunkOf({ index: 0, delta: {}, finish_reason: "stop", usage: usage(7) }),
      DONE,
    );
    expect(events.filter((event) => event.type === "usage")).toHaveLength(1);
    expect(told(events).usage?.input.total).toBe(7);
    const groq = decoded(
      chunkOf({ index: 0, delta: { content: "a" }, finish_reason: "stop" }, { x_groq: { usage: usage(9) } }),
    );
    expect(told(groq).usage?.input.total).toBe(9);
  });

  it("accepts an end without [DONE], and reports a stream that was cut short", () => {
    expect(told(decoded(deltaOf({ content: "a" }), stop)).finish[0]).toBe("stop");
    const cut = told(
      decoded(
        deltaOf({ content: "a" }),
        calls({ index: 0, id: "a", function: { name: "n", arguments: '{"x' } }),
      ),
    );
    expect(cut.error).toEqual({ kind: "upstream", message: expect.stringContaining("broke off") });
    expect(cut.finish).toEqual({});
    expect(told(decoded()).error?.kind).toBe("upstream");
    expect(told(decoded(DONE)).error?.message).toContain("without a reply");
  });

  it("survives chatter, unknown fields, empty chunks, and events run into one", () => {
    const read = told(
      decoded(
        { data: "" },
        { data: "keep-alive" },
        { data: '{"choices":[],"id":"","model":"","prompt_filter_results":[{}]}' },
        { event: "ping", data: '{"choices":[]}' },
        { data: `${deltaOf({ content: "a" }).data}\n${deltaOf({ content: "b" }).data}` },
        deltaOf({ content: "c", brand_new: { x: 1 } }, { odd: true }),
        { data: `${stop.data}\n[DONE]` },
      ),
    );
    expect(read).toMatchObject({ texts: { 0: "abc" }, finish: { 0: "stop" } });
  });

  it("turns an error in the midst of a 200 into an error event of the right kind", () => {
    const error = (body: object) =>
      told(decoded(deltaOf({ content: "a" }), { data: JSON.stringify(body) }, stop, DONE)).error;
    expect(
      error({ error: { message: "Rate limit reached", type: "requests", code: "rate_limit_exceeded" } })
        ?.kind,
    ).toBe("rate_limit");
    expect(error({ error: { message: "Overloaded", code: 529 } })?.kind).toBe("overloaded");
    expect(
      error({
        id: "x",
        choices: [{ index: 0, delta: {}, finish_reason: "error", error: { code: 502, message: "bad" } }],
      })?.kind,
    ).toBe("upstream");
    expect(error({ object: "error", message: "no", code: 40003 })?.message).toBe("no");
    expect(told(decoded({ event: "error", data: "it broke" })).error?.message).toBe("it broke");
    expect(told(decoded({ data: '{"choices":[{"delta":{"content":"' })).error?.kind).toBe("upstream");
  });

  it("keeps OpenRouter's signed and encrypted reasoning as signatures", () => {
    const events = decoded(
      deltaOf({
        reasoning: "think",
        reasoning_details: [
          { type: "reasoning.text", text: "think", format: "anthropic-claude-v1", index: 0 },
        ],
      }),
      deltaOf({
        reasoning_details: [
          { type: "reasoning.text", signature: "sig", format: "anthropic-claude-v1", index: 0 },
        ],
      }),
      deltaOf({ reasoning_details: [{ type: "reasoning.encrypted", data: "blob", index: 1 }] }),
      deltaOf({ content: "done" }),
      stop,
      DONE,
    );
    expect(told(events)).toMatchObject({ reasoning: { 0: "think" }, texts: { 0: "done" } });
    const signatures = events.flatMap((event) => (event.type === "reasoning-end" ? [event.signature] : []));
    expect(signatures).toMatchObject([
      { protocol: "openai-chat", kind: "signature", data: expect.stringContaining('"sig"') },
      { protocol: "openai-chat", kind: "encrypted", data: expect.stringContaining('"blob"') },
    ]);
  });

  it("keeps Gemini's thought signatures", () => {
    const events = decoded(
      calls({
        index: 0,
        id: "a",
        function: { name: "n", arguments: "{}" },
        extra_content: { google: { thought_signature: "s" } },
      }),
      stop,
      DONE,
    );
    expect(events).toContainEqual({
      type: "tool-end",
      id: "p0",
      signature: { protocol: "gemini", kind: "signature", data: "s" },
    });
  });

  it("reads several choices, refusals, logprobs, annotations, images and sound", () => {
    const logprobs = { content: [{ token: "a", logprob: -1, bytes: [97], top_logprobs: [] }] };
    const events = decoded(
      deltaOf({ content: "a" }, { logprobs }),
      chunkOf({ index: 1, delta: { refusal: "no" } }),
      deltaOf({
        annotations: [
          {
            type: "url_citation",
            url_citation: { url: "https://x.test", title: "X", start_index: 0, end_index: 1 },
          },
        ],
      }),
      deltaOf({ images: [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }] }),
      deltaOf({ audio: { id: "aud", data: "AAA=", transcript: "h" } }),
      deltaOf({ audio: { data: "AAA=", transcript: "i" } }),
      stop,
      chunkOf({ index: 1, delta: {}, finish_reason: "length" }),
      DONE,
    );
    expect(told(events)).toMatchObject({
      texts: { 0: "a" },
      refusals: { 1: "no" },
      finish: { 0: "stop", 1: "length" },
    });
    expect(events).toContainEqual(
      expect.objectContaining({ type: "text-delta", logprobs: [{ token: "a", logprob: -1, bytes: [97] }] }),
    );
    expect(events.find((event) => event.type === "citation")).toMatchObject({
      citation: { url: "https://x.test", start: 0, end: 1 },
    });
    expect(events.filter((event) => event.type === "part")).toMatchObject([
      { part: { type: "image", source: { kind: "base64", mediaType: "image/png" } } },
      { part: { type: "audio", id: "aud", transcript: "hi", source: { data: "AAAAAA==" } } },
    ]);
  });

  it("gives functions back as the free-text tools the client declared", () => {
    const tools: Tool[] = [{ type: "custom", name: "patch" }];
    const events = decodeStream(
      [
        calls({ index: 0, id: "a", function: { name: "patch", arguments: '{"inp' } }),
        calls({ index: 0, function: { arguments: 'ut":"a\\nb"}' } }),
        stop,
        DONE,
      ],
      chatRequest({ tools }),
    );
    expect(told(events).calls).toMatchObject([{ kind: "custom", name: "patch", input: "a\nb" }]);
    const custom = decodeStream(
      [calls({ index: 0, id: "a", type: "custom", custom: { name: "patch", input: "a" } }), stop, DONE],
      chatRequest({ tools }),
    );
    expect(told(custom).calls).toMatchObject([{ kind: "custom", input: "a" }]);
  });
});

describe("encoding a stream", () => {
  const usage = {
    input: { total: 10, uncached: 6, cacheRead: 4, cacheWrite: 0 },
    output: { total: 5, reasoning: 2 },
  };
  const hello: ChatEvent[] = [
    { type: "start", id: "msg_1", model: "claude" },
    { type: "text-start", id: "t" },
    { type: "text-delta", id: "t", text: "hello" },
    { type: "text-end", id: "t" },
    { type: "usage", usage },
    { type: "finish", reason: "stop" },
  ];

  it("sends usage in a last chunk of its own, only when asked", () => {
    const asked = encodeStream(hello, replyContext({ includeUsage: true }));
    expect(checkStream(asked)).toEqual([]);
    expect(asked.at(-1)).toEqual(DONE);
    expect(JSON.parse(asked.at(-2)?.data ?? "")).toMatchObject({
      id: expect.stringMatching(/^chatcmpl-/),
      model: "asked-for",
      choices: [],
      usage: {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 15,
        prompt_tokens_details: { cached_tokens: 4 },
      },
    });
    const silent = encodeStream(hello);
    expect(checkStream(silent)).toEqual([]);
    expect(silent.map((event) => event.data).join()).not.toContain("usage");
  });

  it("interleaves calls by index and gives calls without arguments an empty object", () => {
    const events = encodeStream([
      { type: "start" },
      { type: "tool-start", id: "a", callId: "call_a", name: "one", kind: "function" },
      { type: "tool-start", id: "b", callId: "call_b", name: "two", kind: "custom" },
      { type: "tool-delta", id: "b", delta: "free" },
      { type: "tool-end", id: "a", signature: { protocol: "gemini", kind: "signature", data: "s" } },
      { type: "tool-end", id: "b" },
      { type: "finish", reason: "tool-calls" },
    ]);
    expect(checkStream(events)).toEqual([]);
    expect(told(decodeStream(events)).calls).toEqual([
      { choice: 0, callId: "call_a", name: "one", kind: "function", input: "{}" },
      { choice: 0, callId: "call_b", name: "two", kind: "custom", input: "free" },
    ]);
    expect(events.map((event) => event.data).join()).toContain(
      '"extra_content":{"google":{"thought_signature":"s"}}',
    );
  });

  it("signs a call on its first chunk where it can, and never without `function`", () => {
    const signature = { protocol: "gemini", kind: "signature", data: "s" } as const;
    const start = { type: "tool-start", callId: "call_a", name: "n", kind: "function" } as const;
    const events = encodeStream([
      { ...start, id: "early", signature },
      { type: "tool-delta", id: "early", delta: "{}" },
      { type: "tool-end", id: "early", signature },
      { ...start, id: "late", callId: "call_b" },
      { type: "tool-delta", id: "late", delta: "{}" },
      { type: "tool-end", id: "late", signature },
      { type: "finish", reason: "tool-calls" },
    ]);
    expect(checkStream(events)).toEqual([]);
    const chunks = events
      .slice(0, -1)
      .flatMap(({ data }) => JSON.parse(data).choices[0].delta.tool_calls ?? []);
    const extra_content = { google: { thought_signature: "s" } };
    expect(chunks).toEqual([
      { index: 0, id: "call_a", type: "function", function: { name: "n", arguments: "" }, extra_content },
      { index: 0, function: { arguments: "{}" } },
      { index: 1, id: "call_b", type: "function", function: { name: "n", arguments: "" } },
      { index: 1, function: { arguments: "{}" } },
      { index: 1, function: { arguments: "" }, extra_content },
    ]);
  });

  it("brings signatures to the client in fields that it sends back", () => {
    const events: ChatEvent[] = [
      { type: "reasoning-start", id: "r1" },
      { type: "reasoning-delta", id: "r1", text: "abc" },
      {
        type: "reasoning-end",
        id: "r1",
        signature: { protocol: "anthropic", kind: "signature", data: "SIG", model: "claude" },
      },
      { type: "reasoning-start", id: "r2", itemId: "rs_1" },
      {
        type: "reasoning-end",
        id: "r2",
        signature: { protocol: "openai-responses", kind: "encrypted", data: "ENC" },
      },
      { type: "tool-start", id: "c", callId: "call_c", name: "n", kind: "function" },
      {
        type: "tool-end",
        id: "c",
        signature: { protocol: "openai-responses", kind: "encrypted", data: "X" },
      },
      { type: "finish", reason: "tool-calls" },
    ];
    const wire = encodeStream(events);
    expect(checkStream(wire)).toEqual([]);
    // What a client that joins the deltas would send in the next turn.
    const message = {
      role: "assistant",
      content: null,
      reasoning_content: "",
      reasoning_details: [] as unknown[],
      tool_calls: [{ function: { name: "", arguments: "" } }],
    };
    for (const { data } of wire.slice(0, -1)) {
      const delta = JSON.parse(data).choices[0].delta;
      message.reasoning_content += delta.reasoning_content ?? "";
      message.reasoning_details.push(...(delta.reasoning_details ?? []));
      for (const call of delta.tool_calls ?? []) {
        const { function: piece, ...rest } = call;
        const whole = message.tool_calls[0];
        Object.assign(whole ?? {}, rest);
        if (whole === undefined) continue;
        whole.function.name += piece?.name ?? "";
        whole.function.arguments += piece?.arguments ?? "";
      }
    }
    const request = codec.decodeRequest(
      {
        model: "m",
        messages: [
          { role: "user", content: "x" },
          message,
          { role: "tool", tool_call_id: "call_c", content: "ok" },
        ],
      },
      { model: "", stream: false },
    );
    expect(request.messages[1]?.parts).toEqual([
      {
        type: "reasoning",
        text: "abc",
        signature: { protocol: "anthropic", kind: "signature", data: "SIG", model: "claude" },
      },
      {
        type: "reasoning",
        text: "",
        itemId: "rs_1",
        signature: { protocol: "openai-responses", kind: "encrypted", data: "ENC" },
      },
      {
        type: "tool-call",
        callId: "call_c",
        kind: "function",
        name: "n",
        input: "{}",
        signature: { protocol: "openai-responses", kind: "encrypted", data: "X" },
      },
    ]);
  });

  it("speaks function_call to clients of the deprecated functions", () => {
    const events = encodeStream(
      [
        { type: "tool-start", id: "a", callId: "a", name: "one", kind: "function" },
        { type: "tool-delta", id: "a", delta: '{"x":1}' },
        { type: "tool-end", id: "a" },
        { type: "finish", reason: "tool-calls" },
      ],
      replyContext({ legacyFunctions: true }),
    );
    expect(checkStream(events)).toEqual([]);
    expect(events.map((event) => event.data).join()).toMatch(
      /"function_call":\{"name":"one".*"finish_reason":"function_call"/,
    );
  });

  it("ends with an error, and nothing after it, when the reply breaks", () => {
    const broken = encodeStream([
      ...hello.slice(0, 3),
      { type: "error", error: { kind: "rate_limit", message: "slow down" } },
      ...hello,
    ]);
    expect(checkStream(broken)).toEqual([]);
    expect(JSON.parse(broken.at(-1)?.data ?? "")).toEqual({
      error: { message: "slow down", type: "rate_limit_error", param: null, code: "rate_limit_exceeded" },
    });
    expect(encodeStream(hello.slice(0, 3)).at(-1)?.data).toContain("broke off");
  });

  it("places citations in the whole text and shows images and sound", () => {
    const events = encodeStream([
      { type: "text-start", id: "a" },
      { type: "text-delta", id: "a", text: "12345" },
      { type: "text-end", id: "a" },
      { type: "text-start", id: "b" },
      { type: "text-delta", id: "b", text: "678" },
      { type: "citation", id: "b", citation: { kind: "url", url: "https://x.test", start: 1, end: 3 } },
      { type: "text-end", id: "b" },
      {
        type: "part",
        part: { type: "image", source: { kind: "base64", mediaType: "image/png", data: "AA==" } },
      },
      {
        type: "part",
        part: { type: "audio", source: { kind: "base64", mediaType: "audio/mpeg", data: "AA==" } },
      },
      { type: "finish", reason: "stop" },
    ]);
    expect(checkStream(events)).toEqual([]);
    const text = events.map((event) => event.data).join();
    expect(text).toContain('"start_index":6,"end_index":8');
    expect(text).toContain('"images":[');
    expect(text).toContain('"audio":{');
  });

  it("keeps a silent stream alive with a comment", () => {
    expect(codec.heartbeat("sse")).toMatch(/^:.*\n\n$/);
    expect(wireEvents("data: 1\n\n")).toEqual([{ data: "1" }]);
  });
});
