/** What may arrive over the control API about statistics and budgets: params, and for its clients results. */
import * as z from "zod";
import type { StatsMethods } from "../../control/stats.ts";

type StatsMethod = keyof StatsMethods;

/** Buckets of one reply. */
export const MAX_BUCKETS = 1000;
/** The largest ones, and the rest. */
export const MAX_GROUPS = 13;
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

const text = z.string().max(10_000);
const sums = z.object({
  requests: z.number(),
  errors: z.number(),
  failedOver: z.number(),
  input: z.number(),
  cacheRead: z.number(),
  cacheWrite: z.number(),
  output: z.number(),
  reasoning: z.number(),
  cost: z.number(),
  unpriced: z.number(),
});
const latency = z.object({
  p50: z.number().exactOptional(),
  p95: z.number().exactOptional(),
  p99: z.number().exactOptional(),
});

export const statsResultSchemas: { readonly [M in StatsMethod]: z.ZodType<StatsMethods[M][1]> } = {
  "stats.query": z.object({
    bucket: z.literal("hour").exactOptional(),
    buckets: z.array(z.number()).max(MAX_BUCKETS),
    groups: z
      .array(
        z.object({
          key: text,
          label: text,
          total: sums,
          firstByte: latency,
          duration: latency,
          points: z.array(sums).max(MAX_BUCKETS),
        }),
      )
      .max(MAX_GROUPS),
    total: sums,
    firstByte: latency,
    duration: latency,
    errors: z.record(text, z.number()),
  }),
  "stats.today": z.object({
    since: z.number(),
    total: sums,
    firstByte: latency,
    duration: latency,
    hours: z.array(z.object({ start: z.number(), sums, firstByteP50: z.number().exactOptional() })).max(30),
  }),
  "budgets.list": z
    .array(
      z.object({
        account: text.exactOptional(),
        unit: z.enum(["tokens", "requests", "usd"]),
        per: z.enum(["day", "week", "month"]),
        limit: z.number(),
        warnAtPercent: z.number(),
        readOnly: z.boolean(),
        used: z.number(),
        unpriced: z.number(),
        until: z.number(),
        state: z.enum(["ok", "warning", "reached"]),
      }),
    )
    .max(1000),
};
