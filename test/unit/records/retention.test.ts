import { statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Limits } from "../../../src/gateway/records/db/retention.ts";
import { spanOf } from "../../../src/gateway/records/db/rows.ts";
import { Store } from "../../../src/gateway/records/db/store.ts";
import type { RequestRecord } from "../../../src/gateway/records/record.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { pricedEntry, requestRecord } from "../../support/records.ts";
import { lookInto } from "../../support/recordsCheck.ts";

const NOW = Date.UTC(2026, 5, 30, 12);
const DAY_MS = 86_400_000;
const LIMITS: Limits = {
  maxAgeDays: 3650,
  maxRows: 1e9,
  maxBytes: 1e12,
  bodiesMaxBytes: 1e12,
  bodiesMaxHours: 720,
};
const ROWS = 4000;

let folder: string;
let store: Store;
const file = () => join(folder, "portico.db");

beforeEach(() => {
  folder = makeFolder("retention");
  const fail = (message: string | undefined) => expect(message).toBeUndefined();
  store = new Store(file(), { onProblem: fail, onNotice: fail });
});
afterEach(() => {
  store.close();
  return removeFolder(folder);
});

/** @param own of the request at a place */
function fill(rows: number, own: (index: number) => Partial<RequestRecord>): void {
  for (let done = 0; done < rows; done += 200) {
    const items = Array.from({ length: 200 }, (_, index) => {
      const record = requestRecord({ time: NOW, ...own(done + index) });
      return { entry: pricedEntry(record, 0.01) };
    });
    expect(store.write(items, `fill:${done}`)).toBeDefined();
  }
}

/** Steps until nothing is left to do. @returns the most requests that went in one */
function sweep(limits: Partial<Limits>, now = NOW): number {
  let most = 0;
  let rows = store.sizes().requests.rows;
  for (let steps = 0; store.sweep({ ...LIMITS, ...limits }, now); steps++) {
    expect(steps).toBeLessThan(500);
    const left = store.sizes().requests.rows;
    most = Math.max(most, rows - left);
    rows = left;
  }
  return most;
}
const seqs = () => store.read(({ database }) => spanOf(database));

describe("letting go", () => {
  it("of the oldest, in small steps, gives the disk its space back and keeps the statistics", () => {
    fill(ROWS, () => ({ error: { kind: "upstream", message: "x".repeat(300) }, status: 500 }));
    sweep({});
    const before = statSync(file()).size;
    expect(sweep({ maxRows: 100 })).toBeLessThanOrEqual(1000);
    expect(seqs()).toMatchObject({ first: ROWS - 99, last: ROWS });
    expect(statSync(file()).size).toBeLessThan(before / 5);
    expect(lookInto(file())).toMatchObject({
      integrity: "ok",
      rows: 100,
      written: ROWS,
      sums: { hours: ROWS, days: ROWS },
    });
  });

  it("of what is too old", () => {
    fill(ROWS, (index) => ({ time: NOW - DAY_MS * (1 - index / ROWS) * 40 }));
    sweep({ maxAgeDays: 10 });
    expect(seqs()).toMatchObject({ first: ROWS * 0.75 + 1, last: ROWS });
    sweep({ maxAgeDays: 10 }, NOW + 11 * DAY_MS);
    expect(store.sizes().requests).toMatchObject({ rows: 0 });
    expect(seqs().last).toBeLessThan(seqs().first);
  });

  it("of as much as makes the file small enough", () => {
    fill(ROWS, () => ({ error: { kind: "upstream", message: "x".repeat(400) } }));
    const maxBytes = 1_000_000;
    expect(store.sizes().bytes).toBeGreaterThan(2 * maxBytes);
    sweep({ maxBytes });
    expect(statSync(file()).size).toBeLessThanOrEqual(maxBytes * 1.1);
    const { rows } = store.sizes().requests;
    expect(rows).toBeGreaterThan(0);
    expect(rows).toBeLessThan(ROWS);
  });

  it("of sums per hour after some months, of those per day after years, and of names that nobody uses", () => {
    fill(200, (index) => ({ time: NOW - 200 * DAY_MS, model: `old-${index % 5}`, client: "Old" }));
    fill(200, () => ({ model: "new" }));
    sweep({});
    const query = { from: NOW - 300 * DAY_MS, to: NOW + 1, bucket: "day" } as const;
    const year = store.read(({ stats }) => stats.query({ ...query, by: "model" }));
    expect(year.total.requests).toBe(400);
    expect(year.groups.map(({ key }) => key).sort()).toEqual([
      "new",
      "old-0",
      "old-1",
      "old-2",
      "old-3",
      "old-4",
    ]);
    expect(lookInto(file()).sums).toMatchObject({ hours: 200, days: 400, "hourParts WHERE by = 0": 200 });

    sweep({ maxRows: 100 }, NOW + 4 * 365 * DAY_MS);
    expect(lookInto(file()).sums).toMatchObject({ hours: 0, days: 0 });
    expect(store.read(({ reader }) => reader.facets()).models).toEqual(["new"]);
    fill(200, () => ({ time: NOW + 4 * 365 * DAY_MS, model: "newest" }));
    sweep({ maxRows: 100 }, NOW + (4 * 365 + 3) * DAY_MS);
    expect(store.read(({ reader }) => reader.list({ limit: 1 })).rows[0]).toMatchObject({ model: "newest" });
    expect(store.read(({ reader }) => reader.list({ filter: { text: "old" }, limit: 1 })).total).toBe(0);
  });
});
