/** Files of older programs, brought up to date. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { StatsQuery } from "../../../src/control/stats.ts";
import { BY_CODES } from "../../../src/gateway/records/db/codes.ts";
import { SUMS } from "../../../src/gateway/records/db/rollups.ts";
import { VERSION } from "../../../src/gateway/records/db/schema.ts";
import { Store } from "../../../src/gateway/records/db/store.ts";
import type { RequestRecord } from "../../../src/gateway/records/record.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { pricedEntry, requestRecord } from "../../support/records.ts";
import { differences } from "../../support/recordsCheck.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 0, 31, 12, 34);

let folder: string;
let problems: (string | undefined)[];
const file = () => join(folder, "portico.db");
const open = () =>
  new Store(file(), { onProblem: (each) => problems.push(each), onNotice: (each) => problems.push(each) });

beforeEach(() => {
  folder = makeFolder("migrations");
  problems = [];
});
afterEach(() => removeFolder(folder));

/** Of 60 requests over 3 days, by several of everything, every second one moved on and every third one failed. */
function requests(): RequestRecord[] {
  return Array.from({ length: 60 }, (_, at) => {
    const account = ["a", "b"][at % 2] ?? "";
    const made = requestRecord({ time: NOW - (at % 3) * DAY - at * 60_000, account, model: `m${at % 4}` });
    const [attempt] = made.attempts;
    const moved = attempt !== undefined && at % 2 === 0;
    return {
      ...made,
      client: ["Codex", "curl", "Claude Code"][at % 3] ?? "",
      ...(moved ? { attempts: [{ ...attempt, account: "first", outcome: "429" }, attempt] } : {}),
      ...(at % 3 === 0 ? { status: 502, error: { kind: "upstream" as const, message: "no" } } : {}),
      ...(at % 15 === 1 ? { error: { kind: "client-gone" as const, message: "gone" } } : {}),
    };
  });
}

/** A file as version 1 left it: the sums count every request that moved on. */
function oldFile(): void {
  const store = open();
  store.write(
    requests().map((record) => ({ entry: pricedEntry(record, 0.01) })),
    "test:1",
  );
  store.close();
  change((database) => {
    const model = "iif(modelUsed = 0, model, modelUsed)";
    for (const [table, ms] of [
      ["hour", 3_600_000],
      ["day", DAY],
    ] as const) {
      const moved = `SELECT count(*) FROM requests AS r WHERE (r.flags & 4) <> 0 AND r.time / ${ms} = t.start`;
      withoutKeys(database, table);
      database.exec(`UPDATE ${table}s AS t SET failedOver = (${moved} AND ${model} = t.model
        AND r.account = t.account AND r.client = t.client AND r.protocol = t.protocol)`);
      database.exec(`UPDATE ${table}Parts AS t SET failedOver = (${moved} AND CASE t.by WHEN 0 THEN 0
        WHEN 1 THEN ${model} WHEN 2 THEN r.account WHEN 3 THEN r.client ELSE r.protocol END = t.key)`);
    }
    database.exec("ALTER TABLE requests DROP COLUMN key");
    database.exec("PRAGMA user_version = 1");
  });
}

/** As before there were client keys. */
function withoutKeys(database: DatabaseSync, table: "hour" | "day"): void {
  const columns = ["start", "model", "account", "client", "protocol", ...SUMS, "kinds", "first", "took"];
  const names = ["start", "model", "account", "client", "protocol"].join(", ");
  database.exec(`
    CREATE TABLE old (${columns.join(", ")}, PRIMARY KEY (${names})) WITHOUT ROWID;
    INSERT INTO old SELECT ${columns.join(", ")} FROM ${table}s;
    DROP TABLE ${table}s;
    ALTER TABLE old RENAME TO ${table}s;
    DELETE FROM ${table}Parts WHERE by = ${BY_CODES.key};`);
}

function change(what: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(file());
  what(database);
  database.close();
}

const total = (store: Store) =>
  store.read(({ stats }) => stats.query({ from: NOW - 50 * DAY, to: NOW + DAY, bucket: "day" })).total
    .failedOver;
const answered = () =>
  requests().filter(({ attempts, error }) => attempts.length > 1 && error === undefined).length;

it("sums no longer count requests that failed as failed over", () => {
  oldFile();
  change((database) => {
    const before = database.prepare("SELECT sum(failedOver) AS n FROM days").get();
    expect(before?.["n"]).toBeGreaterThan(answered());
  });
  const store = open();
  expect(total(store)).toBe(answered());
  store.close();
  expect(differences(file())).toEqual([]);
  expect(problems).toEqual([]);
});

it("what was counted before there were client keys is nobody's", () => {
  oldFile();
  const store = open();
  const range = { from: NOW - 50 * DAY, to: NOW + DAY, bucket: "day" } as const;
  const ask = (query: Partial<StatsQuery>) => store.read(({ stats }) => stats.query({ ...range, ...query }));
  const { groups, total: all } = ask({ by: "key" });
  expect(groups).toMatchObject([{ key: "-", total: { requests: 60 } }]);
  expect(ask({ by: "client", only: { key: "-" } }).total).toEqual(all);
  store.write([{ entry: pricedEntry(requestRecord({ time: NOW, key: "ci" }), 0.01) }], "test:2");
  expect(ask({ by: "key" }).groups.map((group) => [group.key, group.total.requests])).toEqual([
    ["-", 60],
    ["ci", 1],
  ]);
  expect(store.read(({ reader }) => reader.facets()).keys).toEqual(["ci"]);
  store.close();
  expect(differences(file())).toEqual([]);
});

it("sums of requests that are gone tell no more than there were", () => {
  oldFile();
  change((database) => database.exec("DELETE FROM requests WHERE seq <= 30"));
  const store = open();
  const told = total(store);
  expect(told).toBeGreaterThan(0);
  // How many clients had left is not told by sums.
  const notFailed = requests().filter(
    ({ attempts, error }) => attempts.length > 1 && error?.kind !== "upstream",
  );
  expect(told).toBeLessThanOrEqual(notFailed.length);
  store.close();
  // Once brought up to date it is left as it is.
  change((database) => database.exec("DELETE FROM requests"));
  const again = open();
  expect(total(again)).toBe(told);
  again.close();
});

it("is read, and not written, by a program that is older than the file", () => {
  oldFile();
  const own = open();
  total(own);
  own.close();
  change((database) => database.exec(`PRAGMA user_version = ${VERSION + 1}`));
  const store = open();
  expect(total(store)).toBe(answered());
  store.close();
  expect(problems.join()).toMatch(/newer/);
});
