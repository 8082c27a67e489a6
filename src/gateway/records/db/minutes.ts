/** Statistics by the minute: counted from the requests themselves, since sums are by the hour. */
import type { StatsBy, StatsQuery } from "../../../control/stats.ts";
import type { Database, SqlValue } from "../../common/sqlite.ts";
import { BY_CODES, FLAG, HOUR_MS, outcomeCode } from "./codes.ts";
import type { Row } from "./columns.ts";

export const MINUTE_MS = 60_000;
/** Requests that are counted one by one, in some 45 ms; of more, their hours are told. */
export const MAX_COUNTED = 10_000;

/** What the sums are by, as the requests have it. */
const COLUMNS: Readonly<Record<StatsBy, string>> = {
  model: "iif(modelUsed = 0, model, modelUsed)",
  account: "account",
  client: "client",
  protocol: "protocol",
  key: "key",
};
const COUNTED = `(flags & ${FLAG.counted}) != 0`;
const ANSWERED = `outcome = ${outcomeCode.to("ok")}`;
const FAILED = `outcome = ${outcomeCode.to("failed")}`;

/** Beginnings of minutes; `to` exclusive. Milliseconds since 1970. */
export interface Minutes {
  readonly from: number;
  readonly to: number;
}

export function minutesOf({ from, to }: Pick<StatsQuery, "from" | "to">): Minutes {
  const begin = Math.floor(from / MINUTE_MS);
  return { from: begin * MINUTE_MS, to: Math.max(begin + 1, Math.ceil(to / MINUTE_MS)) * MINUTE_MS };
}

/** Are there `most` at most? Reads no more than it takes to know. */
export function canCount(database: Database, { from, to }: Minutes, most: number): boolean {
  const beyond = database
    .prepare("SELECT 1 FROM requests WHERE time >= ? AND time < ? LIMIT 1 OFFSET ?")
    .get(from, to, most);
  return beyond === undefined;
}

/** Are all of them kept that were counted? Rows go from the low end alone. */
export function areKept(database: Database, { from, to }: Minutes): boolean {
  const oldest = database.prepare("SELECT time FROM requests ORDER BY seq LIMIT 1").get()?.["time"];
  if (typeof oldest === "number" && oldest <= from) return true;
  const [first, end] = [Math.floor(from / HOUR_MS), Math.ceil(to / HOUR_MS)];
  const summed = database
    .prepare(
      `SELECT coalesce(sum(requests), 0) AS n FROM hourParts WHERE by = ${BY_CODES.all} AND start >= ? AND start < ?`,
    )
    .get(first, end);
  const kept = database
    .prepare(`SELECT count(*) AS n FROM requests WHERE time >= ? AND time < ? AND ${COUNTED}`)
    .get(first * HOUR_MS, end * HOUR_MS);
  return summed?.["n"] === kept?.["n"];
}

export interface Wanted {
  readonly by: StatsBy | undefined;
  /** Numbers of names that all have to hold. */
  readonly only: readonly { readonly by: StatsBy; readonly number: number }[];
}

/** A row for each request that counts: `bucket`, `name`, the sums' columns, `kind`, `first` and `duration`. */
export function requestsIn(database: Database, { from, to }: Minutes, { by, only }: Wanted): Iterable<Row> {
  const conditions = only.map((each) => ` AND ${COLUMNS[each.by]} = ?`).join("");
  const values: SqlValue[] = only.map(({ number }) => number);
  return database
    .prepare(
      `SELECT (time - ${from}) / ${MINUTE_MS} AS bucket, ${by === undefined ? "0" : COLUMNS[by]} AS name,
         1 AS requests, ${FAILED} AS errors, ${ANSWERED} AND (flags & ${FLAG.failedOver}) != 0 AS failedOver,
         coalesce(input, 0) AS input, coalesce(cacheRead, 0) AS cacheRead, coalesce(cacheWrite, 0) AS cacheWrite,
         coalesce(output, 0) AS output, coalesce(reasoning, 0) AS reasoning, coalesce(cost, 0) AS cost,
         input IS NOT NULL AND cost IS NULL AS unpriced,
         iif(${FAILED}, kind, NULL) AS kind, first, duration
       FROM requests WHERE time >= ? AND time < ? AND ${COUNTED}${conditions}`,
    )
    .iterate(from, to, ...values);
}
