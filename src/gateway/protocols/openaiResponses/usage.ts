/** Token counts: `input_tokens` includes cached ones, `output_tokens` includes reasoning. */

import { type Fields, fieldsOf, isRecord, numberOf } from "../../common/json.ts";
import type { Usage } from "../chat.ts";
import { statedCost } from "../statedCost.ts";

const known = (value: unknown): number | undefined => {
  const number = numberOf(value);
  return number === undefined ? undefined : Math.max(0, Math.trunc(number));
};
const count = (value: unknown): number => known(value) ?? 0;

/** `undefined`: no counts in it. */
export function decodeUsage(value: unknown): Usage | undefined {
  if (!isRecord(value)) return undefined;
  if (known(value.input_tokens) === undefined && known(value.output_tokens) === undefined) return undefined;
  const details = fieldsOf(value.input_tokens_details);
  const total = count(value.input_tokens);
  const cacheRead = Math.min(total, count(details.cached_tokens));
  const cacheWrite = Math.min(total - cacheRead, count(details.cache_write_tokens));
  return {
    input: { total, uncached: total - cacheRead - cacheWrite, cacheRead, cacheWrite },
    output: {
      total: count(value.output_tokens),
      reasoning: count(fieldsOf(value.output_tokens_details).reasoning_tokens),
    },
    ...statedCost(value),
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
