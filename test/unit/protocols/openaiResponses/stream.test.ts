import { accumulateResponse } from "openai/lib/responses/ResponseAccumulator";
import { describe, expect, it } from "vitest";
import { PorticoError } from "../../../../src/gateway/common/errors.ts";
import { fieldsOf } from "../../../../src/gateway/common/json.ts";
import type { ChatEvent, ChatRequest, Usage, Warning } from "../../../../src/gateway/protocols/chat.ts";
import type { WireEvent } from "../../../../src/gateway/protocols/codec.ts";
import { codec } from "../../../../src/gateway/protocols/openaiResponses/index.ts";
import { checkReply, checkStream } from "../../../support/checkers/openaiResponses.ts";
import fc from "../../../support/property.ts";
import {
  decodeEvents,
  EMPTY,
  encodeEvents,
  eventProblems,
  parseSse,
  replyContext,
  summarize,
} from "./helpers.ts";

const usage: Usage = {
  input: { total: 100, uncached: 50, cacheRead: 40, cacheWrite: 10 },
  output: { total: 20, reasoning: 5 },
};
const finish: ChatEvent = { type: "finish", reason: "stop" };
const wire = (...events: Record<string, unknown>[]): WireEvent[] =>
  events.map((event) => ({ data: JSON.stringify(event) }));
const created = { type: "response.created", response: { id: "resp_1", model: "gpt", created_at: 5 } };
const dataOf = (events: readonly WireEvent[]): Record<string, unknown>[] =>
  events.map((event) => JSON.parse(event.data));

function accumulated(events: readonly WireEvent[]) {
  let snapshot: ReturnType<typeof accumulateResponse> | undefined;
  for (const event of events) snapshot = accumulateResponse(JSON.parse(event.data), snapshot);
  return snapshot;
}

