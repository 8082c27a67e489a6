/** Quotas in words, for the editor's menus and the command line: the same in both. Pure. */
import type { QuotaNow } from "./quotas.ts";
import { english, type Translate } from "./stateWords.ts";

export interface PhraseFormat {
  /** `1,284`. */
  count(value: number): string;
  money(value: number): string;
}

export interface PhraseOptions {
  /** A share in the place of amounts. */
  short?: boolean;
  /** Of the reader's language; else English. */
  t?: Translate;
}

/**
 * `121 of 500 requests/day left (gpt-5)`, `24 % …` where `short`; `used up`; after its reset and where it is old,
 * it says so. Empty where nothing is known.
 */
export function quotaPhrase(
  { model, quota, standing }: QuotaNow,
  format: PhraseFormat,
  { short = false, t = english }: PhraseOptions = {},
): string {
  const { basis, left, share } = standing;
  const of = model === undefined ? "" : ` (${model})`;
  if (quota === undefined || basis === "refused") return `${t("used up")}${of}`;
  if (left === undefined && share === undefined) return "";
  const { unit, limit, window } = quota;
  const money = unit === "usd" || unit === "cny";
  const amount = (value: number) => (money ? moneyOf(value, unit, format) : format.count(value));
  const per = window === undefined ? "" : `/${windowWord(window, t)}`;
  const what = money ? per : ` ${unitWord(unit, t)}${per}`;
  const phrase = () => {
    if (left === undefined) return t("all{0} left", what);
    if (short && share !== undefined && !money)
      return t("{0} of{1} left", `${Math.max(0, Math.floor(share * 100))} %`, what);
    if (limit === undefined) return t("{0}{1} left", amount(left), what);
    return t("{0} of {1}{2} left", amount(left), amount(limit), what);
  };
  switch (basis) {
    case "renewed":
      return `${t("{0} since its reset", phrase())}${of}`;
    case "old":
      return `${t("{0} {1} ago", phrase(), ageOf(standing.ageMs, t))}${of}`;
    case "told":
      return `${phrase()}${of}`;
  }
}

function unitWord(unit: string, t: Translate): string {
  return unit === "requests" ? t("requests") : unit === "tokens" ? t("tokens") : unit;
}

function windowWord(window: string, t: Translate): string {
  const words: Readonly<Record<string, string>> = {
    minute: t("minute"),
    hour: t("hour"),
    day: t("day"),
    week: t("week"),
    month: t("month"),
  };
  return Object.hasOwn(words, window) ? (words[window] ?? window) : window;
}

function moneyOf(value: number, unit: string, format: PhraseFormat): string {
  return unit === "usd" ? format.money(value) : `${format.count(value)} ${unit}`;
}

/** In days: what is younger is not old. */
function ageOf(ageMs: number | undefined, t: Translate): string {
  const days = Math.floor((ageMs ?? 0) / 86_400_000);
  return days === 1 ? t("1 day") : t("{0} days", days);
}
