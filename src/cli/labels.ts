/** Numbers, times and states as people say them. */
import { t } from "@vscode/l10n";
import type { ListedAccount } from "../control/accounts.ts";
import { type Hold, holdEnd, holdsNow } from "../control/holds.ts";
import { LANGUAGES } from "../control/languages.ts";
import { quotaPhrase } from "../control/quotaPhrases.ts";
import { quotasNow } from "../control/quotas.ts";
import { duration } from "../gateway/common/duration.ts";
import { spoken } from "./language.ts";
import type { Screen } from "./screen.ts";

const MINUTE = 60_000;

/** How long something took: `340 ms`, `8.4 s`, `2 min 5 s`. */
export function took(ms: number | undefined): string {
  if (ms === undefined) return "";
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / MINUTE)} min ${Math.floor((ms % MINUTE) / 1000)} s`;
}

/** `950`, `12.3 k`, `8.42 M`. */
export function amount(count: number): string {
  if (count < 10_000) return String(Math.round(count));
  for (const [unit, size] of [
    ["k", 1e3],
    ["M", 1e6],
    ["G", 1e9],
  ] as const) {
    const value = count / size;
    if (value < 999.5 || unit === "G")
      return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${unit}`;
  }
  return String(count);
}

/** `$0.021`, `$3.40`; nothing where no price is known. @param usd dollars */
export function money(usd: number | undefined): string {
  if (usd === undefined) return "";
  if (usd === 0) return "$0";
  if (usd < 0.0005) return "<$0.001";
  return usd < 1 ? `$${usd.toFixed(3)}` : `$${usd.toFixed(2)}`;
}

/** `14:02:31` today, `21 Nov 14:02` before, in local time. */
export function clock(screen: Pick<Screen, "now" | "utcOffset">, at: number): string {
  const local = (time: number) => new Date(time + screen.utcOffset(time) * MINUTE).toISOString();
  const text = local(at);
  if (text.slice(0, 10) === local(screen.now()).slice(0, 10)) return text.slice(11, 19);
  return `${dayOf(text)} ${text.slice(11, 16)}`;
}

/** @param local a moment in ISO 8601 whose digits are those of local time */
function dayOf(local: string): string {
  // British English has the day first, and two digits keep columns even.
  const locale = spoken() === "en" ? "en-GB" : LANGUAGES[spoken()].tag;
  const day = spoken() === "en" ? "2-digit" : "numeric";
  return new Intl.DateTimeFormat(locale, { day, month: "short", timeZone: "UTC" }).format(new Date(local));
}

/** What keeps an account back, in short: `used up, resets in 41 min`; what the provider stated, else when it is asked again. */
export function hold(held: Hold, now: number): string {
  const { condition } = held;
  if (condition === "needs-attention") return t("needs you");
  const end = holdEnd(held);
  const rest = end === undefined || end.at <= now ? undefined : duration(end.at - now);
  if (condition === "cooling") return rest === undefined ? t("waits") : t("ready in {0}", rest);
  if (condition !== "exhausted")
    return rest === undefined ? condition : t("{0}, ends in {1}", condition, rest);
  if (rest === undefined || end === undefined) return t("used up");
  if (!end.stated) return t("used up, asked again in {0}", rest);
  const { askedAt } = end;
  if (askedAt === undefined || askedAt <= now) return t("used up, resets in {0}", rest);
  return t("used up, resets in {0}, asked again in {1}", rest, duration(askedAt - now));
}

/** An account's state, in short. */
export function stateOf(account: Pick<ListedAccount, "enabled" | "held">, now: number): string {
  if (!account.enabled) return t("off");
  const holds = holdsNow(account, now);
  const whole = holds.find(({ model }) => model === undefined);
  if (whole !== undefined) return hold(whole, now);
  const some = new Set(holds.map(({ model }) => model)).size;
  if (some === 0) return t("ready");
  return some === 1 ? t("ready, 1 model not") : t("ready, {0} models not", some);
}

/** What is left of the quota that runs out first: `12 % of requests/day left, resets in 41 min`. */
export function leftOf(account: Pick<ListedAccount, "enabled" | "held" | "quotas">, now: number): string {
  for (const each of quotasNow(account, now)) {
    const phrase = quotaPhrase(each, FORMAT, { short: true, t });
    if (phrase === "") continue;
    const { resetAt } = each.standing;
    return resetAt === undefined ? phrase : t("{0}, resets in {1}", phrase, duration(resetAt - now));
  }
  return "";
}

const FORMAT = { count: amount, money: (usd: number) => money(usd) };
