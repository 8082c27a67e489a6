/** What holds an account back at a moment, and when that ends. Pure; everything that shows a hold asks here. */
import type { AccountCondition, AccountHold, ListedAccount } from "./accounts.ts";

/** As the gateway's own have it, too. */
export interface Hold {
  readonly condition: AccountHold["condition"];
  readonly model?: string | undefined;
  readonly until?: number | undefined;
  readonly resetAt?: number | undefined;
}

/** What is not known here stands between: it holds the account back, and asks for nobody. */
const RANKS = { "needs-attention": 0, exhausted: 1, cooling: 3 } as const satisfies Record<
  AccountCondition,
  number
>;

function rankOf({ condition }: AccountHold): number {
  return Object.hasOwn(RANKS, condition) ? RANKS[condition as AccountCondition] : 2;
}

/** Those that are not over by `now`, the worst first; none where the account is switched off. */
export function holdsNow<H extends AccountHold>(
  { enabled, held }: { readonly enabled: boolean; readonly held: readonly H[] },
  now: number,
): H[] {
  if (!enabled) return [];
  return held
    .filter(({ until, condition }) => condition === "needs-attention" || until === undefined || until > now)
    .toSorted((a, b) => rankOf(a) - rankOf(b));
}

/** The worst that is true of an account, one model of it included. */
export function worstHold(
  account: Pick<ListedAccount, "enabled" | "held">,
  now: number,
): AccountHold | undefined {
  return holdsNow(account, now)[0];
}

/** Of an account, or of the model of it that fares worst. */
export function worstState(
  account: Pick<ListedAccount, "enabled" | "held">,
  now: number,
): ListedAccount["state"] {
  return account.enabled ? (worstHold(account, now)?.condition ?? "ready") : "disabled";
}

export interface HoldEnd {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Did the provider say so? Else it is when the account is asked again. */
  readonly stated: boolean;
  /** Milliseconds since 1970 at which the account is asked again, where that is well before it. */
  readonly askedAt?: number;
}

/** Milliseconds over which those spread who wait for one moment; not worth telling apart. */
const SPREAD_MS = 10_000;

/** When a hold ends: as the provider stated it, else when the account is asked again. */
export function holdEnd({ condition, until, resetAt }: Hold): HoldEnd | undefined {
  if (condition === "needs-attention" || until === undefined) return undefined;
  if (resetAt === undefined) return { at: until, stated: false };
  return { at: resetAt, stated: true, ...(until < resetAt - SPREAD_MS ? { askedAt: until } : {}) };
}
