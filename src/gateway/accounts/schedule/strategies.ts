/**
 * The order among accounts that routing holds for equal. Each strategy is one comparison of what is
 * known of two accounts; the order of the settings decides between equals.
 */
import type { Strategy } from "../../settings/strategy.ts";

/** What a strategy looks at. */
export interface Standing {
  /** Requests in flight. */
  readonly inFlight: number;
  /** Requests at once, where the account has a limit. */
  readonly maxInFlight: number | undefined;
  /** Part of its tightest quota that is left, 0 to 1; `undefined`: nobody says. */
  readonly remaining: number | undefined;
  /** Milliseconds since 1970 at which the next of its long quotas is whole again; those of minutes do not count. */
  readonly resetAt: number | undefined;
  /** Counts up with every request that any account got; 0: never used. */
  readonly lastUsed: number;
}

type Compare = (a: Standing, b: Standing) => number;

/** The lighter load for what is left of the quota first, then whoever waited longest. */
const balanced: Compare = (a, b) => crowding(a) - crowding(b) || a.lastUsed - b.lastUsed;

const roundRobin: Compare = (a, b) => a.lastUsed - b.lastUsed;

/**
 * What lapses first is used first; without a reset, whoever was used last, so that one is used up
 * before the next is begun.
 */
const fillFirst: Compare = (a, b) => reset(a) - reset(b) || b.lastUsed - a.lastUsed;

export const COMPARE: Readonly<Record<Strategy, Compare>> = {
  // Where a conversation has an account, the scheduler puts that first; a new one is spread.
  "cache-first": balanced,
  balanced,
  "round-robin": roundRobin,
  "fill-first": fillFirst,
  pinned: balanced,
};

/**
 * Load as a share of what the account can take. Quotas count in tenths: a percent more or less is
 * no reason to leave the turn.
 */
function crowding({ inFlight, maxInFlight, remaining }: Standing): number {
  const left = Math.max(Math.ceil((remaining ?? 1) * 10) / 10, 0.05);
  const full = maxInFlight !== undefined && inFlight >= maxInFlight;
  return full ? Number.MAX_SAFE_INTEGER : (inFlight + 1) / left;
}

const reset = ({ resetAt }: Standing): number => resetAt ?? Number.MAX_SAFE_INTEGER;
