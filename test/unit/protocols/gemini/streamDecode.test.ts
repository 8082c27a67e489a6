import { describe, expect, it } from "vitest";
import { codec } from "../../../../src/gateway/protocols/gemini/index.ts";
import {
  ArgsWriter,
  OutOfOrder,
  parsePath,
} from "../../../../src/gateway/protocols/gemini/stream/argsWriter.ts";
import { chatRequest, checkEvents, decodeStream, type Json, summary } from "./helpers.ts";

const chunk = (parts: Json[], more: Json = {}, index = 0): Json => ({
  candidates: [{ content: { role: "model", parts }, index, ...more }],
  modelVersion: "gemini-3-pro",
  responseId: "resp-1",
});
const stop = { finishReason: "STOP" };
const usageMetadata = {
  promptTokenCount: 10,
  cachedContentTokenCount: 4,
  candidatesTokenCount: 3,
  thoughtsTokenCount: 2,
  toolUsePromptTokenCount: 5,
  totalTokenCount: 20,
};

describe("decoding a stream", () => {
  it("gives text, thoughts, calls, finish and the last usage, in order", () => {
    const events = decodeStream([
      {
        ...chunk([{ text: "hm", thought: true }]),
        usageMetadata: { promptTokenCount: 10, totalTokenCount: 10 },
      },
      chunk([{ text: "Hel" }]),
      chunk([{ text: "lo" }, { functionCall: { name: "f", args: { a: 1 } }, thoughtSignature: "c2ln" }]),
      { ...chunk([{ functionCall: { id: "own", name: "g" } }], stop), usageMetadata },
    ]);
    expect(checkEvents(events)).toEqual([]);
    expect(events.map((event) => event.type)).toEqual([
      "start",
      "reasoning-start",
      "reasoning-delta",
      "reasoning-end",
      "text-start",
      "text-delta",
      "text-delta",
      "text-end",
      "tool-start",
      "tool-delta",
      "tool-end",
      "tool-start",
      "tool-delta",
      "tool-end",
      "finish",
      "usage",
    ]);
    expect(events[0]).toMatchObject({ id: "resp-1", model: "gemini-3-pro", usage: { input: { total: 10 } } });
    expect(events[8]).toHaveProperty("callId", expect.stringMatching(/^call_gem_resp1_0$/));
    const signature = { protocol: "gemini", kind: "signature", data: "c2ln", model: "gemini-3-pro" };
    expect(events[8]).toHaveProperty("signature", signature);
    expect(events[10]).toHaveProperty("signature", signature);
    expect(events[11]).toHaveProperty("callId", "own");
    expect(summary(events)).toMatchObject({
      calls: [
        { name: "f", input: { a: 1 } },
        { name: "g", input: {} },
      ],
      finish: ["tool-calls"],
      usage: {
        input: { total: 15, uncached: 11, cacheRead: 4, cacheWrite: 0 },
        output: { total: 5, reasoning: 2 },
      },
    });
  });

  it("gives calls without id other ids in the next turn, also where replies have no id", () => {
    const reply = [{ candidates: [{ content: { parts: [{ functionCall: { name: "f" } }] }, ...stop }] }];
    const id = (request = chatRequest()) =>
      decodeStream(reply, request).find((event) => event.type === "tool-start")?.callId;
    const later = chatRequest({ messages: [...chatRequest().messages, ...chatRequest().messages] });
    expect(id()).not.toBe(id(later));
    expect(id()).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  });

  it("keeps candidates apart", () => {
    const events = decodeStream([
      chunk([{ text: "a" }], {}, 0),
      chunk([{ text: "b" }], {}, 1),
      chunk([{ text: "c" }], stop, 0),
      chunk([], { finishReason: "MAX_TOKENS" }, 1),
    ]);
    expect(checkEvents(events)).toEqual([]);
    expect(events.filter((event) => event.type === "finish")).toEqual([
      { type: "finish", reason: "stop", raw: "STOP" },
      { type: "finish", reason: "length", raw: "MAX_TOKENS", choice: 1 },
    ]);
  });

  it("ends a text with the signature that comes behind it", () => {
    const events = decodeStream([
      chunk([{ text: "x" }]),
      chunk([{ text: "", thoughtSignature: "c2ln" }], stop),
    ]);
    expect(events.filter((event) => event.type === "text-start")).toHaveLength(1);
    expect(events.find((event) => event.type === "text-end")).toHaveProperty("signature.data", "c2ln");
  });

  it("reads media, code execution and unknown parts as whole parts", () => {
    const events = decodeStream([
      chunk(
        [
          { inlineData: { mimeType: "image/png", data: "AA==" }, thoughtSignature: "c2ln" },
          { inlineData: { mimeType: "audio/L16;rate=24000", data: "AA==" } },
          { executableCode: { language: "PYTHON", code: "1" } },
          { codeExecutionResult: { outcome: "OUTCOME_OK", output: "1" } },
          { newThing: 1 },
        ],
        stop,
      ),
    ]);
    expect(events.flatMap((event) => (event.type === "part" ? event.part.type : []))).toEqual([
      "image",
      "audio",
      "provider-tool",
      "provider-tool",
      "provider",
    ]);
  });

  it("reads sources and where they belong", () => {
    const groundingMetadata = {
      webSearchQueries: ["q"],
      groundingChunks: [{ web: { uri: "https://a", title: "A" } }, { web: { uri: "https://b" } }],
      groundingSupports: [
        { segment: { startIndex: 0, endIndex: 5, text: "Hello" }, groundingChunkIndices: [0] },
      ],
    };
    const found = (text: string) =>
      decodeStream([chunk([{ text }]), chunk([{ text: "" }], { ...stop, groundingMetadata })]).flatMap(
        (event) => (event.type === "citation" ? event.citation : []),
      );
    expect(found("Hello there")).toMatchObject([
      { kind: "url", url: "https://a", title: "A", citedText: "Hello", start: 0, end: 5 },
      { kind: "url", url: "https://b" },
    ]);
    // Bytes cannot be told as code units without the text.
    expect(found("Hällo there")[0]).not.toHaveProperty("start");
  });

  it("reads logprobs", () => {
    const logprobsResult = {
      chosenCandidates: [{ token: "a", logProbability: -0.1, tokenId: 5 }],
      topCandidates: [{ candidates: [{ token: "b", logProbability: -2 }] }],
    };
    const events = decodeStream([chunk([{ text: "a" }], { ...stop, logprobsResult })]);
    expect(events.find((event) => event.type === "text-delta")).toHaveProperty("logprobs", [
      { token: "a", logprob: -0.1, top: [{ token: "b", logprob: -2 }] },
    ]);
  });

  it("tells of a blocked prompt", () => {
    const events = decodeStream([{ promptFeedback: { blockReason: "PROHIBITED_CONTENT" }, usageMetadata }]);
    expect(summary(events)).toMatchObject({ finish: ["content-filter"], error: undefined });
  });

  it.each([
    ["SAFETY", "content-filter"],
    ["RECITATION", "content-filter"],
    ["MALFORMED_FUNCTION_CALL", "error"],
    ["CONTINUATION", "pause"],
    ["LANGUAGE", "other"],
    ["NEW_REASON", "other"],
  ])("reads the end %s as %s", (finishReason, reason) => {
    const [finish] = decodeStream([chunk([], { finishReason })]).filter((event) => event.type === "finish");
    expect(finish).toEqual({ type: "finish", reason, raw: finishReason });
  });

  it("closes what is open when the stream breaks, and leaves half a call unusable", () => {
    const events = decodeStream([
      chunk([{ text: "x" }, { functionCall: { name: "f", willContinue: true } }]),
      chunk([
        {
          functionCall: {
            partialArgs: [{ jsonPath: "$.a", stringValue: "b", willContinue: true }],
            willContinue: true,
          },
        },
      ]),
    ]);
    expect(checkEvents(events)).toEqual([]);
    expect(events.at(-1)).toMatchObject({ type: "error", error: { kind: "upstream" } });
    const input = events.flatMap((event) => (event.type === "tool-delta" ? event.delta : [])).join("");
    expect(() => JSON.parse(input) as unknown).toThrow();
  });

  it.each([[[]], [["[DONE]"]], [[{}]], [[{ candidates: [] }]]])("takes %j for a broken stream", (chunks) => {
    expect(decodeStream(chunks as object[]).at(-1)).toMatchObject({
      type: "error",
      error: { kind: "upstream" },
    });
  });

  it("tells of an error in the midst of a stream by its kind, and says nothing after it", () => {
    const error = { error: { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" } };
    for (const wire of [error, [error]]) {
      const events = decodeStream([chunk([{ text: "x" }]), wire, chunk([{ text: "y" }], stop)]);
      expect(checkEvents(events)).toEqual([]);
      expect(events.at(-1)).toEqual({
        type: "error",
        error: { kind: "overloaded", message: "The model is overloaded.", code: "UNAVAILABLE" },
      });
    }
  });

  it("fails on what is no JSON", () => {
    expect(summary(decodeStream([chunk([{ text: "x" }]), '{"candidates":[{'])).error).toBe("upstream");
  });

  it("gives calls back as what the client declared", () => {
    const request = chatRequest({ tools: [{ type: "custom", name: "patch" }] });
    const wire = [chunk([{ functionCall: { name: "patch", args: { input: "free\ntext" } } }], stop)];
    const events = decodeStream(wire, request);
    expect(events.find((event) => event.type === "tool-start")).toHaveProperty("kind", "custom");
    expect(events.flatMap((event) => (event.type === "tool-delta" ? event.delta : [])).join("")).toBe(
      "free\ntext",
    );
    const reply = codec.decodeReply(wire[0], { request });
    expect(reply.choices[0]?.parts[0]).toMatchObject({
      type: "tool-call",
      kind: "custom",
      input: "free\ntext",
    });
  });
});

describe("streamed arguments", () => {
  it("parses paths", () => {
    expect(parsePath("$.a.b[0]['c d'][\"e\"]")).toEqual(["a", "b", 0, "c d", "e"]);
    expect(parsePath("a.b")).toBeUndefined();
    expect(parsePath("$[0]")).toBeUndefined();
    expect(parsePath("$.a[*]")).toBeUndefined();
  });

  it("writes every kind of value, and escapes", () => {
    const writer = new ArgsWriter();
    const args = [
      { jsonPath: "$.s", stringValue: 'q"\n', willContinue: true },
      { jsonPath: "$.s", stringValue: "ü", willContinue: true },
      { jsonPath: "$.s", stringValue: "" },
      { jsonPath: "$.n", numberValue: 1.5 },
      { jsonPath: "$.o.b", boolValue: false },
      { jsonPath: "$.o.list[0].x", nullValue: "NULL_VALUE" },
      { jsonPath: "$.o.list[2].x", stringValue: "end" },
      { jsonPath: "$.last", stringValue: "open", willContinue: true },
    ];
    const text = args.map((arg) => writer.push(arg)).join("") + writer.end();
    expect(JSON.parse(text)).toEqual({
      s: 'q"\nü',
      n: 1.5,
      o: { b: false, list: [{ x: null }, null, { x: "end" }] },
      last: "open",
    });
  });

  it("refuses what went back into a finished value", () => {
    const writer = new ArgsWriter();
    writer.push({ jsonPath: "$.a.x", numberValue: 1 });
    writer.push({ jsonPath: "$.b", numberValue: 1 });
    expect(() => writer.push({ jsonPath: "$.a.y", numberValue: 1 })).toThrow(OutOfOrder);
  });

  it("ends such a stream with an error", () => {
    const partialArgs = ["$.a.x", "$.b", "$.a.y"].map((jsonPath) => ({ jsonPath, numberValue: 1 }));
    const events = decodeStream([chunk([{ functionCall: { name: "f", partialArgs } }], stop)]);
    expect(events.at(-1)).toMatchObject({ type: "error", error: { kind: "upstream" } });
  });

  it("keeps calls with ids apart", () => {
    const part = (id: string, jsonPath: string) => ({
      functionCall: { id, partialArgs: [{ jsonPath, stringValue: id }], willContinue: true },
    });
    const events = decodeStream([
      chunk([
        { functionCall: { id: "1", name: "f", willContinue: true } },
        { functionCall: { id: "2", name: "g", willContinue: true } },
      ]),
      chunk([part("1", "$.a"), part("2", "$.b"), part("1", "$.c")]),
      chunk([{ functionCall: { id: "2" } }, { functionCall: { id: "1" } }, { functionCall: {} }], stop),
    ]);
    expect(checkEvents(events)).toEqual([]);
    expect(summary(events).calls).toEqual([
      { name: "g", input: { b: "2" } },
      { name: "f", input: { a: "1", c: "1" } },
    ]);
  });
});
