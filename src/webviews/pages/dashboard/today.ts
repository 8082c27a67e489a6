/** The numbers of today, read together. */
import type { BudgetView, Today } from "../../../control/stats.ts";
import { call } from "../../transport.ts";

export interface TodayView {
  today: Today;
  budgets: BudgetView[];
  /** Who sent requests today, most first. */
  clients: { name: string; requests: number }[];
}

const HOUR_MS = 3_600_000;
const MAX_CLIENTS = 10;

export async function loadToday(signal: AbortSignal): Promise<TodayView> {
  const utcOffsetMinutes = -new Date().getTimezoneOffset();
  const [today, budgets] = await Promise.all([
    call("stats.today", { utcOffsetMinutes }, { signal }),
    call("budgets.list", undefined, { signal }),
  ]);
  const { groups } = await call(
    "stats.query",
    { from: today.since, to: Date.now() + HOUR_MS, bucket: "hour", by: "client" },
    { signal },
  );
  const clients = groups
    .filter(({ key }) => key !== "*" && key !== "unknown")
    .map(({ label, total }) => ({ name: label, requests: total.requests }))
    .slice(0, MAX_CLIENTS);
  return { today, budgets, clients };
}
