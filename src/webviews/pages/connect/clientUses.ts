/** Whether a tool uses Portico: by the requests that came from it in the last 30 days. */
import { t } from "@vscode/l10n";
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

/** By the names that people call clients by. */
export async function clientUses(signal: AbortSignal): Promise<ReadonlyMap<string, ClientUse>> {
  const now = Date.now();
  const { groups } = await call(
    "stats.query",
    {
      from: now - (DAYS - 1) * DAY_MS,
      to: now + 1,
      bucket: "day",
      by: "client",
      utcOffsetMinutes: -new Date().getTimezoneOffset(),
    },
    { signal },
  );
  return new Map(
    groups.flatMap(({ label, points }): [string, ClientUse][] => {
      const last = points.findLastIndex(({ requests }) => requests > 0);
      const requests = points[last]?.requests;
      return requests === undefined ? [] : [[label, { requests, daysAgo: points.length - 1 - last }]];
    }),
  );
}

export function useLabel(use: ClientUse | undefined): string {
  if (use === undefined) return t("not seen yet");
  if (use.daysAgo > 0) return countOf(use.daysAgo, t("seen yesterday"), t("seen {0} days ago", use.daysAgo));
  return countOf(use.requests, t("1 request today"), t("{0} requests today", format.count(use.requests)));
}
