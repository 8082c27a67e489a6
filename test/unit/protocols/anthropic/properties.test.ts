import { describe, expect, it } from "vitest";
import { PorticoError } from "../../../../src/gateway/common/errors.ts";
import { decodeError } from "../../../../src/gateway/protocols/anthropic/errors.ts";
import { codec } from "../../../../src/gateway/protocols/anthropic/index.ts";
import {
  type ChatEvent,
  type ChatRequest,
  EFFORTS,
  type FinishReason,
  type Message,
  type Tool,
} from "../../../../src/gateway/protocols/chat.ts";
import { checkReply, checkStream } from "../../../support/checkers/anthropic.ts";
import fc from "../../../support/property.ts";
import { checkRequest } from "../../../support/strict/anthropic.ts";
import {
  decode,
  decodeStream,
  encode,
  encodeStream,
  replyContext,
  request,
  summarize,
  wire,
} from "./helpers.ts";

/** `optional` with what `exactOptionalPropertyTypes` wants: absent, never undefined. */
const some = <T extends Record<string, fc.Arbitrary<unknown>>>(fields: T) =>
  fc.record(fields, { requiredKeys: [] });
const words = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .filter((text) => text.trim() !== "");
const object = fc.dictionary(
  fc.string({ maxLength: 6 }).filter((key) => key !== "__proto__"),
  fc.jsonValue({ maxDepth: 2 }),
  { maxKeys: 3 },
);

/** A text cut into pieces. */
const pieces = (text: fc.Arbitrary<string>) =>
  fc.tuple(text, fc.array(fc.nat(40), { maxLength: 4 })).map(([whole, cuts]) => {
    const at = [0, ...cuts.map((cut) => Math.min(cut, whole.length)).sort((a, b) => a - b), whole.length];
    return at.slice(1).map((end, i) => whole.slice(at[i], end));
  });

