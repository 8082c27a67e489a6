/** Numbers as this page's reader writes them, and words that several pages say. */
import { t } from "@vscode/l10n";
import type { ListedAccount } from "../control/accounts.ts";
import type { RequestRow } from "../control/requests.ts";
import type { StateTone } from "../control/stateWords.ts";
import type { BudgetView } from "../control/stats.ts";
import { Format } from "./format.ts";
import { locale } from "./start.ts";

export const format = new Format(locale);

/** Colour is only ever a second way of saying it. */
export type Tone = StateTone;

/** An account's state in a word; how long is a countdown's to say. */
export function stateLabel(state: ListedAccount["state"]): { word: string; tone: Tone } {
  switch (state) {
    case "ready":
      return { word: t("ready"), tone: "ok" };
    case "cooling":
      return { word: t("waiting"), tone: "warn" };
    case "exhausted":
      return { word: t("used up"), tone: "warn" };
    case "needs-attention":
      return { word: t("needs you"), tone: "bad" };
    case "disabled":
      return { word: t("off"), tone: "off" };
    default:
      return { word: state, tone: "warn" };
  }
}

/** `gpt-5 → gemini-2.5-pro`; where no model was named, what was asked instead: `GET /v1/models`. */
export function askedLabel({ model, modelUsed, method, path }: RequestRow): string {
  const named = model ?? modelUsed;
  if (named === undefined) return path === undefined ? t("no model") : `${method ?? ""} ${path}`.trim();
  return modelUsed === undefined || modelUsed === named ? named : `${named} → ${modelUsed}`;
}

export function countOf(n: number, one: string, many: string): string {
  return n === 1 ? one : many;
}

/** `$6.31`, `200 k tokens`, `12 requests`. */
export function budgetAmount(value: number, unit: BudgetView["unit"]): string {
  if (unit === "usd") return format.money(value);
  if (unit === "tokens") return t("{0} tokens", format.amount(value));
  return unit === "requests" ? t("{0} requests", format.amount(value)) : `${format.amount(value)} ${unit}`;
}

/** How far it is used, of 0 to 1, and whether somebody has to look at it. */
export function budgetStanding({ used, limit, state }: BudgetView): {
  share: number;
  tone: "ok" | "warn" | "bad";
} {
  const share = limit <= 0 ? 1 : used / limit;
  return { share, tone: state === "ok" ? "ok" : state === "warning" ? "warn" : "bad" };
}
