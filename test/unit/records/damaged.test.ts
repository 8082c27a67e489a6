/** Damaged files of requests that were set aside: counted, cleared, and gone in time. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { setAside } from "../../../src/gateway/records/db/damaged.ts";
import type { Limits } from "../../../src/gateway/records/db/retention.ts";
import { Store, StoreError } from "../../../src/gateway/records/db/store.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { pricedEntry, requestRecord } from "../../support/records.ts";

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 5, 30, 12);
const LIMITS: Limits = {
  maxAgeDays: 30,
  maxRows: 1e9,
  maxBytes: 1e12,
  bodiesMaxBytes: 1e12,
  bodiesMaxHours: 24,
};

let folder: string;
let file: string;
let store: Store;
let notices: string[];
beforeEach(() => {
  folder = makeFolder("damaged");
  file = join(folder, "portico.db");
  notices = [];
  store = new Store(file, { onProblem: () => {}, onNotice: (message) => void notices.push(message) });
});
afterEach(async () => {
  store.close();
  await removeFolder(folder);
});

/** @param days before now at which it was set aside */
function aside(days: number, bytes = 100, beside = 0): string {
  const path = `${file}.damaged-${new Date(NOW - days * DAY_MS).toISOString().replace(/[:.]/g, "-")}`;
  writeFileSync(path, "x".repeat(bytes));
  if (beside > 0) writeFileSync(`${path}-wal`, "y".repeat(beside));
  return path.slice(folder.length + 1);
}
const left = () => readdirSync(folder).filter((name) => name.includes(".damaged-"));

describe("damaged files", () => {
  it("are counted apart from the file that is written", () => {
    expect(store.sizes().damaged).toEqual({ files: 0, bytes: 0 });
    aside(1, 1000, 20);
    aside(2, 300);
    writeFileSync(`${file}.damaged-by-me`, "not ours");
    expect(store.sizes().damaged).toEqual({ files: 2, bytes: 1320 });
  });

  it("are cleared with the history, and what is not ours is left alone", () => {
    store.write([{ entry: pricedEntry(requestRecord(), 0) }], "a");
    aside(1, 1000, 20);
    writeFileSync(`${file}.damaged-2026-01-01T00-00-00-000Z-shm`, "left alone by its file");
    writeFileSync(`${file}.damaged-by-me`, "not ours");
    expect(store.clear()).toBe(1);
    expect(left()).toEqual(["portico.db.damaged-by-me"]);
    expect(store.sizes()).toMatchObject({ requests: { rows: 0 }, damaged: { files: 0, bytes: 0 } });
  });

  it("go when what is in them is too old", () => {
    const [old, young] = [aside(31, 100, 20), aside(29, 100, 20)];
    while (store.sweep(LIMITS, NOW));
    expect(left()).toEqual([young, `${young}-wal`]);
    expect(left()).not.toContain(old);
    while (store.sweep(LIMITS, NOW + 2 * DAY_MS));
    expect(left()).toEqual([]);
    expect(notices).toEqual([]);
  });

  it("are two at most", () => {
    for (const day of [1, 2, 3]) {
      writeFileSync(file, String(day));
      setAside(file, NOW + day * DAY_MS);
    }
    expect(left().map((name) => name.slice(-24, -14))).toEqual(["2026-07-02", "2026-07-03"]);
  });

  it("that cannot be deleted are told, and stop nothing else", () => {
    mkdirSync(`${file}.damaged-2026-01-01T00-00-00-000Z`);
    while (store.sweep(LIMITS, NOW));
    expect(notices.join()).toContain("could not be deleted");
    expect(() => store.clear()).toThrow(StoreError);
  });
});
