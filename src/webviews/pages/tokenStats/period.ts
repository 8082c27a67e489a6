/** Stretches of time to look at, in the person's own time. Pure. */
import type { StatsBucket } from "../../../control/stats.ts";
import { readDay } from "../../days.ts";

export type Preset = "hour" | "day" | "week" | "month" | "custom";
export const PRESETS: readonly Preset[] = ["hour", "day", "week", "month", "custom"];

/** Milliseconds since 1970; `to` exclusive. */
export interface Period {
  from: number;
  to: number;
  bucket: StatsBucket;
}

const MINUTE = 60_000;
const HOUR = 3_600_000;
/** The gateway tells of at most 1000 buckets. */
export const MAX_DAYS = 1000;
/** Up to so many days a day is shown by its hours. */
const HOURLY_DAYS = 3;

/** Up to now; the last bucket is not whole yet. */
export function presetPeriod(preset: Exclude<Preset, "custom">, now: number): Period {
  const hour = Math.floor(now / HOUR) * HOUR;
  const minute = Math.floor(now / MINUTE) * MINUTE;
  switch (preset) {
    case "hour":
      return { from: minute - 59 * MINUTE, to: minute + MINUTE, bucket: "minute" };
    case "day":
      return { from: hour - 23 * HOUR, to: hour + HOUR, bucket: "hour" };
    case "week":
      return { from: dayStart(now, -6), to: dayStart(now, 1), bucket: "day" };
    case "month":
      return { from: dayStart(now, -29), to: dayStart(now, 1), bucket: "day" };
  }
}

export type CustomPeriod = { ok: true; period: Period } | { ok: false; wrong: "empty" | "order" | "long" };

/** @param first and last: days as `2026-11-22`, both part of it */
export function customPeriod(first: string, last: string): CustomPeriod {
  const from = readDay(first);
  const end = readDay(last);
  if (from === undefined || end === undefined) return { ok: false, wrong: "empty" };
  if (end < from) return { ok: false, wrong: "order" };
  const to = dayStart(end, 1);
  const days = Math.round((to - from) / (24 * HOUR));
  if (days > MAX_DAYS) return { ok: false, wrong: "long" };
  return { ok: true, period: { from, to, bucket: days <= HOURLY_DAYS ? "hour" : "day" } };
}

/** Minutes that local time is ahead of UTC. */
export function utcOffset(time: number): number {
  const ahead = -new Date(time).getTimezoneOffset();
  // No minus zero.
  return ahead === 0 ? 0 : ahead;
}

/** Days are not all 24 hours long. */
function dayStart(time: number, days: number): number {
  const date = new Date(time);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}
