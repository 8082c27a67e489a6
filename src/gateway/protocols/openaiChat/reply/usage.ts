/** Token counts: the provider's many spellings to the canonical usage, and OpenAI's own arithmetic. */
import type { Usage } from "../../chat.ts";
import { statedCost } from "../../statedCost.ts";
import { count, type Json, record } from "../values.ts";

/**
 * `prompt_tokens` includes what came from the cache. Where `total_tokens` is more than prompt and
 * completion together, the provider (xAI, Gemini) counts reasoning beside the completion.
 * `undefined`: no counts in it.
 */
export function decodeUsage(value: unknown): Usage | undefined {
  const usage = record(value);
  if (usage === undefined) return undefined;
  const prompt = count(usage.prompt_tokens) ?? count(usage.input_tokens);
  const completion = count(usage.completion_tokens) ?? count(usage.output_tokens);
  if (prompt === undefined && completion === undefined) return undefined;
  const promptDetails = record(usage.prompt_tokens_details) ?? record(usage.input_tokens_details);
  const cacheRead = Math.min(
    prompt ?? 0,
    // DeepSeek: prompt_cache_hit_tokens. Moonshot: cached_tokens. A zero elsewhere says nothing.
    count(promptDetails?.cached_tokens) ||
      count(usage.prompt_cache_hit_tokens) ||
      count(usage.cached_tokens) ||
      0,
  );
  const total = prompt ?? 0;
  const cacheWrite = Math.min(total - cacheRead, count(promptDetails?.cache_write_tokens) ?? 0);
  const stated =
    count(record(usage.completion_tokens_details)?.reasoning_tokens) ?? count(usage.reasoning_tokens);
  const beside = Math.max(0, (count(usage.total_tokens) ?? 0) - total - (completion ?? 0));
  const apart = beside > 0 && (stated === undefined || stated === 0 || stated === beside);
  const output = (completion ?? 0) + (apart ? beside : 0);
  return {
    input: { total, uncached: total - cacheRead - cacheWrite, cacheRead, cacheWrite },
    output: { total: output, reasoning: Math.min(output, apart ? beside : (stated ?? 0)) },
    ...statedCost(usage),
  };
}

export function encodeUsage(usage: Usage): Json {
  const { input, output } = usage;
  return {
    prompt_tokens: input.total,
    completion_tokens: output.total,
    total_tokens: input.total + output.total,
    prompt_tokens_details: {
      cached_tokens: input.cacheRead,
      ...(input.cacheWrite > 0 ? { cache_write_tokens: input.cacheWrite } : {}),
    },
    completion_tokens_details: { reasoning_tokens: output.reasoning },
  };
}
