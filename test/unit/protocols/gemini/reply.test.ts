import { describe, expect, it } from "vitest";
import type { PorticoError } from "../../../../src/gateway/common/errors.ts";
import type { ChatEvent, ChatReply, Warning } from "../../../../src/gateway/protocols/chat.ts";
import { codec } from "../../../../src/gateway/protocols/gemini/index.ts";
import { SKIP_SIGNATURE } from "../../../../src/gateway/protocols/gemini/signature.ts";
import { checkReply, checkStream } from "../../../support/checkers/gemini.ts";
import {
  chatRequest,
  decode,
  encode,
  encodeStream,
  type Json,
  parseStream,
  replyContext,
  streamText,
} from "./helpers.ts";

const request = chatRequest();
const decodeReply = (body: unknown) => codec.decodeReply(body, { request });

function failure(body: unknown): PorticoError {
  try {
    decodeReply(body);
  } catch (thrown) {
    return thrown as PorticoError;
  }
  throw new Error("was accepted");
}

describe("decoding a reply", () => {
  it("reads every choice with its parts", () => {
    const reply = decodeReply({
      candidates: [
        { index: 1, content: { parts: [{ text: "second" }] }, finishReason: "MAX_TOKENS" },
        {
          index: 0,
          content: {
            parts: [
              { text: "hm", thought: true },
              { text: "first" },
              { text: "", thoughtSignature: "c2ln" },
              { functionCall: { name: "f", args: {} } },
              { functionCall: { name: "f", args: { b: 1 } } },
            ],
          },
          finishReason: "STOP",
        },
      ],
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
      modelVersion: "m",
      responseId: "r",
      createTime: "2026-04-02T17:03:50.399550Z",
    });
    expect(reply).toMatchObject({
      id: "r",
      model: "m",
      created: 1_775_149_430,
      choices: [
        {
          parts: [
            { type: "reasoning", text: "hm" },
            { type: "text", text: "first", signature: { data: "c2ln" } },
            { type: "tool-call", input: "{}" },
            { type: "tool-call", input: '{"b":1}' },
          ],
          finish: { reason: "tool-calls", raw: "STOP" },
        },
        { finish: { reason: "length" } },
      ],
    });
    const ids = reply.choices[0]?.parts.flatMap((part) => ("callId" in part ? part.callId : []));
    expect(new Set(ids).size).toBe(2);
  });

  it("counts offsets of citations in code units, and round-trips them as bytes", () => {
    const text = "Grüße 👋 from Köln";
    const bytes = (part: string) => Buffer.byteLength(part);
    const groundingMetadata = {
      groundingChunks: [{ web: { uri: "https://a", title: "A" } }],
      groundingSupports: [
        {
          segment: {
            partIndex: 1,
            startIndex: bytes("Grüße "),
            endIndex: bytes("Grüße 👋 from"),
            text: "👋 from",
          },
          groundingChunkIndices: [0],
        },
      ],
    };
    const wire = {
      candidates: [
        {
          content: { parts: [{ text: "x", thought: true }, { text }], role: "model" },
          finishReason: "STOP",
          groundingMetadata,
        },
      ],
    };
    const reply = decodeReply(wire);
    const part = reply.choices[0]?.parts[1];
    const [citation] = part?.type === "text" ? (part.citations ?? []) : [];
    expect(text.slice(citation?.start, citation?.end)).toBe("👋 from");
    const again = codec.encodeReply(reply, replyContext()) as typeof wire;
    expect(again.candidates[0]?.groundingMetadata).toEqual(groundingMetadata);
  });

  it("reads recitations by both of their names", () => {
    for (const name of ["citations", "citationSources"]) {
      const citationMetadata = { [name]: [{ uri: "https://x", startIndex: 1, endIndex: 2, license: "MIT" }] };
      const reply = decodeReply({
        candidates: [{ content: { parts: [{ text: "abc" }] }, finishReason: "STOP", citationMetadata }],
      });
      expect(reply.choices[0]?.parts[0]).toMatchObject({
        citations: [{ url: "https://x", start: 1, end: 2 }],
      });
    }
  });

  it("tells of a blocked prompt and of an error", () => {
    expect(decodeReply({ promptFeedback: { blockReason: "SAFETY" } }).choices).toEqual([
      { parts: [], finish: { reason: "content-filter", raw: "SAFETY" } },
    ]);
    expect(failure({ error: { code: 429, message: "slow", status: "RESOURCE_EXHAUSTED" } }).kind).toBe(
      "rate_limit",
    );
  });

  it.each([[null], ["text"], [[]], [{}], [{ choices: [] }]])("refuses %j", (body) => {
    expect(failure(body).kind).toBe("upstream");
  });
});

