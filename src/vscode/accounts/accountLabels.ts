/** How an account fares, in words for a person. Pure: time is given in. */
import { t } from "@vscode/l10n";
import type { AccountCondition, AccountHold, ListedAccount } from "../../control/accounts.ts";
import { holdEnd, holdsNow, worstHold } from "../../control/holds.ts";
import { quotaPhrase } from "../../control/quotaPhrases.ts";
import { quotasNow } from "../../control/quotas.ts";
import { locale } from "../locale.ts";

const DAY_MS = 24 * 60 * 60_000;

/** `14:05`, with the day where it is not within one. */
export function timeLabel(at: number, now: number): string {
  const time = new Date(at);
  const clock = time.toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit" });
  if (at - now < DAY_MS) return clock;
  return `${time.toLocaleDateString(locale(), { weekday: "short", month: "short", day: "numeric" })} ${clock}`;
}

function conditionOf({ condition }: AccountHold): { icon: string; words: string } {
  const known: Readonly<Record<AccountCondition, { icon: string; words: string }>> = {
    cooling: { icon: "watch", words: t("waits") },
    exhausted: { icon: "circle-slash", words: t("used up") },
    "needs-attention": { icon: "error", words: t("needs you") },
  };
  if (Object.hasOwn(known, condition)) return known[condition as AccountCondition];
  return { icon: "question", words: condition };
}

/** `used up until 14:05 (gpt-5)`, without the reason; `asked again 14:05` where the provider does not say. */
export function holdLabel(hold: AccountHold, now: number): string {
  const { condition, model } = hold;
  const end = holdEnd(hold);
  const guessed = condition === "exhausted" && end?.stated === false;
  const { words } = conditionOf(hold);
  const of = model === undefined ? "" : ` (${model})`;
  if (end === undefined || end.at <= now) return `${words}${of}`;
  const time = timeLabel(end.at, now);
  return `${guessed ? t("{0}, asked again {1}", words, time) : t("{0} until {1}", words, time)}${of}`;
}

/** The worst that is true of an account: an icon and words. */
export function stateOf(account: ListedAccount, now: number): { icon: string; words: string } {
  if (!account.enabled) return { icon: "circle-outline", words: t("disabled") };
  const worst = worstHold(account, now);
  if (worst === undefined) return { icon: "pass", words: t("ready") };
  return { icon: conditionOf(worst).icon, words: holdLabel(worst, now) };
}

/** Why the account, or a model of it, is held back; empty where it is not. */
export function reasonOf(account: ListedAccount, now: number): string {
  return worstHold(account, now)?.reason ?? "";
}

const MOST = 3;

/**
 * `12 of 50 requests/min left, resets 14:05`, the tightest first, at most so many. That something is used up is for
 * the state to say, beside which this stands.
 */
export function quotaLabel(account: ListedAccount, now: number, most = MOST): string {
  const said = new Set(holdsNow(account, now).map(({ model }) => model));
  return quotasNow(account, now)
    .filter(({ quota, model }) => quota !== undefined || !said.has(model))
    .flatMap((each) => {
      const phrase = quotaPhrase(each, FORMAT, { t });
      const { resetAt } = each.standing;
      if (phrase === "") return [];
      return [resetAt === undefined ? phrase : t("{0}, resets {1}", phrase, timeLabel(resetAt, now))];
    })
    .slice(0, most)
    .join(" · ");
}

const FORMAT = {
  count: (value: number) => value.toLocaleString(locale(), { maximumFractionDigits: 2 }),
  money: (value: number) =>
    `$${value.toLocaleString(locale(), { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`,
};
