/** What a provider itself says that a reply cost. */

type Fields = Readonly<Record<string, unknown>>;

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
  const ticks = amount(counts["cost_in_usd_ticks"]);
  if (ticks !== undefined) return { cost: ticks / TICKS_PER_USD };
  const charged = amount(counts["cost"]);
  if (charged === undefined) return {};
  const details = counts["cost_details"];
  const passedOn =
    counts["is_byok"] === true && typeof details === "object" && details !== null
      ? amount(Reflect.get(details, "upstream_inference_cost"))
      : undefined;
  return { cost: charged + (passedOn ?? 0) };
}

function amount(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}
