/**
 * Quotas in the details of a Gemini 429: `google.rpc.QuotaFailure` names each quota that is used up
 * (quotaMetric, quotaId, quotaValue, quotaDimensions), `google.rpc.RetryInfo` says when to return:
 * https://ai.google.dev/gemini-api/docs/rate-limits and
 * https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto
 */
import * as z from "zod";
import { compact } from "../../common/json.ts";
import { parseDuration } from "../retryTimes.ts";
import type { Reading } from "./quota.ts";

const violation = z.looseObject({
  quotaMetric: z.string().max(300).optional(),
  quotaId: z.string().max(200).optional(),
  quotaValue: z.union([z.string(), z.number()]).optional(),
  quotaDimensions: z.looseObject({ model: z.string().max(300).optional() }).optional(),
});
const detail = z.looseObject({
  "@type": z.string(),
  violations: z.array(z.unknown()).max(100).optional(),
  retryDelay: z.string().max(50).optional(),
});
const body = z.looseObject({ error: z.looseObject({ details: z.array(z.unknown()).max(50) }) });

/** Quotas of one error that are read. */
const MAX_READINGS = 10;

/** A used-up quota; `model` where the provider names it. */
export interface DetailReading extends Reading {
  readonly model?: string;
}

/**
 * @param error parsed JSON of the error, an object or (as streams have it) an array of one
 * @param theirs `now` by the provider's clock, see `dateOf`
 */
export function readQuotaDetails(error: unknown, now: number, theirs: number): DetailReading[] {
  const parsed = body.safeParse(Array.isArray(error) ? error[0] : error);
  if (!parsed.success) return [];
  const readings: DetailReading[] = [];
  let delay: number | undefined;
  for (const entry of parsed.data.error.details) {
    const { success, data } = detail.safeParse(entry);
    if (!success) continue;
    if (data["@type"].endsWith("google.rpc.RetryInfo") && data.retryDelay !== undefined) {
      delay = parseDuration(data.retryDelay);
    }
    if (!data["@type"].endsWith("google.rpc.QuotaFailure")) continue;
    for (const one of data.violations ?? []) {
      const found = violation.safeParse(one);
      if (found.success && readings.length < MAX_READINGS) readings.push(toReading(found.data));
    }
  }
  return readings.map((reading) => ({ ...reading, ...resetOf(reading, delay, now, theirs) }));
}

function toReading({
  quotaMetric = "",
  quotaId = "",
  quotaValue,
  quotaDimensions,
}: z.output<typeof violation>): DetailReading {
  const limit = quotaValue === undefined || quotaValue === "" ? Number.NaN : Number(quotaValue);
  const window = /PerDay/i.test(quotaId) ? "day" : /PerMinute/i.test(quotaId) ? "minute" : undefined;
  return compact({
    name: quotaId || quotaMetric || "quota",
    unit: /token/i.test(`${quotaMetric} ${quotaId}`) ? ("input-tokens" as const) : ("requests" as const),
    remaining: 0,
    limit: Number.isFinite(limit) && limit >= 0 ? limit : undefined,
    window,
    model: quotaDimensions?.model,
  });
}

/** A day's quota comes back at midnight in California, whatever the delay says, which is of minutes. */
function resetOf(
  { window }: Reading,
  delay: number | undefined,
  now: number,
  theirs: number,
): { resetAt?: number } {
  if (window === "day") return { resetAt: now + nextPacificMidnight(theirs) - theirs };
  return delay === undefined ? {} : { resetAt: now + delay };
}

/** https://ai.google.dev/gemini-api/docs/rate-limits: requests per day reset at midnight Pacific time. */
export function nextPacificMidnight(now: number): number {
  const next = now - sincePacificMidnight(now) + 86_400_000;
  // Days on which the clocks change are an hour shorter or longer.
  const over = sincePacificMidnight(next);
  return over < 43_200_000 ? next - over : next - over + 86_400_000;
}

function sincePacificMidnight(now: number): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: "America/Los_Angeles",
    hourCycle: "h23",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(now);
  const read = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return (read("hour") * 3600 + read("minute") * 60 + read("second")) * 1000 + (now % 1000);
}
