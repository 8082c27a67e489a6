/** When each account was used last, and by whom of late: from the requests, else from the sums that outlive them. */
import type { Database } from "../../common/sqlite.ts";
import { BY_CODES, DAY_MS, HOUR_MS } from "./codes.ts";
import type { StringInterning } from "./interning.ts";

export interface LastUse {
  readonly account: string;
  /** Milliseconds since 1970: when its last request ended; where only sums are left, the hour or day of it. */
  readonly at: number;
  /** Clients of the last ten minutes. */
  readonly clients: readonly { readonly client: string; readonly at: number }[];
}

/** Accounts that are told of, those used last first. */
export const MAX_ACCOUNTS = 2000;
/** Milliseconds that a request may have taken whose end counts as a use of late. */
const LONGEST_MS = HOUR_MS;

/** @param recentMs milliseconds in which a client counts as one that uses an account */
export function lastUsesIn(
  database: Database,
  words: StringInterning,
  { now, recentMs }: { readonly now: number; readonly recentMs: number },
): LastUse[] {
  const ended = database.prepare(
    "SELECT max(time + duration) AS at FROM requests WHERE account = ? AND time >= ? AND time < ?",
  );
  const clients = clientsIn(database, words, now, recentMs);
  return [...lastHours(database)]
    .sort(([, a], [, b]) => b.start - a.start)
    .slice(0, MAX_ACCOUNTS)
    .flatMap(([key, { start, length }]): LastUse[] => {
      const account = words.textOf(key);
      if (account === undefined) return [];
      const at = ended.get(key, start, start + length)?.["at"];
      const found = typeof at === "number" ? at : start;
      // A clock that was ahead has written nothing that is to come.
      return [{ account, at: Math.min(found, now), clients: clients.get(key) ?? [] }];
    });
}

/** By an account's number: the last hour, or day, in which it was used. Milliseconds. */
function lastHours(database: Database): Map<number, { start: number; length: number }> {
  const found = new Map<number, { start: number; length: number }>();
  for (const [table, length] of [
    ["dayParts", DAY_MS],
    ["hourParts", HOUR_MS],
  ] as const) {
    const rows = database
      .prepare(`SELECT key, max(start) AS start FROM ${table} WHERE by = ? AND key <> 0 GROUP BY key`)
      .iterate(BY_CODES.account);
    for (const row of rows) {
      const start = Number(row["start"]) * length;
      const key = Number(row["key"]);
      if (start >= (found.get(key)?.start ?? 0)) found.set(key, { start, length });
    }
  }
  return found;
}

function clientsIn(
  database: Database,
  words: StringInterning,
  now: number,
  recentMs: number,
): Map<number, { client: string; at: number }[]> {
  const rows = database
    .prepare(
      `SELECT account, client, max(time + duration) AS at FROM requests
       WHERE time >= ? AND account <> 0 AND client <> 0 GROUP BY account, client ORDER BY 3`,
    )
    .iterate(now - recentMs - LONGEST_MS);
  const found = new Map<number, { client: string; at: number }[]>();
  for (const row of rows) {
    const at = Math.min(Number(row["at"]), now);
    const client = words.textOf(row["client"]);
    if (client === undefined || at <= now - recentMs) continue;
    const key = Number(row["account"]);
    found.set(key, [...(found.get(key) ?? []), { client, at }]);
  }
  return found;
}
