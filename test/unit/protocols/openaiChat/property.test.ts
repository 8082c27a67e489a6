import { describe, expect, it } from "vitest";
import { PorticoError } from "../../../../src/gateway/common/errors.ts";
import type {
  AssistantPart,
  ChatEvent,
  ChatRequest,
  FinishReason,
  Message,
  Tool,
  ToolCallPart,
  UserPart,
} from "../../../../src/gateway/protocols/chat.ts";
import { decodeError } from "../../../../src/gateway/protocols/openaiChat/errors.ts";
import { codec } from "../../../../src/gateway/protocols/openaiChat/index.ts";
import { PROVIDER_IDS } from "../../../../src/gateway/providers/ids.ts";
import { checkStream } from "../../../support/checkers/openaiChat.ts";
import fc from "../../../support/property.ts";
import { checkRequest } from "../../../support/strict/openaiChat.ts";
import {
  chatRequest,
  contractProblems,
  DECODE,
  DONE,
  decodeStream,
  encodeContext,
  encodeStream,
  replyContext,
  told,
} from "./helpers.ts";

const words = fc.string({ unit: "binary", maxLength: 12 });
const some = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
const inputs = fc
  .dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 })
  .map((value) => JSON.stringify(value));

/** Pieces that join to the text again. */
const pieces = (text: string): fc.Arbitrary<string[]> =>
  fc.array(fc.nat(text.length), { maxLength: 4 }).map((cuts) => {
    const sorted = [0, ...cuts.sort((a, b) => a - b), text.length];
    return sorted.slice(1).map((cut, i) => text.slice(sorted[i], cut));
  });

const part = (n: number): fc.Arbitrary<ChatEvent[]> => {
  const id = `part${n}`;
  const choice = fc.constantFrom(0, 0, 0, 1).map((index) => (index === 0 ? {} : { choice: index }));
  const text = fc
    .tuple(words.chain(pieces), choice, fc.boolean())
    .map(([deltas, where, refusal]): ChatEvent[] => [
      { type: "text-start", id, ...(refusal ? { refusal: true as const } : {}), ...where },
      ...deltas.map((delta): ChatEvent => ({ type: "text-delta", id, text: delta })),
      { type: "text-end", id },
    ]);
  const reasoning = fc
    .tuple(words.chain(pieces), choice, fc.boolean())
    .map(([deltas, where, signed]): ChatEvent[] => [
      { type: "reasoning-start", id, ...where },
      ...deltas.map((delta): ChatEvent => ({ type: "reasoning-delta", id, text: delta })),
      {
        type: "reasoning-end",
        id,
        ...(signed
          ? { signature: { protocol: "anthropic" as const, kind: "signature" as const, data: "S" } }
          : {}),
      },
    ]);
  const call = (kind: "function" | "custom", input: fc.Arbitrary<string>) =>
    fc
      .tuple(fc.oneof(fc.constant(""), input).chain(pieces), choice, some)
      .map(([deltas, where, name]): ChatEvent[] => [
        { type: "tool-start", id, callId: `call_${n}`, name, kind, ...where },
        ...deltas.map((delta): ChatEvent => ({ type: "tool-delta", id, delta })),
        { type: "tool-end", id },
      ]);
  return fc.oneof(text, reasoning, call("function", inputs), call("custom", words));
};

/** Merges lists at random, each in its own order. */
const interleave = (lists: ChatEvent[][]): fc.Arbitrary<ChatEvent[]> =>
  fc.array(fc.nat(), { minLength: 80, maxLength: 80 }).map((order) => {
    const rest = lists.map((events) => [...events]);
    const out: ChatEvent[] = [];
    for (let i = 0; rest.some((events) => events.length > 0); i++) {
      const open = rest.filter((events) => events.length > 0);
      const next = open[(order[i % order.length] ?? 0) % open.length]?.shift();
      if (next !== undefined) out.push(next);
    }
    return out;
  });

