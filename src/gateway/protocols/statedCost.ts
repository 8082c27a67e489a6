/** What a provider itself says that a reply cost. */

import { type Fields, fieldsOf, numberOf } from "../common/json.ts";

/** xAI's `cost_in_usd_ticks`: 10^10 are one USD. */
const TICKS_PER_USD = 1e10;

/**
 * USD, from an object of counts; `{}` where it does not say.
 *
 * OpenRouter's `cost` is what it charges; for a person's own key at the model's maker (`is_byok`) that is its fee
 * alone, and what the maker charges stands beside it
 * (https://openrouter.ai/docs/use-cases/usage-accounting).
 */
export function statedCost(counts: Fields): { cost?: number } {
  const ticks = amount(counts.cost_in_usd_ticks);
  if (ticks !== undefined) return { cost: ticks / TICKS_PER_USD };
  const charged = amount(counts.cost);
  if (charged === undefined) return {};
  const passedOn = amount(fieldsOf(counts.cost_details).upstream_inference_cost) ?? 0;
  return { cost: charged + (counts.is_byok === true ? passedOn : 0) };
}

function amount(value: unknown): number | undefined {
  const number = numberOf(value);
  return number !== undefined && number >= 0 ? number : undefined;
}
