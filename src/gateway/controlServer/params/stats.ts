/** What may arrive over the control API about statistics and budgets. */
import * as z from "zod";
import type { StatsMethods } from "../../../control/stats.ts";

type StatsMethod = keyof StatsMethods;

/** Buckets of one reply. */
export const MAX_BUCKETS = 1000;
const BUCKET_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
const bucket = z.enum(["minute", "hour", "day"]);
/** Minutes are counted one request at a time. */
const MAX_MINUTES = 6 * 60;

const kinds = z.enum(["model", "account", "client", "protocol"]);
const utcOffsetMinutes = z
  .int()
  .min(-16 * 60)
  .max(16 * 60)
  .exactOptional();
const time = z.number().min(0).max(8.64e15);

export const statsParamSchemas: { readonly [M in StatsMethod]: z.ZodType<StatsMethods[M][0]> } = {
  "stats.query": z
    .strictObject({
      from: time,
      to: time,
      bucket,
      by: kinds.exactOptional(),
      only: z.partialRecord(kinds, z.string().max(500)).exactOptional(),
      utcOffsetMinutes,
    })
    .refine(({ from, to }) => to > from, { error: "must be after the beginning", path: ["to"] })
    .refine(({ from, to, bucket }) => (to - from) / BUCKET_MS[bucket] <= MAX_BUCKETS - 1, {
      error: `must leave at most ${MAX_BUCKETS} hours or days`,
      path: ["to"],
    })
    .refine(
      ({ from, to, bucket: asked }) => asked !== "minute" || to - from <= MAX_MINUTES * BUCKET_MS.minute,
      {
        error: "must be at most 6 hours after the beginning, for minutes",
        path: ["to"],
      },
    ),
  "stats.today": z.strictObject({ utcOffsetMinutes }).optional(),
  "budgets.list": z.undefined(),
};