const piece = fc.oneof(
  fc.record({ kind: fc.constant("text" as const), chunks: pieces(fc.string({ unit: "grapheme" })) }),
  fc.record({
    kind: fc.constant("reasoning" as const),
    chunks: pieces(fc.string({ unit: "grapheme" })),
    signature: fc.option(fc.base64String({ minLength: 4 }), { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant("function" as const),
    chunks: pieces(object.map((value) => JSON.stringify(value))),
  }),
  fc.record({ kind: fc.constant("function" as const), chunks: fc.constant([] as string[]) }),
  fc.record({ kind: fc.constant("custom" as const), chunks: pieces(fc.string({ unit: "binary" })) }),
);
const counts = fc.tuple(fc.nat(9999), fc.nat(9999), fc.nat(9999), fc.nat(9999));
const reasons: FinishReason[] = [
  "stop",
  "length",
  "tool-calls",
  "content-filter",
  "refusal",
  "pause",
  "context-window",
  "error",
  "other",
];
const script = fc.record({
  parts: fc.array(piece, { maxLength: 6 }),
  /** Which part goes on next. */
  order: fc.array(fc.nat(5), { maxLength: 60 }),
  reason: fc.constantFrom(...reasons),
  counts,
  usageFirst: fc.boolean(),
});
type Script = typeof script extends fc.Arbitrary<infer T> ? T : never;

function eventsOf({
  parts,
  order,
  reason,
  counts: [uncached, cacheRead, cacheWrite, total],
  usageFirst,
}: Script): ChatEvent[] {
  const queues = parts.map((part, i): ChatEvent[] => {
    const id = `p${i}`;
    if (part.kind === "text") {
      return [
        { type: "text-start", id },
        ...part.chunks.map((text) => ({ type: "text-delta" as const, id, text })),
        { type: "text-end", id },
      ];
    }
    if (part.kind === "reasoning") {
      const data = part.signature;
      return [
        { type: "reasoning-start", id },
        ...part.chunks.map((text) => ({ type: "reasoning-delta" as const, id, text })),
        {
          type: "reasoning-end",
          id,
          ...(data ? { signature: { protocol: "anthropic", kind: "signature", data } } : {}),
        },
      ];
    }
    const name = part.kind === "custom" ? "patch" : "f";
    return [
      { type: "tool-start", id, callId: `call_${i}`, name, kind: part.kind },
      ...part.chunks.map((delta) => ({ type: "tool-delta" as const, id, delta })),
      { type: "tool-end", id },
    ];
  });
  const out: ChatEvent[] = [{ type: "start", id: "x" }];
  for (const pick of order) {
    const event = queues[pick % Math.max(1, queues.length)]?.shift();
    if (event) out.push(event);
  }
  out.push(...queues.flat());
  const usage: ChatEvent = {
    type: "usage",
    usage: {
      input: { total: uncached + cacheRead + cacheWrite, uncached, cacheRead, cacheWrite },
      output: { total, reasoning: Math.floor(total / 2) },
    },
  };
  const finish: ChatEvent = { type: "finish", reason };
  return [...out, ...(usageFirst ? [usage, finish] : [finish, usage])];
}

describe("streams", () => {
  const chat = request({
    tools: [
      { type: "custom", name: "patch" },
      { type: "function", name: "f" },
    ],
  });

  it("of any order of events are valid and say the same when read again", () => {
    fc.assert(
      fc.property(script, (plan) => {
        const events = eventsOf(plan);
        const sent = encodeStream(events);
        expect(checkStream(sent)).toEqual([]);
        const read = summarize(decodeStream(sent, chat));
        const starts = events.flatMap((event) =>
          event.type.endsWith("-start") && "id" in event ? [event.id] : [],
        );
        const told = starts.map((id) => ({ id, part: plan.parts[Number(id?.slice(1))] }));
        const joined = told.map(({ id, part }) => ({
          id,
          kind: part?.kind,
          all: part?.chunks.join("") ?? "",
          part,
        }));
        expect(read.text).toBe(
          joined
            .filter((p) => p.kind === "text")
            .map((p) => p.all)
            .join(""),
        );
        expect(read.reasoning).toEqual(
          joined.flatMap(({ part, all }) =>
            part?.kind === "reasoning" && (all !== "" || part.signature)
              ? [{ text: all, signature: part.signature }]
              : [],
          ),
        );
        const calls = joined.filter((p) => p.kind === "function" || p.kind === "custom");
        expect(read.calls).toEqual(
          calls.map(({ id, kind, all }) => ({
            id: `call_${id?.slice(1)}`,
            name: kind === "custom" ? "patch" : "f",
            input: all === "" ? "{}" : all,
          })),
        );
        const plain = plan.reason === "error" || plan.reason === "other" ? "stop" : plan.reason;
        const expected =
          (plan.reason === "stop" || plan.reason === "other") && calls.length > 0
            ? "tool-calls"
            : plain === "content-filter"
              ? "refusal"
              : plain;
        expect(read.finish).toBe(expected);
        expect(read.usage).toEqual(events.find((event) => event.type === "usage")?.usage);
      }),
      { numRuns: 300 },
    );
  });

  it("of any JSON throw nothing, and end", () => {
    const kinds = [
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
      "error",
    ];
    const inner = fc.oneof(
      fc.jsonValue(),
      fc.record({
        type: fc.constantFrom("text", "tool_use", "thinking", "text_delta", "input_json_delta", "x"),
        text: fc.jsonValue(),
        partial_json: fc.jsonValue(),
        stop_reason: fc.jsonValue(),
        usage: fc.jsonValue(),
        error: fc.jsonValue(),
      }),
    );
    const event = fc.record(
      {
        type: fc.constantFrom(...kinds),
        index: fc.oneof(fc.nat(3), fc.jsonValue()),
        message: inner,
        content_block: inner,
        delta: inner,
        usage: inner,
        error: inner,
      },
      { requiredKeys: ["type"] },
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(event.map(wire), fc.record({ data: fc.string() })), { maxLength: 12 }),
        (list) => {
          const events = decodeStream(list);
          expect(events.filter((e) => e.type === "finish" || e.type === "error").length).toBe(1);
          expect(checkStream(encodeStream(events))).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

const cache = fc.option(fc.oneof(fc.constant({}), fc.constant({ ttl: "1h" as const })), { nil: undefined });
const maybe = <K extends string, V>(key: K, value: V | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };

/** Any canonical request, sensible or not. */
const source = fc.oneof(
  fc.record({
    kind: fc.constant("base64" as const),
    mediaType: fc.constantFrom("image/png", "application/pdf", "text/plain", "x/y"),
    data: fc.base64String(),
  }),
  fc.record({
    kind: fc.constant("url" as const),
    url: fc.constantFrom("https://a/b", "http://a", "data:image/png;base64,AA=="),
  }),
  fc.record({
    kind: fc.constant("file" as const),
    id: words,
    protocol: fc.constantFrom("anthropic" as const, "gemini" as const),
  }),
  fc.record({ kind: fc.constant("text" as const), text: fc.string(), mediaType: fc.constant("text/plain") }),
);
const text = fc
  .tuple(fc.string(), cache)
  .map(([t, c]) => ({ type: "text" as const, text: t, ...maybe("cache", c) }));
const signature = fc.record({
  protocol: fc.constantFrom("anthropic" as const, "gemini" as const),
  kind: fc.constantFrom("signature" as const, "redacted" as const),
  data: fc.base64String({ minLength: 4 }),
});
const callId = fc.constantFrom("a", "b", "c|1", "ü", "");
const name = fc.constantFrom("f", "g", "ns.h", "9");
const content = fc.oneof(
  text,
  fc.record({ type: fc.constant("image" as const), source }),
  fc.record({ type: fc.constant("document" as const), source }),
  fc.record({ type: fc.constant("audio" as const), source }),
  fc.record({
    type: fc.constant("provider" as const),
    protocol: fc.constant("gemini" as const),
    raw: fc.jsonValue(),
  }),
);
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    role: fc.constantFrom("system" as const, "developer" as const),
    parts: fc.array(text, { maxLength: 2 }),
  }),
  fc.record({ role: fc.constant("user" as const), parts: fc.array(content, { maxLength: 3 }) }),
  fc.record({
    role: fc.constant("assistant" as const),
    parts: fc.array(
      fc.oneof(
        text,
        fc.record({ type: fc.constant("refusal" as const), text: fc.string() }),
        fc.record({ type: fc.constant("reasoning" as const), text: fc.string(), signature }),
        fc.record({ type: fc.constant("reasoning" as const), text: fc.string() }),
        fc.record({ type: fc.constant("image" as const), source }),
        fc.record({
          type: fc.constant("tool-call" as const),
          callId,
          name,
          kind: fc.constantFrom("function" as const, "custom" as const),
          input: fc.oneof(fc.json(), fc.string()),
        }),
      ),
      { maxLength: 4 },
    ),
  }),
  fc.record({
    role: fc.constant("tool" as const),
    parts: fc.array(
      fc.record({
        type: fc.constant("tool-result" as const),
        callId,
        kind: fc.constant("function" as const),
        content: fc.array(content, { maxLength: 2 }),
      }),
      { maxLength: 3 },
    ),
  }),
);
const tool: fc.Arbitrary<Tool> = fc.oneof(
  fc.record({ type: fc.constant("function" as const), name, parameters: object, strict: fc.boolean() }),
  fc.record({ type: fc.constant("function" as const), name, namespace: fc.constant("ns") }),
  fc.record({ type: fc.constant("custom" as const), name }),
  fc.record({
    type: fc.constant("provider" as const),
    kind: fc.constantFrom("web_search" as const, "code_execution" as const, "mcp" as const),
    name: fc.constantFrom("web_search", "mcp"),
    protocol: fc.constant("openai-responses" as const),
    raw: fc.constant({}),
  }),
);
const anyRequest = fc
  .record({
    model: fc.constantFrom(
      "claude-sonnet-4-5",
      "claude-opus-4-6",
      "claude-opus-4-8",
      "claude-fable-5",
      "claude-fable-5-1",
      "claude-opus-5",
      "claude-opus-5-5",
      "anthropic/claude-sonnet-5-5",
      "us.anthropic.claude-haiku-5-5-v1:0",
      "claude-saga-7",
      "claude-3-5-haiku-latest",
      "glm-5",
    ),
    messages: fc.array(message, { maxLength: 8 }),
    tools: fc.array(tool, { maxLength: 4 }),
    sampling: some({
      temperature: fc.double({ min: -1, max: 3, noNaN: true }),
      topP: fc.double({ min: -1, max: 2, noNaN: true }),
      topK: fc.integer({ min: -1, max: 50 }),
      seed: fc.nat(),
    }),
    stream: fc.boolean(),
    options: some({
      reasoning: some({
        effort: fc.constantFrom(...EFFORTS),
        budgetTokens: fc.integer({ min: -1, max: 200_000 }),
        adaptive: fc.boolean(),
        show: fc.boolean(),
      }),
      maxOutputTokens: fc.integer({ min: -5, max: 200_000 }),
      toolChoice: fc.constantFrom(
        { type: "auto" as const },
        { type: "none" as const },
        { type: "required" as const },
        { type: "tool" as const, name: "f" },
        { type: "allowed" as const, mode: "required" as const, names: ["g"] },
      ),
      parallelToolCalls: fc.boolean(),
      stop: fc.array(fc.string(), { maxLength: 3 }),
      responseFormat: fc.oneof(
        fc.constant({ type: "json" as const }),
        fc.record({ type: fc.constant("json-schema" as const), schema: object }),
      ),
      user: words,
      serviceTier: fc.constantFrom("auto", "default", "flex"),
    }),
  })
  .map(({ options, ...fields }) => ({ ...fields, ...options }) as ChatRequest);

describe("requests", () => {
  it("of any kind are written as Anthropic accepts them, without a throw", () => {
    fc.assert(
      fc.property(anyRequest, fc.boolean(), (chat, autoCache) => {
        const before = structuredClone(chat);
        expect(checkRequest(encode(chat, { autoCache }).body)).toEqual([]);
        expect(chat).toEqual(before);
      }),
      { numRuns: 500 },
    );
  });

  const marker = fc.constantFrom({}, {}, { cache_control: { type: "ephemeral" } });
  const textBlock = fc.tuple(words, marker).map(([t, m]) => ({ type: "text", text: t, ...m }));
  const image = fc.constantFrom(
    { type: "image", source: { type: "url", url: "https://a/b.png" } },
    { type: "image", source: { type: "base64", media_type: "image/gif", data: "AA==" } },
    { type: "image", source: { type: "file", file_id: "file_1" } },
    {
      type: "document",
      source: { type: "text", media_type: "text/plain", data: "d" },
      title: "T",
      citations: { enabled: true },
    },
    {
      type: "document",
      source: { type: "base64", media_type: "application/pdf", data: "AA==" },
      context: "c",
    },
  );
  const resultContent = fc.oneof(words, fc.array(fc.oneof(textBlock, image), { minLength: 1, maxLength: 2 }));
  /** A user's question and an assistant's turn, with or without calls that are answered next. */
  const round = fc.record({
    ask: fc.oneof(words, fc.array(fc.oneof(textBlock, image), { minLength: 1, maxLength: 3 })),
    think: fc.option(
      fc.oneof(
        fc.record({
          type: fc.constant("thinking"),
          thinking: fc.string(),
          signature: fc.base64String({ minLength: 4 }),
        }),
        fc.record({ type: fc.constant("redacted_thinking"), data: fc.base64String({ minLength: 4 }) }),
      ),
    ),
    say: words,
    calls: fc.array(
      fc.record({
        name: fc.constantFrom("f", "g"),
        input: object,
        result: resultContent,
        failed: fc.boolean(),
      }),
      { maxLength: 3 },
    ),
    extra: fc.option(
      fc.constantFrom(
        { type: "of_tomorrow", x: [1] },
        { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} },
      ),
    ),
  });
  const wireRequest = fc
    .record({
      rounds: fc.array(round, { maxLength: 3 }),
      last: words,
      top: some({
        system: fc.oneof(words, fc.array(textBlock, { minLength: 1, maxLength: 3 })),
        stop_sequences: fc.array(words, { minLength: 1, maxLength: 2 }),
        temperature: fc.double({ min: 0, max: 1, noNaN: true }),
        top_k: fc.integer({ min: 1, max: 99 }),
        thinking: fc.constant({ type: "disabled" }),
        metadata: fc.record({ user_id: words }),
        service_tier: fc.constantFrom("auto", "standard_only"),
        tool_choice: fc.constantFrom(
          { type: "auto" },
          { type: "any", disable_parallel_tool_use: true },
          { type: "tool", name: "f" },
        ),
        output_config: fc.record({ format: fc.record({ type: fc.constant("json_schema"), schema: object }) }),
        container: words,
        of_tomorrow: fc.jsonValue().filter((value) => value !== undefined),
      }),
      stream: fc.boolean(),
    })
    .map(({ rounds, last, top, stream }) => {
      let ids = 0;
      const messages: unknown[] = [];
      let answers: unknown[] = [];
      for (const { ask, think, say, calls, extra } of rounds) {
        const asked = typeof ask === "string" ? [{ type: "text", text: ask }] : ask;
        messages.push({ role: "user", content: answers.length > 0 ? [...answers, ...asked] : ask });
        const made = calls.map((call) => ({ ...call, id: `toolu_${ids++}` }));
        messages.push({
          role: "assistant",
          content: [
            ...(think ? [think] : []),
            { type: "text", text: say },
            ...(extra ? [extra] : []),
            ...made.map(({ id, name: n, input }) => ({ type: "tool_use", id, name: n, input })),
          ],
        });
        answers = made.map(({ id, result, failed }) => ({
          type: "tool_result",
          tool_use_id: id,
          content: result,
          is_error: failed,
        }));
      }
      messages.push({
        role: "user",
        content: answers.length > 0 ? [...answers, { type: "text", text: last }] : last,
      });
      const tools = ["f", "g"].map((n) => ({ name: n, input_schema: { type: "object" } }));
      return { model: "claude-sonnet-4-5", max_tokens: 5000, messages, tools, ...top, stream };
    });

  it("say the same after decoding, encoding and decoding again", () => {
    fc.assert(
      fc.property(wireRequest, (body) => {
        const chat = decode(body);
        const { body: again } = encode(chat);
        const markers = JSON.stringify(body).split('"cache_control"').length - 1;
        if (markers <= 4) expect(decode(again)).toEqual(chat);
        else expect(JSON.stringify(again).split('"cache_control"').length - 1).toBe(4);
      }),
      { numRuns: 300 },
    );
  });

  it("of any JSON are refused with a PorticoError or decoded", () => {
    const mangled = fc.record(
      {
        model: fc.oneof(fc.constant("m"), fc.jsonValue()),
        messages: fc.oneof(
          fc.jsonValue(),
          fc.array(
            fc.record({
              role: fc.oneof(fc.constantFrom("user", "assistant", "system"), fc.jsonValue()),
              content: fc.oneof(
                fc.jsonValue(),
                fc.array(
                  fc.record({
                    type: fc.constantFrom(
                      "text",
                      "image",
                      "tool_use",
                      "tool_result",
                      "document",
                      "thinking",
                      "x",
                    ),
                    text: fc.jsonValue(),
                    id: fc.jsonValue(),
                    source: fc.jsonValue(),
                  }),
                ),
              ),
            }),
          ),
        ),
        system: fc.jsonValue(),
        tools: fc.oneof(fc.jsonValue(), fc.array(fc.record({ name: fc.jsonValue(), type: fc.jsonValue() }))),
        thinking: fc.jsonValue(),
        output_config: fc.jsonValue(),
        tool_choice: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), mangled), (body) => {
        try {
          encode(decode(body));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(PorticoError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("replies", () => {
  it("of any JSON are refused with a PorticoError or become a valid message", () => {
    const body = fc.record(
      {
        id: fc.jsonValue(),
        content: fc.oneof(
          fc.jsonValue(),
          fc.array(
            fc.record({
              type: fc.constantFrom("text", "tool_use", "thinking", "x_tool_result", "y"),
              text: fc.jsonValue(),
              id: fc.jsonValue(),
              input: fc.jsonValue(),
              thinking: fc.jsonValue(),
              tool_use_id: words,
              citations: fc.jsonValue(),
            }),
          ),
        ),
        stop_reason: fc.jsonValue(),
        usage: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), body), (json) => {
        try {
          const reply = codec.decodeReply(json, { request: request() });
          expect(checkReply(codec.encodeReply(reply, replyContext()))).toEqual([]);
        } catch (thrown) {
          if (!(thrown instanceof PorticoError)) throw thrown;
        }
      }),
      { numRuns: 300 },
    );
  });

  it("errors of any JSON and status are described without a throw", () => {
    fc.assert(
      fc.property(fc.constantFrom(200, 400, 429, 500, 529), fc.jsonValue(), (status, json) => {
        const error = decodeError(status, json);
        if (status >= 400) expect(error?.message.length).toBeGreaterThan(0);
      }),
    );
  });
});
