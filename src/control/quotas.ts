/**
 * What is left of a quota, whether that still holds, and how old it is. Pure; whoever shows a quota or goes by
 * one asks here, so that no two of them say different things.
 */
import type { ListedAccount, QuotaView, QuotaWindow } from "./accounts.ts";
import { type Hold, holdEnd, holdsNow } from "./holds.ts";

const HOUR_MS = 3_600_000;
export const WINDOW_MS = {
  minute: 60_000,
  hour: HOUR_MS,
  day: 24 * HOUR_MS,
  week: 7 * 24 * HOUR_MS,
  month: 30 * 24 * HOUR_MS,
} as const satisfies Record<QuotaWindow, number>;

/** Milliseconds after which what a provider once said without a reset means little. */
export const STALE_MS = 24 * HOUR_MS;

/**
 * - `told`: as its provider has said
 * - `renewed`: it has been reset since, so all of it is there again
 * - `refused`: its account says that a limit is used up; what was told before does not hold
 * - `old`: told long ago, and nobody knows when it is reset
 */
export type QuotaBasis = "told" | "renewed" | "refused" | "old";

export interface QuotaStanding {
  readonly basis: QuotaBasis;
  /** Left of it, in its unit; absent where nobody can say. */
  readonly left?: number;
  /** The same of 0 to 1; absent where there is nothing to compare with, or it does not hold. */
  readonly share?: number;
  /** Milliseconds since 1970 at which it is whole again; never past. */
  readonly resetAt?: number;
  /** Milliseconds since the provider said so; never negative. */
  readonly ageMs?: number;
}

type Told = {
  readonly [Field in "model" | "remaining" | "limit" | "resetAt" | "window" | "readAt"]?:
    | QuotaView[Field]
    | undefined;
};

/** @param holds what holds its account back now (`holdsNow`) @param now milliseconds since 1970 */
export function quotaStanding(quota: Told, holds: readonly Hold[], now: number): QuotaStanding {
  const { remaining, limit, readAt } = quota;
  const age = readAt === undefined ? {} : { ageMs: Math.max(0, now - readAt) };
  const endsAt = endOf(quota);
  if (endsAt !== undefined && endsAt <= now) {
    return { basis: "renewed", share: 1, ...(limit === undefined ? {} : { left: limit }), ...age };
  }
  const reset = endsAt === undefined ? {} : { resetAt: endsAt };
  const spent = remaining !== undefined && remaining <= 0;
  const hold = spent ? undefined : holds.find((each) => exhausts(each, quota));
  if (hold !== undefined) {
    const end = holdEnd(hold);
    return { basis: "refused", ...(end === undefined ? {} : { resetAt: end.at }), ...age };
  }
  const left = remaining === undefined ? {} : { left: Math.max(0, remaining) };
  if (endsAt === undefined && (age.ageMs ?? 0) > STALE_MS) return { basis: "old", ...left, ...age };
  const share = shareOf(remaining, limit);
  return { basis: "told", ...left, ...(share === undefined ? {} : { share }), ...reset, ...age };
}

/** When it is whole again; a window without a stated end has ended when it is over since it was read. */
function endOf({ resetAt, window, readAt }: Told): number | undefined {
  if (resetAt !== undefined) return resetAt;
  const length = windowMs(window);
  return length === undefined || readAt === undefined ? undefined : readAt + length;
}

/** Milliseconds; `undefined` of none, and of one that is not known here. */
function windowMs(window: QuotaView["window"]): number | undefined {
  return window !== undefined && Object.hasOwn(WINDOW_MS, window)
    ? WINDOW_MS[window as QuotaWindow]
    : undefined;
}

function shareOf(remaining: number | undefined, limit: number | undefined): number | undefined {
  if (remaining === undefined) return undefined;
  if (limit === undefined || limit <= 0) return remaining <= 0 ? 0 : undefined;
  return Math.min(1, Math.max(0, remaining / limit));
}

const exhausts = ({ condition, model }: Hold, quota: Told): boolean =>
  condition === "exhausted" && (model === undefined || model === quota.model);

/** A quota as it stands; `quota` is absent where an account says that something is used up, and not what. */
export interface QuotaNow {
  /** Absent: of all models. */
  readonly model?: string;
  readonly quota?: QuotaView;
  readonly standing: QuotaStanding;
}

/**
 * All that is to be said of an account's quotas, the tightest first, what cannot be compared last. What is used
 * up is there once: as the quota that its provider says has nothing left, else as an entry without a quota.
 */
export function quotasNow(
  account: Pick<ListedAccount, "enabled" | "held" | "quotas">,
  now: number,
): QuotaNow[] {
  const holds = holdsNow(account, now);
  const all = account.quotas.map((quota): QuotaNow => {
    const { model } = quota;
    return { ...(model === undefined ? {} : { model }), quota, standing: quotaStanding(quota, holds, now) };
  });
  const spent = holds
    .filter(({ condition }) => condition === "exhausted")
    .filter((hold) => !all.some(({ model, standing }) => isSpent(standing) && covers(hold, model)))
    .map((hold): QuotaNow => {
      const { model } = hold;
      const end = holdEnd(hold);
      const standing: QuotaStanding = {
        basis: "refused",
        left: 0,
        share: 0,
        ...(end === undefined ? {} : { resetAt: end.at }),
      };
      return model === undefined ? { standing } : { model, standing };
    });
  const told = all.filter(({ standing }) => standing.basis !== "refused");
  return [...spent, ...told].sort((a, b) => (a.standing.share ?? 2) - (b.standing.share ?? 2));
}

const isSpent = ({ basis, left }: QuotaStanding): boolean => basis === "told" && left === 0;

const covers = (hold: Hold, model: string | undefined): boolean =>
  hold.model === undefined || hold.model === model || model === undefined;

/** Part that is left of the tightest, 0 to 1; `undefined` where there is nothing to compare with. */
export function leastLeft(
  account: Pick<ListedAccount, "enabled" | "held" | "quotas">,
  now: number,
): number | undefined {
  return quotasNow(account, now)[0]?.standing.share;
}

/** Of a window that has to be over before a pace can be told. */
const LEAST_ELAPSED = 0.05;

/**
 * When a quota is used up at the pace so far, where that is before its reset; milliseconds since 1970. Not of
 * windows of an hour and less: they come back before anybody could act.
 */
export function usedUpAt(quota: QuotaView, holds: readonly Hold[], now: number): number | undefined {
  const { limit, window, readAt = now } = quota;
  const { basis, left, resetAt } = quotaStanding(quota, holds, now);
  if (basis !== "told" || left === undefined || limit === undefined) return undefined;
  const length = windowMs(window);
  if (resetAt === undefined || length === undefined || length <= HOUR_MS) return undefined;
  if (left <= 0 || left > limit / 2) return undefined;
  // What is left now is what was left when it was read.
  const elapsed = readAt - (resetAt - length);
  if (elapsed < LEAST_ELAPSED * length) return undefined;
  const at = readAt + left / ((limit - left) / elapsed);
  return at > now && at < resetAt ? at : undefined;
}
