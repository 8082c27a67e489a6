/** Token counts: `input_tokens` includes cached ones, `output_tokens` includes reasoning. */
import type { Usage } from "../chat.ts";
import { type Fields, fieldsOf, isFields, numberOf } from "./values.ts";

const count = (value: unknown): number => Math.max(0, Math.trunc(numberOf(value) ?? 0));

export function decodeUsage(value: unknown): Usage | undefined {
  if (!isFields(value) || (value.input_tokens === undefined && value.output_tokens === undefined)) {
    return undefined;
  }
  const details = fieldsOf(value.input_tokens_details);
  const cacheRead = count(details.cached_tokens);
  const cacheWrite = count(details.cache_write_tokens);
  const total = count(value.input_tokens);
  return {
    input: { total, uncached: Math.max(0, total - cacheRead - cacheWrite), cacheRead, cacheWrite },
    output: {
      total: count(value.output_tokens),
      reasoning: count(fieldsOf(value.output_tokens_details).reasoning_tokens),
    },
  };
}

export function encodeUsage(usage: Usage): Fields {
  return {
    input_tokens: usage.input.total,
    input_tokens_details: {
      cached_tokens: usage.input.cacheRead,
      cache_write_tokens: usage.input.cacheWrite,
    },
    output_tokens: usage.output.total,
    output_tokens_details: { reasoning_tokens: usage.output.reasoning },
    total_tokens: usage.input.total + usage.output.total,
  };
}
