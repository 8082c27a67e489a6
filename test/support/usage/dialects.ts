/** How providers of each protocol tell their usage, and what it means. */

import type { Protocol } from "../../../src/control/protocol.ts";
import type { Usage } from "../../../src/gateway/protocols/chat.ts";

export interface Dialect {
  readonly name: string;
  readonly protocol: Protocol;
  /** As a whole reply has it, under the protocol's own key. */
  readonly counts: Readonly<Record<string, unknown>>;
  readonly usage: Usage;
}

/** [input, cache read, cache write, output, reasoning, USD] */
function used(
  input: number,
  cacheRead: number,
  cacheWrite: number,
  output: number,
  reasoning: number,
  cost?: number,
): Usage {
  return {
    input: { total: input, uncached: input - cacheRead - cacheWrite, cacheRead, cacheWrite },
    output: { total: output, reasoning },
    ...(cost === undefined ? {} : { cost }),
  };
}

const chat = (name: string, counts: Dialect["counts"], usage: Usage): Dialect => ({
  name,
  protocol: "openai-chat",
  counts,
  usage,
});
const responses = (name: string, counts: Dialect["counts"], usage: Usage): Dialect => ({
  name,
  protocol: "openai-responses",
  counts,
  usage,
});
const anthropic = (name: string, counts: Dialect["counts"], usage: Usage): Dialect => ({
  name,
  protocol: "anthropic",
  counts,
  usage,
});
const gemini = (name: string, counts: Dialect["counts"], usage: Usage): Dialect => ({
  name,
  protocol: "gemini",
  counts,
  usage,
});