describe("streamEncoder", () => {
  it("sends the whole sequence of a text with reasoning, citation and call", () => {
    const events = encodeEvents([
      { type: "start", id: "msg_x", model: "claude" },
      { type: "reasoning-start", id: "r" },
      { type: "reasoning-delta", id: "r", text: "Hm" },
      {
        type: "reasoning-end",
        id: "r",
        signature: { protocol: "anthropic", kind: "signature", data: "sig" },
      },
      { type: "text-start", id: "t" },
      { type: "text-delta", id: "t", text: "Hi", logprobs: [{ token: "Hi", logprob: -0.1 }] },
      {
        type: "citation",
        id: "t",
        citation: { kind: "url", url: "https://x", title: "X", start: 0, end: 2 },
      },
      { type: "text-end", id: "t" },
      { type: "tool-start", id: "c", callId: "call_1", name: "f", kind: "function" },
      { type: "tool-end", id: "c" },
      { type: "usage", usage },
      { type: "finish", reason: "tool-calls" },
    ]);
    expect(checkStream(events)).toEqual([]);
    expect(events.map((event) => event.event)).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.reasoning_summary_part.added",
      "response.reasoning_summary_text.delta",
      "response.reasoning_summary_text.done",
      "response.reasoning_summary_part.done",
      "response.output_item.done",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.annotation.added",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.output_item.added",
      "response.function_call_arguments.delta",
      "response.function_call_arguments.done",
      "response.output_item.done",
      "response.completed",
    ]);
    const response = dataOf(events).at(-1)?.response as Record<string, unknown>;
    expect(response.model).toBe("shown-model");
    expect(response.usage).toEqual({
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 40, cache_write_tokens: 10 },
      output_tokens: 20,
      output_tokens_details: { reasoning_tokens: 5 },
      total_tokens: 120,
    });
    expect(response.output).toMatchObject([
      { type: "reasoning", encrypted_content: "portico.1.anthropic.signature...sig" },
      { type: "message", content: [{ text: "Hi", annotations: [{ type: "url_citation" }] }] },
      { type: "function_call", arguments: "{}", call_id: "call_1" },
    ]);
    const snapshot = accumulated(events);
    expect(snapshot?.output_text).toBe("Hi");
  });

  it("echoes the request", () => {
    const request = codec.decodeRequest(
      {
        model: "m",
        input: "x",
        instructions: "Be kind.",
        tools: [{ type: "function", name: "f", parameters: null, strict: true }, { type: "local_shell" }],
        tool_choice: { type: "function", name: "f" },
        temperature: 0.3,
        reasoning: { effort: "low", summary: "auto" },
        text: { format: { type: "json_object" }, verbosity: "low" },
        metadata: { a: "b" },
        store: false,
        previous_response_id: "resp_0",
        truncation: "auto",
      },
      { model: "m", stream: true },
    );
    expect(
      codec.encodeReply({ choices: [{ parts: [], finish: { reason: "stop" } }] }, replyContext(request)),
    ).toMatchObject({
      instructions: "Be kind.",
      tools: [{ type: "function", name: "f", parameters: null, strict: true }, { type: "local_shell" }],
      tool_choice: { type: "function", name: "f" },
      temperature: 0.3,
      reasoning: { effort: "low", summary: "auto" },
      text: { format: { type: "json_object" }, verbosity: "low" },
      metadata: { a: "b" },
      store: false,
      previous_response_id: "resp_0",
      truncation: "auto",
      status: "completed",
    });
  });

  it("shows the tools of the client's own kinds", () => {
    const start = { type: "tool-start", kind: "function" } as const;
    const events = encodeEvents([
      { type: "start" },
      { ...start, id: "a", callId: "c1", name: "local_shell", clientTool: "local_shell" },
      { type: "tool-delta", id: "a", delta: '{"command":"ls -l",' },
      { ...start, id: "b", callId: "c2", name: "apply_patch", clientTool: "apply_patch" },
      { type: "tool-delta", id: "b", delta: '{"type":"delete_file","path":"x"}' },
      { type: "tool-delta", id: "a", delta: '"timeout_ms":5}' },
      { type: "tool-end", id: "a" },
      { type: "tool-end", id: "b" },
      { type: "tool-start", id: "d", callId: "c3", name: "apply_patch", kind: "custom" },
      { type: "tool-delta", id: "d", delta: "*** Begin" },
      { type: "tool-end", id: "d" },
      { ...start, id: "e", callId: "c4", name: "search", namespace: "mcp" },
      { type: "tool-end", id: "e" },
      { ...start, id: "f", callId: "c5", name: "tool_search", clientTool: "tool_search" },
      { type: "tool-delta", id: "f", delta: '{"query":"mail"}' },
      { type: "tool-end", id: "f" },
      finish,
    ]);
    expect(checkStream(events)).toEqual([]);
    expect(fieldsOf(dataOf(events).at(-1)?.response).output).toMatchObject([
      {
        type: "local_shell_call",
        call_id: "c1",
        action: { type: "exec", command: ["bash", "-lc", "ls -l"], timeout_ms: 5, env: {} },
      },
      { type: "apply_patch_call", call_id: "c2", operation: { type: "delete_file", path: "x" } },
      { type: "custom_tool_call", call_id: "c3", input: "*** Begin" },
      { type: "function_call", call_id: "c4", name: "search", namespace: "mcp" },
      { type: "tool_search_call", call_id: "c5", execution: "client", arguments: { query: "mail" } },
    ]);
  });

  it("carries signatures of calls and texts behind them", () => {
    const signature = { protocol: "gemini", kind: "signature", data: "S" } as const;
    const events = encodeEvents([
      { type: "start" },
      { type: "text-start", id: "t" },
      { type: "text-delta", id: "t", text: "Hi" },
      { type: "text-end", id: "t", signature },
      { type: "tool-start", id: "c", callId: "c1", name: "f", kind: "function" },
      { type: "tool-end", id: "c", signature },
      finish,
    ]);
    expect(checkStream(events)).toEqual([]);
    const response = dataOf(events).at(-1)?.response as { output: unknown[] };
    const next = codec.decodeRequest(
      {
        model: "m",
        input: [...response.output, { type: "function_call_output", call_id: "c1", output: "x" }],
      },
      { model: "m", stream: false },
    );
    expect(next.messages[0]?.parts).toMatchObject([
      { type: "text", text: "Hi", signature },
      { type: "tool-call", callId: "c1", signature },
    ]);
  });

  it("shows images, searches and own items; warns about the rest", () => {
    const warnings: Warning[] = [];
    const own = { type: "file_search_call", id: "fs_1", status: "completed", queries: ["q"] };
    const events = encodeEvents(
      [
        { type: "start" },
        {
          type: "part",
          part: { type: "image", source: { kind: "base64", mediaType: "image/jpeg", data: "AAAA" } },
        },
        { type: "part", part: { type: "image", source: { kind: "url", url: "https://x/y.png" } } },
        {
          type: "part",
          part: {
            type: "provider-tool",
            protocol: "anthropic",
            phase: "call",
            tool: "web_search",
            id: "srv",
            input: '{"query":"q"}',
            raw: {},
          },
        },
        {
          type: "part",
          part: {
            type: "provider-tool",
            protocol: "anthropic",
            phase: "result",
            tool: "web_search",
            id: "srv",
            raw: {},
          },
        },
        {
          type: "part",
          part: {
            type: "provider-tool",
            protocol: "openai-responses",
            phase: "both",
            tool: "file_search",
            id: "fs_1",
            raw: own,
          },
        },
        { type: "part", part: { type: "provider", protocol: "gemini", raw: {} } },
        {
          type: "part",
          part: {
            type: "audio",
            source: { kind: "base64", mediaType: "audio/wav", data: "A" },
            transcript: "said",
          },
        },
        finish,
      ],
      replyContext(EMPTY, warnings),
    );
    expect(checkStream(events)).toEqual([]);
    expect(accumulated(events)?.output.map((item) => item.type)).toEqual([
      "image_generation_call",
      "message",
      "web_search_call",
      "file_search_call",
      "message",
    ]);
    expect(warnings.map((warning) => warning.feature)).toEqual(["content", "audio"]);
  });

  it("ends with the provider's error in both forms, and gives the failed response", () => {
    const encoder = codec.streamEncoder(replyContext());
    const text =
      encoder.push({ type: "start" }) +
      encoder.push({ type: "text-start", id: "t" }) +
      encoder.push({ type: "text-delta", id: "t", text: "Hal" }) +
      encoder.push({ type: "error", error: { kind: "rate_limit", message: "Slow down." } }) +
      encoder.push(finish) +
      encoder.end();
    const events = parseSse(text);
    expect(checkStream(events)).toEqual([]);
    expect(events.slice(-2).map((event) => event.event)).toEqual(["error", "response.failed"]);
    expect(encoder.response()).toMatchObject({
      status: "failed",
      error: { code: "rate_limit_exceeded" },
      output: [{ type: "message" }],
    });
  });

  it("says why it is incomplete", () => {
    const statuses = (["length", "content-filter", "context-window", "refusal", "pause"] as const).map(
      (reason) => {
        const last = dataOf(encodeEvents([{ type: "start" }, { type: "finish", reason }])).at(-1);
        const response = (last?.response ?? {}) as { incomplete_details?: unknown };
        return [last?.type, response.incomplete_details];
      },
    );
    expect(statuses).toEqual([
      ["response.incomplete", { reason: "max_output_tokens" }],
      ["response.incomplete", { reason: "content_filter" }],
      ["response.incomplete", { reason: "max_output_tokens" }],
      ["response.incomplete", { reason: "content_filter" }],
      ["response.completed", null],
    ]);
  });

  it("is complete where the refusal is there to read", () => {
    const refused = dataOf(
      encodeEvents([
        { type: "start" },
        { type: "text-start", id: "t", refusal: true },
        { type: "text-delta", id: "t", text: "No." },
        { type: "text-end", id: "t" },
        { type: "finish", reason: "refusal" },
      ]),
    ).at(-1);
    expect(refused).toMatchObject({ type: "response.completed", response: { incomplete_details: null } });
  });

  it("takes the last word on usage, not the first", () => {
    const counts = (input: number, output: number) => ({
      input: { total: input, uncached: input, cacheRead: 0, cacheWrite: 0 },
      output: { total: output, reasoning: 0 },
    });
    const start: ChatEvent = { type: "start", usage: counts(7, 0) };
    const finish: ChatEvent = { type: "finish", reason: "stop" };
    const early = dataOf(encodeEvents([start, finish])).at(-1);
    expect(early).toMatchObject({ response: { usage: { input_tokens: 7, output_tokens: 0 } } });
    const late = dataOf(encodeEvents([start, finish, { type: "usage", usage: counts(9, 5) }])).at(-1);
    expect(late).toMatchObject({ response: { usage: { input_tokens: 9, output_tokens: 5 } } });
  });

  it("closes text that came under the index of a call", () => {
    const events = decodeEvents([
      {
        data: JSON.stringify({
          type: "response.output_text.annotation.added",
          output_index: 2,
          annotation: {},
        }),
      },
      {
        data: JSON.stringify({
          type: "response.output_item.done",
          output_index: 2,
          item: { type: "function_call" },
        }),
      },
    ]);
    expect(eventProblems(events)).toEqual([]);
  });
});

