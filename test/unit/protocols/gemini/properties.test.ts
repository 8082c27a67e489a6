import { describe, expect, it } from "vitest";
import { PorticoError } from "../../../../src/gateway/common/errors.ts";
import type {
  AssistantPart,
  ChatEvent,
  ChatRequest,
  FinishReason,
  Message,
  Signature,
  Source,
  Tool,
  ToolResultContent,
  UserPart,
} from "../../../../src/gateway/protocols/chat.ts";
import { codec } from "../../../../src/gateway/protocols/gemini/index.ts";
import { ArgsWriter } from "../../../../src/gateway/protocols/gemini/stream/argsWriter.ts";
import { checkReply, checkStream } from "../../../support/checkers/gemini.ts";
import fc from "../../../support/property.ts";
import { checkRequest } from "../../../support/strict/gemini.ts";
import {
  chatRequest,
  checkEvents,
  decode,
  decodeStream,
  encode,
  encodeStream,
  replyContext,
  summary,
} from "./helpers.ts";

const RUNS = { numRuns: 300 };
const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
const text = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" });
const data = fc.stringMatching(/^[A-Za-z0-9]{8}$/);
const args = fc.dictionary(word, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 });

/** Values as they come back from JSON: without `-0` and without `__proto__` games. */
const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

describe("streams", () => {
  const signature = fc.option(
    data.map((data): Signature => ({ protocol: "gemini", kind: "signature", data })),
    { nil: undefined },
  );
  const withSignature = (
    event: { type: "text-end" | "reasoning-end" | "tool-end"; id: string },
    made: Signature | undefined,
  ) => ({ ...event, ...(made === undefined ? {} : { signature: made }) }) as ChatEvent;

  /** One part, as the events that make it. */
  const part = fc.oneof(
    fc
      .tuple(fc.constantFrom("text", "reasoning"), fc.array(fc.string(), { maxLength: 3 }), signature)
      .map(([kind, deltas, made]) => (id: string, choice: { choice?: number }): ChatEvent[] => [
        { type: kind === "text" ? "text-start" : "reasoning-start", id, ...choice },
        ...deltas.map(
          (delta): ChatEvent => ({
            type: kind === "text" ? "text-delta" : "reasoning-delta",
            id,
            text: delta,
          }),
        ),
        withSignature({ type: kind === "text" ? "text-end" : "reasoning-end", id }, made),
      ]),
    fc
      .tuple(word, fc.option(args, { nil: undefined }), fc.nat(10), signature)
      .map(([name, input, cut, made]) => (id: string, choice: { choice?: number }): ChatEvent[] => {
        const json = input === undefined ? "" : JSON.stringify(input);
        return [
          { type: "tool-start", id, callId: `call_${id}`, name, kind: "function", ...choice },
          { type: "tool-delta", id, delta: json.slice(0, cut) },
          { type: "tool-delta", id, delta: json.slice(cut) },
          withSignature({ type: "tool-end", id }, made),
        ];
      }),
  );

  const reasons: FinishReason[] = ["stop", "length", "content-filter"];
  const counts = fc.record({
    uncached: fc.nat(1e6),
    cacheRead: fc.nat(1e6),
    text: fc.nat(1e6),
    reasoning: fc.nat(1e6),
  });

  /** Parts of one choice interleaved by the picks; then its finish. */
  const stream = fc
    .record({
      choices: fc.array(
        fc.record({
          parts: fc.array(part, { maxLength: 5 }),
          picks: fc.array(fc.nat(4), { maxLength: 40 }),
          finish: fc.constantFrom(...reasons),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      counts,
      usageFirst: fc.boolean(),
    })
    .map(({ choices, counts: { uncached, cacheRead, text: written, reasoning }, usageFirst }) => {
      const events: ChatEvent[] = [{ type: "start", id: "resp" }];
      const usage: ChatEvent = {
        type: "usage",
        usage: {
          input: { total: uncached + cacheRead, uncached, cacheRead, cacheWrite: 0 },
          output: { total: written + reasoning, reasoning },
        },
      };
      if (usageFirst) events.push(usage);
      for (const [index, { parts, picks, finish }] of choices.entries()) {
        const choice = index === 0 ? {} : { choice: index };
        const queues = parts.map((make, at) => make(`${index}-${at}`, choice));
        for (const pick of picks) {
          const queue = queues[pick % Math.max(1, queues.length)];
          const next = queue?.shift();
          if (next !== undefined) events.push(next);
        }
        for (const queue of queues) events.push(...queue);
        const called = events.some((event) => event.type === "tool-start" && (event.choice ?? 0) === index);
        events.push({
          type: "finish",
          reason: called && finish === "stop" ? "tool-calls" : finish,
          ...choice,
        });
      }
      return usageFirst ? events : [...events, usage];
    });

  it.each(["sse", "json-array"] as const)(
    "any events make a valid stream (%s) that says the same",
    (framing) => {
      fc.assert(
        fc.property(stream, (events) => {
          expect(checkEvents(events)).toEqual([]);
          const wire = encodeStream(events, framing);
          expect(checkStream(wire)).toEqual([]);
          const again = decodeStream(wire.map((event) => event.data));
          expect(checkEvents(again)).toEqual([]);
          expect(summary(again)).toEqual(summary(events));
        }),
        RUNS,
      );
    },
  );

  it("streamed arguments are the whole arguments", () => {
    type Leaf = { jsonPath: string; [value: string]: unknown };
    const leaves = (value: unknown, path: string): Leaf[] => {
      if (Array.isArray(value)) return value.flatMap((one, index) => leaves(one, `${path}[${index}]`));
      if (typeof value === "object" && value !== null)
        return Object.entries(value).flatMap(([key, one]) => leaves(one, `${path}[${JSON.stringify(key)}]`));
      if (typeof value === "string") {
        const half = value.length >> 1;
        return [
          { jsonPath: path, stringValue: value.slice(0, half), willContinue: true },
          { jsonPath: path, stringValue: value.slice(half) },
        ];
      }
      if (typeof value === "number") return [{ jsonPath: path, numberValue: value }];
      if (typeof value === "boolean") return [{ jsonPath: path, boolValue: value }];
      return [{ jsonPath: path, nullValue: "NULL_VALUE" }];
    };
    // Values without empty containers, which paths cannot say.
    const tree = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        fc.oneof(fc.string({ unit: "grapheme" }), fc.integer(), fc.boolean(), fc.constant(null)),
        fc.array(tie("node"), { minLength: 1, maxLength: 3 }),
        fc.dictionary(fc.stringMatching(/^[a-z .[\]"'$]{1,6}$/), tie("node"), { minKeys: 1, maxKeys: 3 }),
      ),
    })).node;
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), tree, { minKeys: 1, maxKeys: 4 }),
        (value) => {
          const writer = new ArgsWriter();
          const json =
            leaves(value, "$")
              .map((leaf) => writer.push(leaf))
              .join("") + writer.end();
          expect(JSON.parse(json)).toEqual(plain(value));
        },
      ),
      RUNS,
    );
  });
});

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const clean = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));