const foreignReply: ChatReply = {
  id: "msg_1",
  choices: [
    {
      parts: [
        { type: "reasoning", text: "hm", signature: { protocol: "anthropic", kind: "signature", data: "x" } },
        {
          type: "text",
          text: "Hi",
          citations: [{ kind: "url", url: "https://a", title: "A", start: 0, end: 2 }],
        },
        {
          type: "provider-tool",
          protocol: "anthropic",
          phase: "call",
          tool: "web_search",
          id: "s",
          input: '{"query":"q"}',
          raw: {},
        },
        { type: "tool-call", callId: "toolu_1", name: "f", kind: "function", input: "" },
        { type: "tool-call", callId: "toolu_2", name: "g", kind: "function", input: '{"a":1}' },
      ],
      finish: { reason: "tool-calls", raw: "tool_use" },
    },
  ],
  usage: {
    input: { total: 30, uncached: 10, cacheRead: 15, cacheWrite: 5 },
    output: { total: 9, reasoning: 4 },
  },
};

describe("encoding a reply", () => {
  it("has the official shape", () => {
    const body = codec.encodeReply(foreignReply, replyContext());
    expect(checkReply(body)).toEqual([]);
    expect(body).toEqual({
      candidates: [
        {
          content: {
            parts: [
              { text: "hm", thought: true },
              { text: "Hi" },
              { functionCall: { id: "toolu_1", name: "f", args: {} }, thoughtSignature: SKIP_SIGNATURE },
              { functionCall: { id: "toolu_2", name: "g", args: { a: 1 } } },
            ],
            role: "model",
          },
          finishReason: "STOP",
          index: 0,
          groundingMetadata: {
            webSearchQueries: ["q"],
            groundingChunks: [{ web: { uri: "https://a", title: "A" } }],
            groundingSupports: [
              { segment: { partIndex: 1, startIndex: 0, endIndex: 2 }, groundingChunkIndices: [0] },
            ],
          },
        },
      ],
      usageMetadata: {
        promptTokenCount: 30,
        candidatesTokenCount: 5,
        totalTokenCount: 39,
        cachedContentTokenCount: 15,
        thoughtsTokenCount: 4,
      },
      modelVersion: "my-model",
      responseId: "msg_1",
    });
  });

  it("can be replayed: ids match, signatures return, the placeholder does not", () => {
    const reply = decodeReply({
      candidates: [
        {
          content: {
            role: "model",
            parts: [
              { text: "t", thought: true, thoughtSignature: "dGg=" },
              { functionCall: { id: "c1", name: "f", args: {} }, thoughtSignature: "c2ln" },
            ],
          },
          finishReason: "STOP",
        },
      ],
    });
    const body = codec.encodeReply(reply, replyContext()) as { candidates: { content: Json }[] };
    const replayed = decode({ contents: [{ parts: [{ text: "go" }] }, body.candidates[0]?.content] });
    expect(replayed.messages[1]?.parts).toMatchObject([
      { type: "reasoning", signature: { data: "dGg=" } },
      { type: "tool-call", callId: "c1", signature: { data: "c2ln" } },
    ]);
    const { body: sent } = encode(replayed);
    expect(JSON.stringify(sent.contents)).toContain("c2ln");
    expect(JSON.stringify(sent.contents)).not.toContain(SKIP_SIGNATURE);
  });

  it.each([
    ["stop", "end_turn", "STOP"],
    ["length", "max_tokens", "MAX_TOKENS"],
    ["context-window", undefined, "MAX_TOKENS"],
    ["content-filter", "RECITATION", "RECITATION"],
    ["content-filter", "JAILBREAK", "SAFETY"],
    ["refusal", "refusal", "SAFETY"],
    ["pause", "pause_turn", "OTHER"],
    ["error", "MALFORMED_FUNCTION_CALL", "MALFORMED_FUNCTION_CALL"],
    ["stop", "MAX_TOKENS", "STOP"],
  ] as const)("ends %s (%s) as %s", (reason, raw, finishReason) => {
    const finish = { reason, ...(raw === undefined ? {} : { raw }) };
    const body = codec.encodeReply({ choices: [{ parts: [], finish }] }, replyContext());
    expect(body).toMatchObject({ candidates: [{ finishReason }] });
    expect(checkReply(body)).toEqual([]);
  });
});