export const DIALECTS: readonly Dialect[] = [
  chat(
    "OpenAI: cached and reasoning tokens are parts",
    {
      prompt_tokens: 100,
      completion_tokens: 50,
      total_tokens: 150,
      prompt_tokens_details: { cached_tokens: 60 },
      completion_tokens_details: { reasoning_tokens: 20 },
    },
    used(100, 60, 0, 50, 20),
  ),
  chat(
    "OpenAI: tokens written to the cache",
    {
      prompt_tokens: 100,
      completion_tokens: 5,
      total_tokens: 105,
      prompt_tokens_details: { cached_tokens: 10, cache_write_tokens: 70 },
    },
    used(100, 10, 70, 5, 0),
  ),
  chat(
    "OpenRouter: its own cost, tokens written to the cache",
    {
      prompt_tokens: 194,
      completion_tokens: 12,
      total_tokens: 206,
      cost: 0.00125,
      is_byok: false,
      prompt_tokens_details: { cached_tokens: 100, cache_write_tokens: 50 },
      cost_details: { upstream_inference_cost: 0.00125 },
    },
    used(194, 100, 50, 12, 0, 0.00125),
  ),
  chat(
    "OpenRouter: a person's own key pays the maker as well",
    {
      prompt_tokens: 10,
      completion_tokens: 2,
      total_tokens: 12,
      cost: 0.25,
      is_byok: true,
      cost_details: { upstream_inference_cost: 5 },
    },
    used(10, 0, 0, 2, 0, 5.25),
  ),
  chat(
    "OpenRouter: a model that costs nothing",
    { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12, cost: 0 },
    used(10, 0, 0, 2, 0, 0),
  ),
  chat(
    "xAI: reasoning beside the completion, cost in ticks",
    {
      prompt_tokens: 12,
      completion_tokens: 9,
      total_tokens: 115,
      prompt_tokens_details: { text_tokens: 12, cached_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 94 },
      cost_in_usd_ticks: 5_150_000,
    },
    used(12, 4, 0, 103, 94, 0.000515),
  ),
  chat(
    "Gemini's chat: reasoning only in the total",
    { prompt_tokens: 10, completion_tokens: 20, total_tokens: 130 },
    used(10, 0, 0, 120, 100),
  ),
  chat(
    "Moonshot: cached_tokens at the top",
    { prompt_tokens: 30, completion_tokens: 7, total_tokens: 37, cached_tokens: 25 },
    used(30, 25, 0, 7, 0),
  ),
  chat(
    "Moonshot: cached_tokens at the top, a zero in the details",
    {
      prompt_tokens: 30,
      completion_tokens: 7,
      total_tokens: 37,
      cached_tokens: 25,
      prompt_tokens_details: { cached_tokens: 0 },
    },
    used(30, 25, 0, 7, 0),
  ),
  chat(
    "DeepSeek: hits of the cache at the top",
    {
      prompt_tokens: 30,
      completion_tokens: 7,
      total_tokens: 37,
      prompt_cache_hit_tokens: 20,
      prompt_cache_miss_tokens: 10,
      completion_tokens_details: { reasoning_tokens: 3 },
    },
    used(30, 20, 0, 7, 3),
  ),
  chat(
    "nulls for what there is none of",
    {
      prompt_tokens: 8,
      completion_tokens: 3,
      total_tokens: 11,
      prompt_tokens_details: null,
      completion_tokens_details: null,
      cost: null,
    },
    used(8, 0, 0, 3, 0),
  ),
  chat("names of the Responses API", { input_tokens: 8, output_tokens: 3 }, used(8, 0, 0, 3, 0)),
  responses(
    "OpenAI: all details",
    {
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 40, cache_write_tokens: 30 },
      output_tokens: 50,
      output_tokens_details: { reasoning_tokens: 20 },
      total_tokens: 150,
    },
    used(100, 40, 30, 50, 20),
  ),
  responses(
    "xAI: reasoning included, cost in ticks",
    {
      input_tokens: 216,
      input_tokens_details: { cached_tokens: 192 },
      output_tokens: 863,
      output_tokens_details: { reasoning_tokens: 237 },
      total_tokens: 1079,
      num_sources_used: 0,
      cost_in_usd_ticks: 12_345_678,
    },
    used(216, 192, 0, 863, 237, 0.0012345678),
  ),
  responses(
    "OpenRouter: its own cost",
    { input_tokens: 10, output_tokens: 5, total_tokens: 15, cost: 0.02 },
    used(10, 0, 0, 5, 0, 0.02),
  ),
  responses("no details at all", { input_tokens: 10, output_tokens: 5 }, used(10, 0, 0, 5, 0)),
  anthropic(
    "cached tokens beside the input, thinking within the output",
    {
      input_tokens: 20,
      cache_read_input_tokens: 300,
      cache_creation_input_tokens: 40,
      output_tokens: 90,
      output_tokens_details: { thinking_tokens: 60 },
    },
    used(360, 300, 40, 90, 60),
  ),
  anthropic(
    "compaction is in no total",
    {
      input_tokens: 612,
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 0,
      output_tokens: 2819,
      iterations: [
        {
          type: "compaction",
          input_tokens: 60385,
          cache_read_input_tokens: 1000,
          cache_creation_input_tokens: 200,
          output_tokens: 522,
        },
        { type: "message", input_tokens: 612, output_tokens: 2819 },
      ],
    },
    used(612 + 60385 + 1200, 1000, 200, 2819 + 522, 0),
  ),
  anthropic(
    "nulls for what there is none of",
    {
      input_tokens: 20,
      cache_read_input_tokens: null,
      cache_creation_input_tokens: null,
      output_tokens: 9,
      iterations: null,
      output_tokens_details: null,
    },
    used(20, 0, 0, 9, 0),
  ),
  anthropic(
    "OpenRouter's messages: its own cost",
    { input_tokens: 20, output_tokens: 9, cost: 0.5 },
    used(20, 0, 0, 9, 0, 0.5),
  ),
  gemini(
    "thoughts and tools beside",
    {
      promptTokenCount: 8,
      cachedContentTokenCount: 2,
      toolUsePromptTokenCount: 5,
      candidatesTokenCount: 3,
      thoughtsTokenCount: 4,
      totalTokenCount: 20,
    },
    used(13, 2, 0, 7, 4),
  ),
  gemini(
    "no candidatesTokenCount",
    { promptTokenCount: 8, thoughtsTokenCount: 4, totalTokenCount: 22 },
    used(8, 0, 0, 14, 4),
  ),
  gemini(
    "numbers as text",
    { promptTokenCount: "8", candidatesTokenCount: "3", totalTokenCount: "11" },
    used(8, 0, 0, 3, 0),
  ),
];

/** The key under which a whole reply of the protocol has its counts. */
export const USAGE_KEY: Readonly<Record<Protocol, string>> = {
  "openai-chat": "usage",
  "openai-responses": "usage",
  anthropic: "usage",
  gemini: "usageMetadata",
};
