/** What an account may still use, as its provider says. */
import * as z from "zod";

export const QUOTA_UNITS = ["requests", "tokens", "input-tokens", "output-tokens", "usd", "cny"] as const;

export const quotaSchema = z.object({
  account: z.string(),
  /** `undefined`: the whole account. */
  model: z.string().optional(),
  /** Tells one quota of an account and model from another: `requests`, `tokens`, `balance`, … */
  name: z.string().max(200),
  remaining: z.number().optional(),
  /** `undefined`: not said; balances have none. */
  limit: z.number().optional(),
  unit: z.enum(QUOTA_UNITS),
  /** What the limit is per, where it is known: `minute`, `day`, … */
  window: z.enum(["minute", "hour", "day", "week", "month"]).optional(),
  /** Milliseconds since 1970 at which it is whole again. */
  resetAt: z.number().optional(),
  /** Milliseconds since 1970. */
  readAt: z.number(),
  source: z.enum(["headers", "error", "endpoint"]),
});
export type Quota = Readonly<z.output<typeof quotaSchema>>;

/** A quota without whose and when: what a reader finds. */
export type Reading = Omit<Quota, "account" | "model" | "readAt" | "source">;