const tokens = fc.nat(1000);
const usage = fc
  .tuple(tokens, tokens, tokens, tokens, tokens)
  .map(([uncached, cacheRead, cacheWrite, reasoning, said]) => ({
    input: { total: uncached + cacheRead + cacheWrite, uncached, cacheRead, cacheWrite },
    output: { total: reasoning + said, reasoning },
  }));
/** Reasons chat completions have a word for. */
const reason = fc.constantFrom<FinishReason>("stop", "length", "content-filter");

const streams = fc.tuple(fc.integer({ min: 0, max: 5 }), usage, reason).chain(([n, counted, why]) =>
  fc
    .tuple(...Array.from({ length: n }, (_, i) => part(i)))
    .chain((lists) => interleave(lists))
    .map((events): ChatEvent[] => {
      const choices = new Set([
        0,
        ...events.flatMap((event) => ("choice" in event && event.choice ? [event.choice] : [])),
      ]);
      const called = new Set(
        events.flatMap((event) => (event.type === "tool-start" ? [event.choice ?? 0] : [])),
      );
      return [
        { type: "start", id: "x", model: "m" },
        ...events,
        ...[...choices].map(
          (choice): ChatEvent => ({
            type: "finish",
            reason: called.has(choice) ? "tool-calls" : why,
            ...(choice === 0 ? {} : { choice }),
          }),
        ),
        { type: "usage", usage: counted },
      ];
    }),
);

const json = fc.json({ maxDepth: 5 }).map((text): unknown => JSON.parse(text));
const onlyPortico = (run: () => unknown): void => {
  try {
    run();
  } catch (error) {
    if (!(error instanceof PorticoError)) throw error;
  }
};

