/** Whether a tool uses Portico: by the requests that came from it in the last 30 days. */
import { t } from "@vscode/l10n";
import type { StatsQuery, StatsSums } from "../../../control/stats.ts";
import { countOf, format } from "../../labels.ts";
import { call } from "../../transport.ts";

const DAY_MS = 86_400_000;
const DAYS = 30;

export interface ClientUse {
  /** Requests of the day on which it was seen last. */
  requests: number;
  /** 0: today. */
  daysAgo: number;
}

/** By the names that people call clients by. @param tools the names that are shown */
export async function clientUses(
  tools: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ClientUse>> {
  const now = Date.now();
  const query: StatsQuery = {
    from: now - (DAYS - 1) * DAY_MS,
    to: now + 1,
    bucket: "day",
    utcOffsetMinutes: -new Date().getTimezoneOffset(),
  };
  const { groups } = await call("stats.query", { ...query, by: "client" }, { signal });
  const known = groups.map(({ label, points }) => ({ name: label, points }));
  // The largest stand for themselves, the others are one group: of those, each tool is asked for.
  const lumped = groups.some(({ key }) => key === "*");
  const missing = lumped ? tools.filter((tool) => known.every(({ name }) => name !== tool)) : [];
  const others = await Promise.all(
    missing.map(async (name) => {
      const { groups } = await call("stats.query", { ...query, only: { client: name } }, { signal });
      return { name, points: groups[0]?.points ?? [] };
    }),
  );
  return new Map(
    [...known, ...others].flatMap(({ name, points }): [string, ClientUse][] => {
      const use = useOf(points);
      return use === undefined ? [] : [[name, use]];
    }),
  );
}

function useOf(points: readonly StatsSums[]): ClientUse | undefined {
  const last = points.findLastIndex(({ requests }) => requests > 0);
  const requests = points[last]?.requests;
  return requests === undefined ? undefined : { requests, daysAgo: points.length - 1 - last };
}

export function clientUseLabel(use: ClientUse | undefined): string {
  if (use === undefined) return t("not seen yet");
  if (use.daysAgo > 0) return countOf(use.daysAgo, t("seen yesterday"), t("seen {0} days ago", use.daysAgo));
  return countOf(use.requests, t("1 request today"), t("{0} requests today", format.amount(use.requests)));
}