type Block = {
  kind: "text" | "refusal" | "reasoning" | "function" | "custom";
  pieces: string[];
  signature: boolean;
};

/** Arbitrary streams: blocks cut into pieces, interleaved. */
const block: fc.Arbitrary<Block> = fc.record({
  kind: fc.constantFrom("text", "refusal", "reasoning", "function", "custom"),
  pieces: fc.array(fc.string({ minLength: 1, maxLength: 6 }), { maxLength: 4 }),
  signature: fc.boolean(),
});

function eventsOf(item: Block, index: number): ChatEvent[] {
  const id = `b${index}`;
  const signature = item.signature
    ? { signature: { protocol: "gemini" as const, kind: "signature" as const, data: `d${index}` } }
    : {};
  switch (item.kind) {
    case "text":
    case "refusal":
      return [
        { type: "text-start", id, ...(item.kind === "refusal" ? { refusal: true as const } : {}) },
        ...item.pieces.map((text): ChatEvent => ({ type: "text-delta", id, text })),
        { type: "text-end", id, ...(item.kind === "text" ? signature : {}) },
      ];
    case "reasoning":
      return [
        { type: "reasoning-start", id },
        ...item.pieces.map((text): ChatEvent => ({ type: "reasoning-delta", id, text })),
        { type: "reasoning-end", id, ...signature },
      ];
    default: {
      const whole = item.kind === "custom" ? item.pieces.join("") : JSON.stringify({ a: item.pieces });
      const cut = Math.floor(whole.length / 2);
      return [
        { type: "tool-start", id, callId: `call_${index}`, name: "f", kind: item.kind },
        { type: "tool-delta", id, delta: whole.slice(0, cut) },
        { type: "tool-delta", id, delta: whole.slice(cut) },
        { type: "tool-end", id, ...signature },
      ];
    }
  }
}