describe("streams", () => {
  it("are always of the SDK's shape, and say the same when decoded again", () => {
    fc.assert(
      fc.property(streams, (events) => {
        const wire = encodeStream(events, replyContext({ includeUsage: true }));
        expect(checkStream(wire)).toEqual([]);
        const again = decodeStream(wire);
        expect(contractProblems(again)).toEqual([]);
        const order = (value: ReturnType<typeof told>) => ({
          ...value,
          calls: value.calls.sort((a, b) => a.callId.localeCompare(b.callId)),
        });
        expect(order(told(again))).toEqual(order(told(events)));
      }),
      { numRuns: 300 },
    );
  });

  it("throw nothing whatever the provider sends", () => {
    const shaped = fc.record(
      {
        choices: fc.array(
          fc.record(
            {
              index: fc.oneof(fc.nat(3), json),
              delta: fc.oneof(
                json,
                fc.record(
                  {
                    content: json,
                    reasoning_details: json,
                    tool_calls: json,
                    audio: json,
                    annotations: json,
                    images: json,
                  },
                  { requiredKeys: [] },
                ),
              ),
              finish_reason: json,
            },
            { requiredKeys: [] },
          ),
        ),
        usage: json,
        id: json,
        error: fc.option(json, { nil: undefined }),
        citations: json,
      },
      { requiredKeys: [] },
    );
    const event = fc.record({
      data: fc.oneof(
        fc.string(),
        shaped.map((value) => JSON.stringify(value)),
        json.map((value) => JSON.stringify(value)),
        fc.constant(DONE.data),
      ),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 6 }), (events) => {
        expect(contractProblems(decodeStream(events))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

const cache = fc.constantFrom({}, {}, { cache: {} });
const userPart: fc.Arbitrary<UserPart> = fc.oneof(
  fc.tuple(some, cache).map(([text, marked]): UserPart => ({ type: "text", text, ...marked })),
  fc.constant<UserPart>({
    type: "image",
    source: { kind: "url", url: "https://x.test/a.png" },
    detail: "low",
  }),
  fc.constant<UserPart>({ type: "image", source: { kind: "base64", mediaType: "image/png", data: "AA==" } }),
  fc.constant<UserPart>({ type: "audio", source: { kind: "base64", mediaType: "audio/wav", data: "AA==" } }),
  fc.constant<UserPart>({
    type: "document",
    name: "a.pdf",
    source: { kind: "base64", mediaType: "application/pdf", data: "AA==" },
  }),
);
const toolName = fc.stringMatching(/^[a-z][a-z0-9_]{0,10}$/);

/** One turn: the user, and an assistant who may call tools and gets results. */
const turn = (n: number): fc.Arbitrary<Message[]> =>
  fc
    .tuple(
      fc.array(userPart, { minLength: 1, maxLength: 3 }),
      fc.option(some),
      fc.array(fc.tuple(toolName, inputs, some, fc.boolean()), { maxLength: 3 }),
    )
    .map(([parts, said, called]): Message[] => {
      const calls = called.map(
        ([name, input, , custom], i): ToolCallPart => ({
          type: "tool-call",
          callId: `call_${n}_${i}`,
          name,
          kind: custom ? "custom" : "function",
          input,
        }),
      );
      const assistant: AssistantPart[] = [
        ...(said === null ? [] : [{ type: "text" as const, text: said }]),
        ...calls,
      ];
      return [
        { role: "user", parts },
        ...(assistant.length === 0 ? [] : [{ role: "assistant" as const, parts: assistant }]),
        ...(calls.length === 0
          ? []
          : [
              {
                role: "tool" as const,
                parts: calls.map((call, i) => ({
                  type: "tool-result" as const,
                  callId: call.callId,
                  name: call.name,
                  kind: call.kind,
                  content: [{ type: "text" as const, text: called[i]?.[2] ?? "" }],
                })),
              },
            ]),
      ];
    });

const tool: fc.Arbitrary<Tool> = fc.oneof(
  fc.tuple(toolName, fc.option(some), fc.boolean()).map(
    ([name, description, strict]): Tool => ({
      type: "function",
      name,
      parameters: { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
      ...(description === null ? {} : { description }),
      ...(strict ? { strict } : {}),
    }),
  ),
  toolName.map(
    (name): Tool => ({ type: "custom", name, format: { type: "grammar", syntax: "lark", definition: "a" } }),
  ),
);

const requests: fc.Arbitrary<ChatRequest> = fc
  .record({
    system: fc.option(some),
    turns: fc
      .integer({ min: 1, max: 3 })
      .chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => turn(i)))),
    last: fc.array(userPart, { minLength: 1, maxLength: 2 }),
    tools: fc.uniqueArray(tool, { maxLength: 3, selector: (one) => one.name }),
    options: fc.record(
      {
        maxOutputTokens: fc.integer({ min: 1, max: 9999 }),
        n: fc.integer({ min: 2, max: 4 }),
        stop: fc.array(some, { minLength: 1, maxLength: 4 }),
        verbosity: fc.constantFrom("low" as const, "high" as const),
        reasoning: fc.constantFrom(
          { effort: "low" as const, show: true },
          { effort: "high" as const, show: true },
        ),
        responseFormat: fc.constantFrom<NonNullable<ChatRequest["responseFormat"]>>(
          { type: "text" },
          { type: "json-schema", name: "n", schema: { type: "object" }, strict: true },
        ),
        user: fc.stringMatching(/^[a-z]{1,20}$/),
        cacheKey: fc.stringMatching(/^[a-z]{1,20}$/),
        metadata: fc.constant({ a: "b" }),
        serviceTier: fc.constantFrom("flex", "priority"),
        store: fc.boolean(),
        extra: fc.constant({
          protocol: "openai-chat" as const,
          fields: { prediction: { type: "content", content: "x" } },
        }),
      },
      { requiredKeys: [] },
    ),
    sampling: fc.record(
      {
        temperature: fc.double({ min: 0, max: 2, noNaN: true }),
        topP: fc.double({ min: 0, max: 1, noNaN: true }),
        seed: fc.nat(),
        presencePenalty: fc.integer({ min: -2, max: 2 }),
        logprobs: fc.constant({ top: 3 }),
      },
      { requiredKeys: [] },
    ),
    model: fc.constantFrom("gpt-4.1", "gpt-5.1", "gpt-5.5", "gpt-5.6-sol", "gpt-6-luna", "o3"),
  })
  .map(({ system, turns, last, tools, options, sampling, model }) => ({
    model,
    messages: [
      ...(system === null
        ? []
        : [{ role: "system" as const, parts: [{ type: "text" as const, text: system }] }]),
      ...turns.flat(),
      { role: "user" as const, parts: last },
    ],
    tools,
    sampling,
    stream: false,
    ...options,
  }));

describe("requests", () => {
  it("stay what they are through OpenAI's own dialect, and a strict server accepts them", () => {
    fc.assert(
      fc.property(requests, (request) => {
        const context = encodeContext("openai");
        const body = codec.encodeRequest(request, context);
        expect(checkRequest(JSON.parse(JSON.stringify(body)))).toEqual([]);
        const again = codec.decodeRequest(JSON.parse(JSON.stringify(body)), DECODE);
        const second = codec.decodeRequest(codec.encodeRequest(again, encodeContext("openai")), DECODE);
        expect(second).toEqual(again);
        // What was left out was warned about; cache markers beyond the limit cost nothing.
        if (context.warnings.length === 0 && request.model === "gpt-4.1") {
          expect({ ...again, messages: [] }).toEqual({
            ...request,
            sampling: request.sampling,
            messages: [],
          });
          expect(again.messages).toEqual(
            request.messages.map((message) => ({
              ...message,
              parts: message.parts.map((one) => {
                const { cache: _, ...rest } = one as { cache?: unknown };
                return rest;
              }),
            })),
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  it("never make the encoder throw, whatever the dialect", () => {
    fc.assert(
      fc.property(
        requests,
        fc.constantFrom(...PROVIDER_IDS, "constructor", "unknown"),
        (request, provider) => {
          const body = codec.encodeRequest(
            request,
            encodeContext(provider, { autoCache: true, session: "s" }),
          );
          expect(body.model).toBe(request.model);
          // Dialects differ in fields, not in the rules of a conversation.
          const problems = checkRequest(JSON.parse(JSON.stringify(body)), {}, undefined, [
            "cache_control",
            "random_seed",
            "thinking",
            "reasoning",
            "prefix",
            "partial",
            "reasoning_content",
          ]);
          expect(problems.filter((problem) => /^messages/.test(problem))).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("of any JSON are refused with nothing but a PorticoError", () => {
    const message = fc.record(
      {
        role: fc.constantFrom("user", "assistant", "tool", "system", "function", "x"),
        content: json,
        tool_calls: json,
        tool_call_id: json,
        name: json,
        reasoning_details: json,
        reasoning_content: json,
        extra_content: json,
      },
      { requiredKeys: [] },
    );
    const shaped = fc.record(
      {
        model: fc.oneof(fc.string(), json),
        messages: fc.oneof(fc.array(message), json),
        tools: json,
        tool_choice: json,
        response_format: json,
        stop: json,
        reasoning: json,
        stream_options: json,
      },
      { requiredKeys: ["model", "messages"] },
    );
    fc.assert(
      fc.property(fc.oneof(json, shaped), (body) => {
        onlyPortico(() => {
          const request = codec.decodeRequest(body, DECODE);
          codec.encodeRequest(request, encodeContext("custom"));
        });
      }),
      { numRuns: 500 },
    );
  });
});

describe("replies", () => {
  it("of any JSON are refused with nothing but a PorticoError", () => {
    const shaped = fc.record({
      choices: fc.array(
        fc.record(
          {
            message: fc.oneof(
              json,
              fc.record(
                {
                  content: json,
                  tool_calls: json,
                  reasoning_details: json,
                  annotations: json,
                  audio: json,
                  images: json,
                },
                { requiredKeys: [] },
              ),
            ),
            index: json,
            finish_reason: json,
            logprobs: json,
          },
          { requiredKeys: [] },
        ),
      ),
      usage: json,
      id: json,
    });
    fc.assert(
      fc.property(fc.oneof(json, shaped), fc.integer({ min: 200, max: 599 }), (body, status) => {
        onlyPortico(() =>
          codec.encodeReply(codec.decodeReply(body, { request: chatRequest() }), replyContext()),
        );
        onlyPortico(() => decodeError(status, body));
      }),
      { numRuns: 500 },
    );
  });
});
