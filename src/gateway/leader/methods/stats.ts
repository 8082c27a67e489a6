/** Serves the methods about statistics and budgets. */
import * as z from "zod";
import type { StatsMethods } from "../../../control/methods/stats.ts";
import { MAX_BUCKETS, STATS_BY } from "../../../control/stats.ts";
import { withKeyNames } from "../keyNames.ts";
import type { Served } from "./served.ts";

const BUCKET_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
const bucket = z.enum(["minute", "hour", "day"]);
/** Minutes are counted one request at a time. */
const MAX_MINUTES = 6 * 60;

const kinds = z.enum(STATS_BY);
const utcOffsetMinutes = z
  .int()
  .min(-16 * 60)
  .max(16 * 60)
  .exactOptional();
const time = z.number().min(0).max(8.64e15);

export const statsMethods: Served<StatsMethods> = {
  "stats.query": {
    params: z
      .strictObject({
        from: time,
        to: time,
        bucket,
        by: kinds.exactOptional(),
        only: z.partialRecord(kinds, z.string().max(500)).exactOptional(),
        utcOffsetMinutes,
      })
      .refine(({ from, to }) => to > from, { error: "must be after the beginning", path: ["to"] })
      .refine(({ from, to, bucket: asked }) => (to - from) / BUCKET_MS[asked] <= MAX_BUCKETS - 1, {
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
    run: async ({ requests, keys }, query) =>
      withKeyNames(await requests.records.stats(query), query, keys.list()),
  },
  "stats.today": {
    params: z.strictObject({ utcOffsetMinutes }).optional(),
    run: ({ requests }, params) => requests.records.today(params),
  },
  "budgets.list": { params: z.undefined(), run: ({ requests }) => requests.budgets() },
};
