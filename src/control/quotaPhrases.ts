/** Quotas in English, for the editor's menus and the command line: the same words in both. Pure. */
import type { QuotaNow } from "./quotas.ts";

export interface PhraseFormat {
  /** `1,284`. */
  count(value: number): string;
  money(value: number): string;
}

/**
 * `121 of 500 requests/day left (gpt-5)`, `24 % …` where `short`; `used up`; after its reset and where it is old,
 * it says so. Empty where nothing is known.
 */
export function quotaPhrase(
  { model, quota, standing }: QuotaNow,
  format: PhraseFormat,
  { short = false }: { short?: boolean } = {},
): string {
  const { basis, left, share } = standing;
  const of = model === undefined ? "" : ` (${model})`;
  if (quota === undefined || basis === "refused") return `used up${of}`;
  if (left === undefined && share === undefined) return "";
  const { unit, limit, window } = quota;
  const money = unit === "usd" || unit === "cny";
  const amount = (value: number) => (money ? moneyOf(value, unit, format) : format.count(value));
  const what = money ? "" : ` ${unit}`;
  const per = window === undefined ? "" : `/${window}`;
  const since =
    basis === "renewed" ? " since its reset" : basis === "old" ? ` ${ageOf(standing.ageMs)} ago` : "";
  if (left === undefined) return `all${what}${per} left${since}${of}`;
  const much =
    short && share !== undefined && !money
      ? `${Math.max(0, Math.floor(share * 100))} % of${what}`
      : `${amount(left)}${limit === undefined ? "" : ` of ${amount(limit)}`}${what}`;
  return `${much}${per} left${since}${of}`;
}

function moneyOf(value: number, unit: string, format: PhraseFormat): string {
  return unit === "usd" ? format.money(value) : `${format.count(value)} ${unit}`;
}

/** In days: what is younger is not old. */
function ageOf(ageMs = 0): string {
  const days = Math.floor(ageMs / 86_400_000);
  return days === 1 ? "1 day" : `${days} days`;
}