describe("encoding a stream", () => {
  const events: ChatEvent[] = [
    { type: "start", id: "r1", model: "other" },
    { type: "reasoning-start", id: "1" },
    { type: "reasoning-delta", id: "1", text: "hm" },
    { type: "reasoning-end", id: "1", signature: { protocol: "gemini", kind: "signature", data: "dGg=" } },
    { type: "text-start", id: "2" },
    { type: "tool-start", id: "3", callId: "a", name: "f", kind: "function" },
    { type: "tool-start", id: "4", callId: "b", name: "g", kind: "function" },
    { type: "text-delta", id: "2", text: "Hi" },
    { type: "tool-delta", id: "4", delta: '{"x":' },
    { type: "tool-delta", id: "4", delta: "1}" },
    { type: "citation", id: "2", citation: { kind: "url", url: "https://a", start: 0, end: 2 } },
    { type: "tool-end", id: "3" },
    { type: "tool-end", id: "4", signature: { protocol: "gemini", kind: "signature", data: "c2ln" } },
    { type: "text-end", id: "2" },
    { type: "finish", reason: "tool-calls" },
    {
      type: "usage",
      usage: {
        input: { total: 3, uncached: 3, cacheRead: 0, cacheWrite: 0 },
        output: { total: 4, reasoning: 1 },
      },
    },
  ];

  it.each(["sse", "json-array"] as const)("is a valid stream as %s", (framing) => {
    const wire = encodeStream(events, framing);
    expect(checkStream(wire)).toEqual([]);
    const parts = wire.map(({ data }) => {
      const { candidates } = JSON.parse(data) as { candidates: { content: { parts: unknown[] } }[] };
      return candidates[0]?.content.parts[0];
    });
    expect(parts).toEqual([
      { text: "hm", thought: true },
      { text: "", thought: true, thoughtSignature: "dGg=" },
      { text: "Hi" },
      { functionCall: { id: "a", name: "f", args: {} }, thoughtSignature: SKIP_SIGNATURE },
      { functionCall: { id: "b", name: "g", args: { x: 1 } }, thoughtSignature: "c2ln" },
      { text: "" },
    ]);
    expect(JSON.parse(wire.at(-1)?.data ?? "")).toMatchObject({
      candidates: [
        {
          finishReason: "STOP",
          groundingMetadata: { groundingSupports: [{ segment: { startIndex: 0, endIndex: 2 } }] },
        },
      ],
      usageMetadata: {
        promptTokenCount: 3,
        candidatesTokenCount: 3,
        thoughtsTokenCount: 1,
        totalTokenCount: 7,
      },
      modelVersion: "my-model",
      responseId: "r1",
    });
  });

  it("frames as Google does", () => {
    const sse = streamText(codec.streamEncoder(replyContext()), events);
    expect(sse).toMatch(/^data: \{.*\}\r\n\r\n$/s);
    const array = streamText(codec.streamEncoder(replyContext({ framing: "json-array" })), events);
    expect(array).toMatch(/^\[\{.*\},\r\n\{.*\}\]$/s);
    expect(streamText(codec.streamEncoder(replyContext({ framing: "json-array" })), [])).toBe("[]");
    expect(streamText(codec.streamEncoder(replyContext()), [])).toBe("");
  });

  it("sends text without waiting", () => {
    const encoder = codec.streamEncoder(replyContext());
    encoder.push({ type: "text-start", id: "1" });
    expect(encoder.push({ type: "text-delta", id: "1", text: "a" })).toContain('"text":"a"');
  });

  it("ends with an error in either framing, wherever it comes", () => {
    const error: ChatEvent = {
      type: "error",
      error: { kind: "rate_limit", message: "slow", retryAfterMs: 1_500 },
    };
    for (const framing of ["sse", "json-array"] as const) {
      for (const before of [0, 1, 8]) {
        const encoder = codec.streamEncoder(replyContext({ framing }));
        const wire = parseStream(streamText(encoder, [...events.slice(0, before), error]), framing);
        expect(checkStream(wire)).toEqual([]);
        expect(JSON.parse(wire.at(-1)?.data ?? "")).toMatchObject({
          error: { code: 429, status: "RESOURCE_EXHAUSTED", details: [{ retryDelay: "1.5s" }] },
        });
      }
    }
  });

  it("keeps a silent stream alive with what both framings ignore", () => {
    expect(codec.heartbeat("json-array").trim()).toBe("");
    expect(codec.heartbeat("sse")).toMatch(/^:.*\n\n$/);
    const encoder = codec.streamEncoder(replyContext({ framing: "json-array" }));
    const beat = codec.heartbeat("json-array");
    const text = events.map((event) => beat + encoder.push(event)).join("") + beat + encoder.end();
    expect(checkStream(parseStream(text, "json-array"))).toEqual([]);
  });

  it("warns of what a Gemini client cannot be shown", () => {
    const warnings: Warning[] = [];
    const encoder = codec.streamEncoder(
      replyContext({ warn: (feature, message) => warnings.push({ feature, message }) }),
    );
    const part = { type: "provider", protocol: "anthropic", raw: {} } as const;
    expect(encoder.push({ type: "part", part })).toBe("");
    expect(warnings).toHaveLength(1);
  });
});
