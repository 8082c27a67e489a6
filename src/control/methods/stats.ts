/** Methods about statistics and budgets. */
import type { BudgetView, Stats, StatsQuery, Today } from "../stats.ts";
import { type MethodsOf, method } from "./method.ts";
import { latency, sums } from "./shapes.ts";

export const statsMethods = {
  "stats.query": method<StatsQuery, Stats>({
    buckets: ["number"],
    groups: [
      { key: "string", label: "string", total: sums, firstByte: latency, duration: latency, points: [sums] },
    ],
    total: sums,
    firstByte: latency,
    duration: latency,
    errors: {},
  }),
  "stats.today": method<{ utcOffsetMinutes?: number } | undefined, Today>({
    since: "number",
    total: sums,
    firstByte: latency,
    duration: latency,
    hours: [{ start: "number", sums }],
  }),
  "budgets.list": method<undefined, BudgetView[]>([
    {
      unit: "string",
      per: "string",
      limit: "number",
      warnAtPercent: "number",
      readOnly: "boolean",
      used: "number",
      unpriced: "number",
      until: "number",
      state: "string",
    },
  ]),
};
export type StatsMethods = MethodsOf<typeof statsMethods>;
