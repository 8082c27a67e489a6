/** The part of the contract about statistics and budgets. What holds of all sides. */
import type { Open } from "./open.ts";

/** Buckets of one answer. */
export const MAX_BUCKETS = 1000;

/** What requests are told apart by; `key`: a client's. */
export const STATS_BY = ["model", "account", "client", "protocol", "key"] as const;
export type StatsBy = (typeof STATS_BY)[number];
/** Minutes are counted from the requests that are kept, hours and days from sums that outlive them. */
export type StatsBucket = "minute" | "hour" | "day";

export interface StatsQuery {
  /** Milliseconds since 1970, inclusive; cut to the bucket's beginning. */
  from: number;
  /** Exclusive; for minutes at most 6 hours after `from`. */
  to: number;
  bucket: StatsBucket;
  /** Absent: all together, as one group. */
  by?: StatsBy;
  /** Id or name within `by` kinds; all must hold. */
  only?: Partial<Record<StatsBy, string>>;
  /** Minutes that local time is ahead of UTC, for days. 0 when absent. */
  utcOffsetMinutes?: number;
}

/** Sums over requests. */
export interface StatsSums {
  requests: number;
  errors: number;
  failedOver: number;
  /** Tokens, as in `TokenCounts`. */
  input: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
  reasoning: number;
  /** USD, of requests whose price is known. */
  cost: number;
  /** Requests with tokens and no known price. */
  unpriced: number;
}

/** Milliseconds; absent where there was no request. From histograms: within some 10 % of the truth. */
export interface Latency {
  p50?: number;
  p95?: number;
  p99?: number;
}

export interface StatsGroup {
  /** Id or name; `""` for the one group of all, `"-"` for requests without any, `"*"` for the rest beyond the largest 12. */
  key: string;
  label: string;
  total: StatsSums;
  firstByte: Latency;
  duration: Latency;
  /** One per bucket of the reply. */
  points: StatsSums[];
}

export interface Stats {
  /**
   * Where it is not what was asked for: hours for minutes, where there were too many requests to count one by
   * one, or some of them are no longer kept.
   */
  bucket?: Open<"hour">;
  /** Beginnings, milliseconds since 1970, without gaps; at most 1000. */
  buckets: number[];
  /** Most requests first. */
  groups: StatsGroup[];
  total: StatsSums;
  firstByte: Latency;
  duration: Latency;
  /** Class of error -> how many. */
  errors: Record<string, number>;
}

/** What the dashboard says of today, in local time. */
export interface Today {
  /** Milliseconds since 1970. */
  since: number;
  total: StatsSums;
  firstByte: Latency;
  duration: Latency;
  /** One per hour since `since`, up to now. */
  hours: { start: number; sums: StatsSums; firstByteP50?: number }[];
}

export interface BudgetRule {
  /** Id of an account; absent: all together. */
  account?: string;
  unit: "tokens" | "requests" | "usd";
  per: "day" | "week" | "month";
  limit: number;
  warnAtPercent: number;
}

export interface BudgetView extends Omit<BudgetRule, "unit" | "per"> {
  unit: Open<BudgetRule["unit"]>;
  per: Open<BudgetRule["per"]>;
  /** From a config file: shown, not edited. */
  readOnly: boolean;
  used: number;
  /** Requests that could not be counted for want of a price. */
  unpriced: number;
  /** Milliseconds since 1970: when it starts anew. */
  until: number;
  state: Open<"ok" | "warning" | "reached">;
}

export const noSums = (): StatsSums => ({
  requests: 0,
  errors: 0,
  failedOver: 0,
  input: 0,
  cacheRead: 0,
  cacheWrite: 0,
  output: 0,
  reasoning: 0,
  cost: 0,
  unpriced: 0,
});

/** Adds to sums in place. */
export function addSums(into: StatsSums, more: StatsSums): void {
  for (const name of Object.keys(into) as (keyof StatsSums)[]) into[name] += more[name];
}
