/** Whether a file of recorded requests is whole, and its sums are those of its requests. */
import { DatabaseSync } from "node:sqlite";
import { FLAG } from "../../src/gateway/records/db/codes.ts";

type Row = Record<string, unknown>;

const SUMS = `
  count(*) AS requests, sum(outcome = 2) AS errors, sum(outcome = 1 AND (flags & ${FLAG.failedOver}) <> 0) AS failedOver,
  sum(ifnull(input, 0)) AS input, sum(ifnull(cacheRead, 0)) AS cacheRead,
  sum(ifnull(cacheWrite, 0)) AS cacheWrite, sum(ifnull(output, 0)) AS output,
  sum(ifnull(reasoning, 0)) AS reasoning, sum(ifnull(cost, 0)) AS cost,
  sum(input IS NOT NULL AND cost IS NULL) AS unpriced, sum(first IS NOT NULL) AS firsts`;
const COLUMNS =
  "requests, errors, failedOver, input, cacheRead, cacheWrite, output, reasoning, cost, unpriced";

/** How many a histogram holds, read without the code that writes it. */
function counted(bytes: unknown): number {
  if (!(bytes instanceof Uint8Array)) return 0;
  let [sum, at] = [0, 0];
  while (at < bytes.length) {
    at += 1;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++] ?? 0;
      sum += (byte & 127) * factor;
      if (byte < 128) break;
    }
  }
  return sum;
}

const keyed = (rows: readonly Row[], names: readonly string[]): Map<string, Row> =>
  new Map(rows.map((row) => [names.map((name) => row[name]).join(" "), row]));

/** What the file says of itself. */
export interface Found {
  /** `ok`, or what SQLite has to say. */
  readonly integrity: string;
  readonly rows: number;
  /** Places that were given out. */
  readonly written: number;
  /** Requests in each table of sums. */
  readonly sums: Readonly<Record<string, number>>;
}

export function lookInto(file: string): Found {
  const database = new DatabaseSync(file, { timeout: 5000 });
  try {
    const one = (sql: string): unknown => Object.values(database.prepare(sql).get() ?? {})[0];
    return {
      integrity: String(one("PRAGMA integrity_check")),
      rows: Number(one("SELECT count(*) FROM requests")),
      written: Number(one("SELECT value FROM meta WHERE name = 'next'") ?? 1) - 1,
      sums: Object.fromEntries(
        ["hours", "days", "hourParts WHERE by = 0", "dayParts WHERE by = 0"].map((table) => [
          table,
          Number(one(`SELECT ifnull(sum(requests), 0) FROM ${table}`)),
        ]),
      ),
    };
  } finally {
    database.close();
  }
}

/** @returns what differs between the sums and the requests, for a file of which no request was let go */
export function differences(file: string): string[] {
  const database = new DatabaseSync(file, { timeout: 5000 });
  const found: string[] = [];
  const model = "CASE WHEN modelUsed <> 0 THEN modelUsed ELSE model END";
  const counts = `FROM requests WHERE (flags & ${FLAG.counted}) <> 0`;
  try {
    for (const [table, step] of [
      ["hours", 3_600_000],
      ["days", 86_400_000],
    ] as const) {
      const start = `time / ${step}`;
      const cube = ["start", "model", "account", "client", "protocol", "key"];
      const truth = database
        .prepare(
          `SELECT ${start} AS start, ${model} AS model, account, client, protocol, key, ${SUMS} ${counts} GROUP BY 1, 2, 3, 4, 5, 6`,
        )
        .all();
      const sums = database.prepare(`SELECT ${cube.join(", ")}, ${COLUMNS}, first, took FROM ${table}`).all();
      compare(table, keyed(truth, cube), keyed(sums, cube), found);

      const parts = ["by", "start", "key"];
      const byKey = [["0"], [`${model}`], ["account"], ["client"], ["protocol"], ["key"]].flatMap(
        ([key], by) =>
          database
            .prepare(`SELECT ${by} AS by, ${start} AS start, ${key} AS key, ${SUMS} ${counts} GROUP BY 2, 3`)
            .all(),
      );
      const partTable = table === "hours" ? "hourParts" : "dayParts";
      const partSums = database
        .prepare(`SELECT ${parts.join(", ")}, ${COLUMNS}, first, took FROM ${partTable}`)
        .all();
      compare(partTable, keyed(byKey, parts), keyed(partSums, parts), found);

      const kinds = database
        .prepare(
          `SELECT word, count(*) AS n FROM requests JOIN words ON words.id = kind
           WHERE outcome = 2 AND (flags & ${FLAG.counted}) <> 0 GROUP BY 1 ORDER BY 1`,
        )
        .all()
        .map((row) => [row["word"], row["n"]]);
      const told = new Map<string, number>();
      for (const row of database.prepare(`SELECT kinds FROM ${table} WHERE kinds IS NOT NULL`).all()) {
        for (const [kind, n] of Object.entries(JSON.parse(String(row["kinds"])) as Record<string, number>)) {
          told.set(kind, (told.get(kind) ?? 0) + n);
        }
      }
      const sorted = JSON.stringify([...told].sort(([a], [b]) => (a < b ? -1 : 1)));
      if (sorted !== JSON.stringify(kinds))
        found.push(`${table}: kinds ${sorted}, not ${JSON.stringify(kinds)}`);
    }
  } finally {
    database.close();
  }
  return found;
}

function compare(
  table: string,
  truth: ReadonlyMap<string, Row>,
  sums: ReadonlyMap<string, Row>,
  found: string[],
): void {
  for (const key of new Set([...truth.keys(), ...sums.keys()])) {
    const [wanted, told] = [truth.get(key), sums.get(key)];
    if (wanted === undefined || told === undefined) {
      found.push(`${table}: ${key} is only in the ${wanted === undefined ? "sums" : "requests"}`);
      continue;
    }
    for (const name of COLUMNS.split(", ")) {
      if (wanted[name] !== told[name])
        found.push(`${table}: ${key}: ${name} ${told[name]}, not ${wanted[name]}`);
    }
    if (counted(told["took"]) !== wanted["requests"]) found.push(`${table}: ${key}: durations`);
    if (counted(told["first"]) !== wanted["firsts"]) found.push(`${table}: ${key}: first bytes`);
  }
}
