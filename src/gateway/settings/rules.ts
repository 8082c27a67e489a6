/** Routes, budgets and prices of a person's own. */
import * as z from "zod";
import { EFFORTS } from "../protocols/chat.ts";
import { ABOUT } from "./about.ts";
import { PERIODS } from "./budgetPeriod.ts";
import { BUDGET_UNITS } from "./budgetUnit.ts";

export const routeSchema = z.strictObject({
  model: z.string().min(1).max(200).register(ABOUT, {
    meaning:
      "the name that a client says, `*` stands for anything; exact names first, then the longest wildcard",
    otherwise: "required",
  }),
  to: z.array(z.string().min(1).max(300)).min(1).max(50).register(ABOUT, {
    meaning: "where it goes, in order: `ACCOUNT_OR_PROVIDER/MODEL` or `MODEL`",
    otherwise: "required",
  }),
  edit: z
    .strictObject({
      effort: z.enum(EFFORTS).exactOptional(),
      /** Tokens of a reply at most; a lower limit of the client's own stays. */
      maxTokens: z.int().min(1).max(10_000_000).exactOptional(),
      /** Put before the client's own system text. */
      systemPrefix: z.string().min(1).max(100_000).exactOptional(),
    })
    .exactOptional()
    .register(ABOUT, {
      meaning:
        "`{effort, maxTokens, systemPrefix}` for every request of the route; without it nothing is ever rewritten",
    }),
});
export type RouteSettings = z.output<typeof routeSchema>;

/** Id of an account; absent: all together. */
const account = z.string().min(1).max(64).exactOptional();

export const budgetSchema = z.strictObject({
  account,
  unit: z.enum(BUDGET_UNITS),
  per: z.enum(PERIODS),
  limit: z.number().positive().max(1e15),
  warnAtPercent: z.number().min(1).max(100).default(80),
});

/** USD per million tokens. */
const usd = z.number().min(0).max(1e6);
export const priceSchema = z.strictObject({
  /** `*` stands for anything. */
  model: z.string().min(1).max(200),
  account,
  input: usd,
  output: usd,
  cacheRead: usd.exactOptional(),
  cacheWrite: usd.exactOptional(),
});
