/** The names of the strategies that order accounts; what each does is in `accounts/schedule/strategies.ts`. */

export const STRATEGIES = ["cache-first", "balanced", "round-robin", "fill-first", "pinned"] as const;
export type Strategy = (typeof STRATEGIES)[number];
