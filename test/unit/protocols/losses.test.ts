/** What endpoints are said to lose, held to what their encoders warn of. */
import { describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import type { ChatRequest, UserPart } from "../../../src/gateway/protocols/chat.ts";
import { CODECS } from "../../../src/gateway/protocols/codecs.ts";
import { CONTENT, type Feature, featuresOf } from "../../../src/gateway/protocols/features.ts";
import { WIRES } from "../../../src/gateway/protocols/wires.ts";

const tool = { type: "function" as const, name: "f", parameters: { type: "object", properties: {} } };
const bytes = (mediaType: string) => ({ kind: "base64" as const, mediaType, data: "aGk=" });
const saying = (part: UserPart): Partial<ChatRequest> => ({ messages: [{ role: "user", parts: [part] }] });
const hosted = (
  kind: "web_search" | "web_fetch" | "code_execution",
  protocol: Protocol,
): Partial<ChatRequest> => ({
  tools: [{ type: "provider", kind, name: kind, protocol, raw: { type: `${kind}_x`, name: kind } }],
});

/** A request with this feature alone, beside those that it needs. */
const WITH: Readonly<Record<Exclude<Feature, "answer">, Partial<ChatRequest>>> = {
  image: saying({ type: "image", source: bytes("image/png") }),
  pdf: saying({ type: "document", source: bytes("application/pdf"), name: "a.pdf" }),
  audio: saying({ type: "audio", source: bytes("audio/wav") }),
  video: saying({ type: "video", source: bytes("video/mp4") }),
  speech: { modalities: ["text", "audio"] },
  drawing: { modalities: ["text", "image"] },
  tools: { tools: [tool] },
  "web-search": hosted("web_search", "gemini"),
  "web-fetch": hosted("web_fetch", "gemini"),
  "code-execution": hosted("code_execution", "gemini"),
  "cached-content": { cachedContent: "cachedContents/x" },
  "free-text-tools": { tools: [{ type: "custom", name: "c" }] },
  "forced-call": { tools: [tool], toolChoice: { type: "required" } },
  "named-call": { tools: [tool], toolChoice: { type: "tool", name: "f" } },
  "serial-calls": { tools: [tool], parallelToolCalls: false },
  effort: { reasoning: { effort: "high" } },
  "no-thinking": { reasoning: { effort: "none" } },
  "shown-thinking": { reasoning: { show: true } },
  schema: {
    responseFormat: {
      type: "json-schema",
      schema: { type: "object", properties: {}, additionalProperties: false },
    },
  },
  stop: { stop: ["x"] },
  "top-k": { sampling: { topK: 4 } },
  "min-p": { sampling: { minP: 0.1 } },
  seed: { sampling: { seed: 1 } },
  penalties: { sampling: { presencePenalty: 1 } },
  "logit-bias": { sampling: { logitBias: { a: 1 } } },
  logprobs: { sampling: { logprobs: { top: 2 } } },
  "several-answers": { n: 2 },
  verbosity: { verbosity: "low" },
  "cache-markers": saying({ type: "text", text: "hi", cache: {} }),
};

const request = (model: string, over: Partial<ChatRequest>): ChatRequest => ({
  model,
  messages: [{ role: "user", parts: [{ type: "text", text: "hi" }] }],
  tools: [],
  sampling: {},
  stream: true,
  ...over,
});

/**
 * Losses that nobody is warned of: prompts are cached all the same, thinking comes unasked or not at all, free text is a
 * function's only argument.
 */
const SILENT: readonly Feature[] = ["cache-markers", "shown-thinking", "free-text-tools"];
/** Kept, at the price of another thing, of which the warning tells. */
const PRICED: Readonly<Record<string, readonly Feature[]>> = {
  "openai-chat deepseek": ["forced-call", "named-call"],
};

const PLACES: readonly [Protocol, string, string][] = [
  ["openai-chat", "openai", "gpt-4.1"],
  ["openai-chat", "openai", "gpt-5.5"],
  ["openai-chat", "openai", "o3"],
  ["openai-chat", "gemini", "gemini-3.8-flash"],
  ["openai-chat", "deepseek", "deepseek-flash"],
  ["openai-chat", "xai", "grok-4.6"],
  ["openai-chat", "zai", "glm-5.3"],
  ["openai-responses", "openai", "gpt-4.1"],
  ["openai-responses", "openai", "gpt-5.5"],
  ["anthropic", "anthropic", "claude-opus-5-5"],
  ["anthropic", "anthropic", "claude-haiku-4-5"],
  ["anthropic", "deepseek", "deepseek-flash"],
  ["gemini", "gemini", "gemini-3.8-flash"],
  ["gemini", "gemini", "gemini-2.5-flash"],
];

describe.each(PLACES)("%s of %s, %s", (protocol, provider, model) => {
  const features = Object.keys(WITH) as Exclude<Feature, "answer">[];
  it.each(features)("%s is lost where, and only where, the encoder says so", (feature) => {
    const asked = request(model, WITH[feature]);
    const brought = featuresOf(asked);
    expect(brought).toContain(feature);
    const lost = WIRES[protocol].losses(brought, { provider, model });
    const warnings: string[] = [];
    CODECS[protocol].encodeRequest(asked, {
      provider,
      autoCache: false,
      warn: (about, message) => warnings.push(`${about}: ${message}`),
    });
    if (lost.includes(feature)) {
      if (!SILENT.includes(feature)) expect(warnings).not.toEqual([]);
    } else if (PRICED[`${protocol} ${provider}`]?.includes(feature) !== true) expect(warnings).toEqual([]);
  });
});

it("features are what a request says, no more", () => {
  expect([...featuresOf(request("m", {}))]).toEqual(["answer"]);
  expect([
    ...featuresOf(request("m", { stop: [], n: 1, sampling: { presencePenalty: 0 }, modalities: ["text"] })),
  ]).toEqual(["answer"]);
  const inside = request("m", {
    messages: [
      {
        role: "tool",
        parts: [
          {
            type: "tool-result",
            callId: "1",
            kind: "function",
            content: [{ type: "document", source: bytes("application/pdf") }],
          },
        ],
      },
    ],
  });
  expect([...featuresOf(inside)]).toEqual(["answer", "pdf"]);
  expect([
    ...featuresOf(
      request(
        "m",
        saying({ type: "document", source: { kind: "text", text: "a", mediaType: "text/plain" } }),
      ),
    ),
  ]).toEqual(["answer"]);
});

it("a model that an endpoint does not serve loses everything there", () => {
  const brought = featuresOf(request("gpt-5.5-pro", {}));
  const place = { provider: "openai", model: "gpt-5.5-pro" };
  expect(WIRES["openai-chat"].losses(brought, place)).toEqual(["answer"]);
  expect(WIRES["openai-responses"].losses(brought, place)).toEqual([]);
  expect(WIRES["openai-chat"].losses(brought, { ...place, provider: "openrouter" })).toEqual([]);
  for (const protocol of PROTOCOLS) {
    const known = { notBy: [protocol] };
    expect(WIRES[protocol].losses(brought, { provider: "custom", model: "m" }, known)).toEqual(["answer"]);
  }
  expect(CONTENT.has("answer")).toBe(true);
});

it("a chat client's request is refused as it is by models that want tools elsewhere", () => {
  const refuses = (model: string, over: Partial<ChatRequest>, provider = "openai") =>
    WIRES["openai-chat"].refusesAsIs?.(featuresOf(request(model, over)), { provider, model });
  const tools = { tools: [tool] };
  expect(refuses("gpt-6-astra", tools)).toBe(true);
  expect(refuses("gpt-6-astra", {})).toBe(false);
  expect(refuses("gpt-6-sol", tools)).toBe(true);
  expect(refuses("gpt-6-sol", { ...tools, reasoning: { effort: "none" } })).toBe(false);
  expect(refuses("gpt-5.5", { ...tools, reasoning: { effort: "high" } })).toBe(true);
  // It does not think unless told to.
  expect(refuses("gpt-5.5", tools)).toBe(false);
  expect(refuses("gpt-4.1", tools)).toBe(false);
  expect(refuses("gpt-5.3-codex", {})).toBe(true);
  expect(refuses("openai/gpt-6-sol", tools, "openrouter")).toBe(false);
});
