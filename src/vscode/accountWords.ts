/** How an account fares, in words for a person. Pure: time is given in. */
import type { AccountHold, ListedAccount } from "../control/accounts.ts";

const DAY_MS = 24 * 60 * 60_000;

/** `until 14:05`, with the day where it is not within one. */
export function untilWords(until: number | undefined, now: number): string {
  if (until === undefined) return "";
  const time = new Date(until);
  const clock = time.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  if (until - now < DAY_MS) return ` until ${clock}`;
  return ` until ${time.toLocaleDateString(undefined, { weekday: "short", month: "short", day: "numeric" })} ${clock}`;
}

const WORDS = { cooling: "waits", exhausted: "used up", "needs-attention": "needs you" } as const;
const ICONS = { cooling: "watch", exhausted: "circle-slash", "needs-attention": "error" } as const;

/** `used up until 14:05 (gpt-5)`, without the reason. */
export function holdWords({ condition, until, model }: AccountHold, now: number): string {
  return `${WORDS[condition]}${untilWords(until, now)}${model === undefined ? "" : ` (${model})`}`;
}

/** The worst that is true of an account: an icon and words. */
export function stateOf(account: ListedAccount, now: number): { icon: string; words: string } {
  if (!account.enabled) return { icon: "circle-outline", words: "disabled" };
  const order = ["needs-attention", "exhausted", "cooling"] as const;
  const [worst] = account.held.toSorted((a, b) => order.indexOf(a.condition) - order.indexOf(b.condition));
  if (worst === undefined) return { icon: "pass", words: "ready" };
  return { icon: ICONS[worst.condition], words: holdWords(worst, now) };
}

/**
 * `12 of 50 requests left`; the tightest first is not known here, so all of them, at most three. Not
 * for what is held back: numbers from before the limit would contradict it.
 */
export function quotaWords({ quotas, held }: ListedAccount, now: number): string {
  const isHeld = (model: string | undefined) =>
    held.some((each) => each.model === undefined || each.model === model);
  return quotas
    .filter(({ remaining, model }) => remaining !== undefined && !isHeld(model))
    .slice(0, 3)
    .map(({ remaining = 0, limit, unit, resetAt, model }) => {
      const of = limit === undefined ? "" : ` of ${number(limit)}`;
      const name = model === undefined ? "" : ` (${model})`;
      return `${number(remaining)}${of} ${unit} left${untilWords(resetAt, now)}${name}`;
    })
    .join(" · ");
}

function number(value: number): string {
  return value.toLocaleString(undefined, { maximumFractionDigits: 2 });
}