/** Takes from the lists in the order the picks say; order within a list is kept. */
function interleave(lists: ChatEvent[][], picks: readonly number[]): ChatEvent[] {
  const left = lists.map((list) => [...list]).filter((list) => list.length);
  const out: ChatEvent[] = [];
  for (let step = 0; left.length; step++) {
    const at = (picks[step % Math.max(1, picks.length)] ?? 0) % left.length;
    const next = left[at]?.shift();
    if (next) out.push(next);
    if (left[at]?.length === 0) left.splice(at, 1);
  }
  return out;
}

describe("arbitrary streams", () => {
  it("are accepted by a strict reader and by the SDK, and mean the same again", () => {
    fc.assert(
      fc.property(
        fc.array(block, { maxLength: 6 }),
        fc.array(fc.nat(5), { maxLength: 8 }),
        fc.constantFrom("stop", "length", "tool-calls", "content-filter") as fc.Arbitrary<"stop">,
        fc.boolean(),
        (blocks, picks, reason, usageFirst) => {
          const body = interleave(blocks.map(eventsOf), picks);
          const tail: ChatEvent[] = [
            { type: "usage", usage },
            { type: "finish", reason },
          ];
          const source: ChatEvent[] = [{ type: "start" }, ...body, ...(usageFirst ? tail : tail.reverse())];
          const events = encodeEvents(source);
          expect(checkStream(events)).toEqual([]);
          const snapshot = accumulated(events);
          expect(checkReply(snapshot)).toEqual([]);
          const request: ChatRequest = { ...EMPTY, tools: [] };
          const again = decodeEvents(events, request);
          expect(eventProblems(again)).toEqual([]);
          const [before, after] = [summarize(source), summarize(again)];
          const calls = blocks.some((item) => item.kind === "function" || item.kind === "custom");
          const refusal = blocks.some((item) => item.kind === "refusal");
          const plain = reason === "stop" || (reason as string) === "tool-calls";
          const expected = plain ? (calls ? "tool-calls" : refusal ? "refusal" : "stop") : reason;
          expect(after.finish).toBe(expected);
          expect(after.usage).toEqual(usage);
          const sorted = (text: string) => [...text].sort().join("");
          expect(sorted(after.text)).toBe(sorted(before.text));
          expect(sorted(after.reasoning)).toBe(sorted(before.reasoning));
          expect(sorted(after.refusal)).toBe(sorted(before.refusal));
          expect(after.calls).toEqual(before.calls);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("throw nothing but PorticoError, whatever arrives", () => {
    const type = fc.constantFrom(
      ...[
        "response.created",
        "response.output_item.added",
        "response.output_item.done",
        "response.content_part.added",
      ],
      ...["response.output_text.delta", "response.output_text.done", "response.content_part.done", "error"],
      ...[
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.completed",
      ],
      ...[
        "response.reasoning_summary_text.delta",
        "response.output_text.annotation.added",
        "response.failed",
        "x",
      ],
    );
    const item = fc.record(
      {
        type: fc.constantFrom(
          "message",
          "reasoning",
          "function_call",
          "custom_tool_call",
          "web_search_call",
          "shell_call",
          "odd",
        ),
        id: fc.jsonValue(),
        content: fc.jsonValue(),
        arguments: fc.jsonValue(),
        summary: fc.jsonValue(),
        name: fc.jsonValue(),
        encrypted_content: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const event = fc.record(
      {
        type,
        item,
        part: fc.jsonValue(),
        delta: fc.jsonValue(),
        text: fc.jsonValue(),
        output_index: fc.nat(2),
        content_index: fc.nat(1),
        item_id: fc.jsonValue(),
        annotation: fc.jsonValue(),
        response: fc.jsonValue(),
        error: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(event, fc.jsonValue()), { maxLength: 12 }), (list) => {
        const events = decodeEvents(list.map((data) => ({ data: JSON.stringify(data) ?? "" })));
        expect(eventProblems(events)).toEqual([]);
        expect(
          checkStream(encodeEvents(events)).filter(
            (problem) => !/arguments are|text|object|name/.test(problem),
          ),
        ).toEqual([]);
      }),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc.record({
            output: fc.array(fc.oneof(item, fc.jsonValue())),
            status: fc.string(),
            error: fc.jsonValue(),
            usage: fc.jsonValue(),
          }),
        ),
        (body) => {
          try {
            codec.encodeReply(codec.decodeReply(body, { request: EMPTY }), replyContext());
          } catch (error) {
            expect(error).toBeInstanceOf(PorticoError);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("streamDecoder", () => {
  const call = { type: "function_call", id: "fc_1", call_id: "c1", name: "f", arguments: "" };

  it("maps functions back to what the client declared", () => {
    const request: ChatRequest = {
      ...EMPTY,
      tools: [
        { type: "client", kind: "bash", name: "bash", protocol: "anthropic", raw: { type: "bash_20250124" } },
        { type: "function", name: "with.dot" },
      ],
    };
    const events = decodeEvents(
      wire(
        created,
        {
          type: "response.output_item.done",
          output_index: 0,
          item: { ...call, name: "bash", arguments: '{"command":"ls"}' },
        },
        {
          type: "response.output_item.added",
          output_index: 1,
          item: { ...call, id: "fc_2", call_id: "c2", name: "with_dot" },
        },
        {
          type: "response.output_item.done",
          output_index: 1,
          item: { ...call, id: "fc_2", call_id: "c2", name: "with_dot", arguments: "{}" },
        },
        { type: "response.completed", response: { status: "completed" } },
      ),
      request,
    );
    expect(summarize(events).calls).toEqual([
      { name: "bash", kind: "function", callId: "c1", clientTool: "bash", input: '{"command":"ls"}' },
      { name: "with.dot", kind: "function", callId: "c2", input: "{}" },
    ]);
    expect(summarize(events).finish).toBe("tool-calls");
  });

  it("reads interleaved arguments, with and without fragments", () => {
    const events = decodeEvents(
      wire(
        created,
        created,
        { type: "response.output_item.added", output_index: 0, item: call },
        { type: "response.output_item.added", output_index: 1, item: { ...call, id: "fc_2", call_id: "c2" } },
        { type: "response.function_call_arguments.delta", output_index: 1, item_id: "fc_2", delta: '{"a"' },
        {
          type: "response.function_call_arguments.done",
          output_index: 0,
          item_id: "fc_1",
          arguments: '{"b":1}',
        },
        { type: "response.function_call_arguments.delta", output_index: 1, item_id: "fc_2", delta: ":1}" },
        {
          type: "response.function_call_arguments.done",
          output_index: 1,
          item_id: "fc_2",
          arguments: '{"a":1}',
        },
        { type: "response.output_item.done", output_index: 0, item: { ...call, arguments: '{"b":1}' } },
        {
          type: "response.output_item.done",
          output_index: 1,
          item: { ...call, id: "fc_2", call_id: "c2", arguments: '{"a":1}' },
        },
        { type: "keepalive" },
        { type: "response.future.event", x: 1 },
        { type: "response.completed", response: { usage: { input_tokens: 3, output_tokens: 4 } } },
      ),
    );
    expect(eventProblems(events)).toEqual([]);
    expect(summarize(events).calls.map((entry) => entry.input)).toEqual(['{"b":1}', '{"a":1}']);
    expect(events.filter((event) => event.type === "start")).toHaveLength(1);
  });

  it("reads streams that say less than they should", () => {
    const message = { type: "message", id: "msg_1", content: [{ type: "output_text", text: "Hi" }] };
    const bare = [
      wire(
        { type: "response.output_text.delta", item_id: "m", output_index: 0, content_index: 0, delta: "Hi" },
        { type: "response.completed", response: {} },
      ),
      wire(
        created,
        { type: "response.output_item.done", output_index: 0, item: message },
        { type: "response.completed", response: {} },
      ),
      wire(created, { type: "response.completed", response: { output: [message] } }),
      wire(
        created,
        { type: "response.output_text.done", output_index: 0, content_index: 0, text: "Hi" },
        { type: "response.completed", response: { output: [message] } },
      ),
    ];
    for (const stream of bare) {
      const events = decodeEvents(stream);
      expect(eventProblems(events)).toEqual([]);
      expect(summarize(events)).toMatchObject({ text: "Hi", finish: "stop" });
    }
  });

  it("closes what is open when the stream is cut short, and says so", () => {
    const events = decodeEvents(
      wire(
        created,
        { type: "response.output_item.added", output_index: 0, item: call },
        { type: "response.output_text.delta", output_index: 1, delta: "x" },
      ),
    );
    expect(eventProblems(events)).toEqual([]);
    expect(events.at(-1)).toMatchObject({
      type: "error",
      error: { kind: "upstream", message: expect.stringContaining("ended before") },
    });
  });

  it("gives errors in the midst of a stream their kind", () => {
    const kinds = [
      { type: "error", code: "rate_limit_exceeded", message: "Please try again in 1.5s." },
      { type: "error", error: { type: "insufficient_quota", message: "You exceeded your current quota" } },
      {
        type: "response.failed",
        response: { error: { code: "context_length_exceeded", message: "too long" } },
      },
      { type: "response.failed", response: { error: { code: "server_is_overloaded", message: "busy" } } },
      { type: "response.failed", response: {} },
      { error: { message: "odd" } },
    ].map((event) => decodeEvents(wire(created, event)).at(-1));
    expect(kinds.map((event) => (event?.type === "error" ? event.error.kind : ""))).toEqual([
      "rate_limit",
      "quota",
      "context_too_long",
      "overloaded",
      "upstream",
      "upstream",
    ]);
    expect(kinds[0]).toMatchObject({ error: { retryAfterMs: 1500 } });
  });

  it("ends the last reasoning part with the item's signature", () => {
    const events = decodeEvents(
      wire(
        created,
        {
          type: "response.output_item.added",
          output_index: 0,
          item: { type: "reasoning", id: "rs_1", summary: [] },
        },
        { type: "response.reasoning_summary_part.added", output_index: 0, item_id: "rs_1", summary_index: 0 },
        {
          type: "response.reasoning_summary_text.delta",
          output_index: 0,
          item_id: "rs_1",
          summary_index: 0,
          delta: "A",
        },
        { type: "response.reasoning_summary_part.done", output_index: 0, item_id: "rs_1", summary_index: 0 },
        { type: "response.reasoning_summary_part.added", output_index: 0, item_id: "rs_1", summary_index: 1 },
        {
          type: "response.reasoning_summary_text.delta",
          output_index: 0,
          item_id: "rs_1",
          summary_index: 1,
          delta: "B",
        },
        { type: "response.reasoning_summary_part.done", output_index: 0, item_id: "rs_1", summary_index: 1 },
        {
          type: "response.output_item.done",
          output_index: 0,
          item: { type: "reasoning", id: "rs_1", encrypted_content: "E" },
        },
        {
          type: "response.incomplete",
          response: { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } },
        },
      ),
    );
    expect(eventProblems(events)).toEqual([]);
    const ends = events.filter((event) => event.type === "reasoning-end");
    expect(ends.map((event) => event.signature?.data)).toEqual([undefined, "E"]);
    expect(summarize(events).finish).toBe("length");
    const shown = dataOf(encodeEvents(events)).at(-1)?.response;
    expect(shown).toMatchObject({
      output: [{ id: "rs_1", summary: [{ text: "A" }, { text: "B" }], encrypted_content: "E" }],
    });
  });
});