describe("requests of Gemini clients", () => {
  const media = fc.constantFrom(
    { inlineData: { mimeType: "image/png", data: "AAAA" } },
    { inlineData: { mimeType: "application/pdf", data: "AAAA" } },
    { inlineData: { mimeType: "audio/wav", data: "AAAA" } },
    {
      fileData: {
        mimeType: "video/mp4",
        fileUri: "https://generativelanguage.googleapis.com/v1beta/files/x",
      },
    },
    { fileData: { mimeType: "image/webp", fileUri: "https://example.com/x.webp" } },
  );
  const userContent = fc
    .array(
      fc.oneof(
        text.map((value) => ({ text: value })),
        media,
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((parts) => ({ role: "user", parts }));
  const thought = fc
    .tuple(text, data)
    .map(([value, thoughtSignature]) => ({ text: value, thought: true, thoughtSignature }));
  const code = fc.constantFrom(
    { executableCode: { language: "PYTHON", code: "1" } },
    { codeExecutionResult: { outcome: "OUTCOME_OK", output: "1" } },
    { brandNew: { a: 1 } },
  );
  const modelContent = fc
    .array(
      fc.oneof(
        text.map((value) => ({ text: value })),
        thought,
        code,
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((parts) => ({ role: "model", parts }));
  const callTurn = fc
    .array(
      fc.record({ id: optional(fc.uuid()), name: word, args, output: fc.string(), failed: fc.boolean() }),
      { minLength: 1, maxLength: 3 },
    )
    .chain((calls) => fc.tuple(fc.constant(calls), data))
    .map(([calls, thoughtSignature]) => [
      {
        role: "model",
        parts: calls.map(({ id, name, args: given }, index) => ({
          functionCall: clean({ id, name, args: given }),
          ...(index === 0 ? { thoughtSignature } : {}),
        })),
      },
      {
        role: "user",
        parts: calls.map(({ id, name, output, failed }) => ({
          functionResponse: clean({ id, name, response: { [failed ? "error" : "output"]: output } }),
        })),
      },
    ]);
  const turns = fc
    .tuple(
      userContent,
      fc.array(
        fc.oneof(
          callTurn,
          fc.tuple(modelContent, userContent).map((pair) => [...pair]),
        ),
        { maxLength: 3 },
      ),
    )
    .map(([first, rest]) => [first, ...rest.flat()]);
  const schema = fc
    .dictionary(word, fc.constantFrom({ type: "string" }, { type: "integer" }), { maxKeys: 3 })
    .map((properties) => ({ type: "object", properties }));
  const functions = fc.uniqueArray(
    fc.record({ name: word, description: text, parametersJsonSchema: schema }),
    { selector: (one) => one.name, maxLength: 3 },
  );
  const config = fc
    .record({
      temperature: optional(fc.double({ min: 0, max: 2, noNaN: true })),
      topP: optional(fc.double({ min: 0, max: 1, noNaN: true })),
      topK: optional(fc.integer({ min: 1, max: 100 })),
      candidateCount: optional(fc.integer({ min: 1, max: 8 })),
      maxOutputTokens: optional(fc.integer({ min: 1, max: 65_536 })),
      stopSequences: optional(fc.array(text, { minLength: 1, maxLength: 5 })),
      presencePenalty: optional(fc.double({ min: -2, max: 1.9, noNaN: true })),
      seed: optional(fc.integer()),
      responseModalities: optional(fc.constant(["TEXT", "IMAGE"])),
      thinkingConfig: optional(
        fc.record({ includeThoughts: fc.boolean(), thinkingLevel: fc.constantFrom("LOW", "HIGH") }),
      ),
      mediaResolution: optional(fc.constant("MEDIA_RESOLUTION_LOW")),
    })
    .map(clean);
  const request = fc
    .record({
      contents: turns,
      systemInstruction: optional(text.map((value) => ({ parts: [{ text: value }] }))),
      tools: optional(
        functions.filter((list) => list.length > 0).map((functionDeclarations) => [{ functionDeclarations }]),
      ),
      toolConfig: optional(
        fc.constantFrom("AUTO", "NONE", "VALIDATED").map((mode) => ({ functionCallingConfig: { mode } })),
      ),
      generationConfig: optional(config.filter((one) => Object.keys(one).length > 0)),
      safetySettings: optional(fc.constant([{ category: "A", threshold: "B" }])),
      cachedContent: optional(fc.constant("cachedContents/1")),
      labels: optional(fc.constant({ a: "b" })),
      serviceTier: optional(fc.constantFrom("flex", "standard")),
      store: optional(fc.boolean()),
    })
    .map(clean);

  it("decode, encode, decode is the identity, and a strict provider takes it", () => {
    fc.assert(
      fc.property(request, (wire) => {
        const once = decode(plain(wire));
        const { body, features } = encode(once);
        expect(features).toEqual([]);
        expect(
          checkRequest(body, undefined, "/v1beta/models/gemini-3-pro-preview:generateContent").filter(
            (one) => !one.includes("brandNew") && !one.includes("one data field"),
          ),
        ).toEqual([]);
        expect(decode(body)).toEqual(once);
      }),
      RUNS,
    );
  });
});

describe("requests of any client", () => {
  const source: fc.Arbitrary<Source> = fc.oneof(
    fc
      .constantFrom(
        "image/png",
        "image/gif",
        "application/pdf",
        "application/zip",
        "text/csv",
        "audio/wav",
        "application/json",
      )
      .map((mediaType): Source => ({ kind: "base64", mediaType, data: "AAAA" })),
    fc
      .constantFrom("https://a/b.gif", "https://a/b", "data:image/png;base64,AAAA", "data:,x", "data:")
      .map((url): Source => ({ kind: "url", url })),
    fc.constant<Source>({ kind: "file", id: "f", protocol: "anthropic" }),
    fc.constant<Source>({ kind: "text", text: "t", mediaType: "text/plain" }),
  );
  const signature: fc.Arbitrary<Signature> = fc.constantFrom<Signature>(
    { protocol: "anthropic", kind: "signature", data: "x" },
    { protocol: "openai-responses", kind: "encrypted", data: "x" },
    { protocol: "gemini", kind: "signature", data: "c2ln" },
    { protocol: "gemini", kind: "signature", data: "" },
  );
  const userPart: fc.Arbitrary<UserPart> = fc.oneof(
    fc.string().map((value): UserPart => ({ type: "text", text: value, cache: {} })),
    source.map((one): UserPart => ({ type: "image", source: one, detail: "high" })),
    source.map((one): UserPart => ({ type: "document", source: one, title: "T" })),
    source.map((one): UserPart => ({ type: "audio", source: one })),
    fc.constant<UserPart>({ type: "provider", protocol: "anthropic", raw: { type: "x" } }),
  );
  const name = fc.oneof(word, fc.string());
  const callId = fc.constantFrom("a", "b", "c", "call_gem_r0_0");
  const assistantPart: fc.Arbitrary<AssistantPart> = fc.oneof(
    fc.tuple(fc.string(), optional(signature)).map(
      ([value, made]): AssistantPart => ({
        type: "text",
        text: value,
        ...(made ? { signature: made } : {}),
      }),
    ),
    fc.tuple(fc.string(), optional(signature)).map(
      ([value, made]): AssistantPart => ({
        type: "reasoning",
        text: value,
        ...(made ? { signature: made } : {}),
      }),
    ),
    fc
      .tuple(
        callId,
        name,
        fc.oneof(
          fc.constantFrom("", "[1]", "{", "null"),
          args.map((one) => JSON.stringify(one)),
        ),
        fc.constantFrom("function", "custom"),
        optional(signature),
      )
      .map(
        ([id, called, input, kind, made]): AssistantPart => ({
          type: "tool-call",
          callId: id,
          name: called,
          kind,
          input,
          ...(made ? { signature: made } : {}),
        }),
      ),
    fc.string().map((value): AssistantPart => ({ type: "refusal", text: value })),
    fc.constantFrom("both", "call", "result").map(
      (phase): AssistantPart => ({
        type: "provider-tool",
        protocol: "openai-responses",
        phase,
        tool: "code_interpreter",
        id: "",
        raw: {},
      }),
    ),
  );
  const content: fc.Arbitrary<ToolResultContent> = fc.oneof(
    fc.string().map((value): ToolResultContent => ({ type: "text", text: value })),
    source.map((one): ToolResultContent => ({ type: "image", source: one })),
  );
  const message: fc.Arbitrary<Message> = fc.oneof(
    fc
      .tuple(fc.constantFrom("system", "developer"), fc.string())
      .map(([role, value]): Message => ({ role, parts: [{ type: "text", text: value }] })),
    fc.array(userPart, { maxLength: 3 }).map((parts): Message => ({ role: "user", parts })),
    fc.array(assistantPart, { maxLength: 4 }).map((parts): Message => ({ role: "assistant", parts })),
    fc.array(fc.tuple(callId, fc.array(content, { maxLength: 2 }), fc.boolean()), { maxLength: 3 }).map(
      (results): Message => ({
        role: "tool",
        parts: results.map(([id, parts, isError]) => ({
          type: "tool-result",
          callId: id,
          kind: "function",
          content: parts,
          isError,
        })),
      }),
    ),
  );
  const tool: fc.Arbitrary<Tool> = fc.oneof(
    fc
      .tuple(
        name,
        optional(
          fc.constantFrom(
            {},
            { type: "object" },
            { $ref: "#/$defs/A", $defs: { A: { type: "object", properties: { a: { const: 1 } } } } },
          ),
        ),
      )
      .map(
        ([called, parameters]): Tool => ({
          type: "function",
          name: called,
          ...(parameters ? { parameters } : {}),
        }),
      ),
    name.map((called): Tool => ({ type: "custom", name: called, namespace: "ns" })),
    fc
      .constantFrom("web_search", "web_fetch", "mcp", "other")
      .map(
        (kind): Tool => ({ type: "provider", kind, name: kind, protocol: "anthropic", raw: { type: kind } }),
      ),
  );
  const request: fc.Arbitrary<ChatRequest> = fc
    .record({
      model: fc.constantFrom(
        "gemini-3-pro-preview",
        "gemini-3-flash",
        "gemini-2.5-pro",
        "gemini-2.5-flash-lite",
        "gemini-2.0-flash",
      ),
      messages: fc.array(message, { maxLength: 8 }),
      tools: fc.array(tool, { maxLength: 4 }),
      toolChoice: optional(
        fc.constantFrom(
          { type: "required" } as const,
          { type: "tool", name: "x" } as const,
          { type: "none" } as const,
        ),
      ),
      responseFormat: optional(
        fc.constantFrom(
          { type: "json" } as const,
          { type: "json-schema", schema: { type: "object", additionalProperties: false } } as const,
        ),
      ),
      reasoning: optional(
        fc.record({ effort: fc.constantFrom("none", "minimal", "low", "medium", "high", "xhigh", "max") }),
      ),
      sampling: fc.record({
        temperature: fc.double({ noNaN: true }),
        topK: fc.integer(),
        seed: fc.maxSafeInteger(),
        topP: fc.double({ noNaN: true }),
      }),
      maxOutputTokens: optional(fc.integer()),
      stop: optional(fc.array(fc.string())),
      n: optional(fc.integer()),
    })
    .map((fields) => chatRequest(clean(fields) as Partial<ChatRequest>));

  it("never throw, and a strict provider takes what comes out", () => {
    fc.assert(
      fc.property(request, (value) => {
        const { body } = encode(value);
        expect(checkRequest(body, undefined, `/v1beta/models/${value.model}:generateContent`)).toEqual([]);
        expect(encode(value).body).toEqual(body);
      }),
      { numRuns: 500 },
    );
  });
});

describe("whatever comes in", () => {
  const keys = fc.constantFrom(
    "contents",
    "parts",
    "text",
    "functionCall",
    "name",
    "args",
    "candidates",
    "content",
    "inlineData",
    "data",
    "mimeType",
    "error",
    "message",
    "details",
    "tools",
    "functionDeclarations",
    "parameters",
    "generationConfig",
    "usageMetadata",
    "groundingMetadata",
    "groundingChunks",
    "groundingSupports",
    "segment",
    "endIndex",
    "partialArgs",
    "jsonPath",
    "stringValue",
    "willContinue",
    "index",
    "finishReason",
    "role",
    "system_instruction",
    "__proto__",
  );
  const value = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 6 },
      fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom("$.a", "$.a.b", "model", "user", "STOP")),
      fc.array(tie("node"), { maxLength: 3 }),
      fc.dictionary(keys, tie("node"), { maxKeys: 5 }),
    ),
  })).node;

  const onlyOurs = (run: () => unknown) => {
    try {
      run();
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(PorticoError);
    }
  };

  it("throws nothing but a PorticoError", () => {
    const request = chatRequest();
    fc.assert(
      fc.property(value, fc.dictionary(keys, value), fc.array(value), (any, record, list) => {
        const body = plain({ ...record });
        onlyOurs(() => codec.decodeRequest(plain(any ?? null), { model: "m", stream: false }));
        onlyOurs(() => encode(codec.decodeRequest(body, { model: "gemini-2.0-flash", stream: false })));
        onlyOurs(() => codec.decodeReply(plain(any ?? null), { request }));
        onlyOurs(() => {
          const reply = codec.decodeReply(body, { request });
          expect(
            checkReply(codec.encodeReply(reply, replyContext())).filter((one) => one.startsWith("usage")),
          ).toEqual([]);
        });
        const events = decodeStream(
          [...list.map((one) => JSON.stringify(one) ?? ""), JSON.stringify(body), "{", "x"],
          request,
        );
        expect(checkEvents(events)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
