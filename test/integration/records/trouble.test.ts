/** Whatever happens to the file of recorded requests, requests go on, and the person is told. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RecordsOptions } from "../../../src/gateway/records/records.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { lockFolder } from "../../support/lockedFolder.ts";
import { requestRecord, type TestRecords, testRecords } from "../../support/records.ts";
import { differences, lookInto } from "../../support/recordsCheck.ts";
import { smallDisk } from "../../support/smallDisk.ts";

let folder: string;
let file: string;
let open: TestRecords | undefined;
let gateway: TestGateway | undefined;

beforeEach(() => {
  folder = makeFolder("trouble");
  file = join(folder, "portico.db");
});
afterEach(async () => {
  await gateway?.stop();
  await open?.end();
  [gateway, open] = [undefined, undefined];
  await removeFolder(folder);
});

/** A gateway whose requests are recorded in `file`. */
async function start(options: Partial<RecordsOptions> = {}): Promise<TestRecords> {
  const records = testRecords({}, { file, ...options });
  open = records;
  gateway = await startGateway({}, {}, { onRecord: (record) => records.records.add(record) });
  return records;
}

async function ask(text = "hello"): Promise<void> {
  const response = await fetch(`${gateway?.baseUrl}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "sandbox/echo", messages: [{ role: "user", content: text }] }),
  });
  expect(response.status).toBe(200);
  expect(await response.text()).toContain(text);
  const id = response.headers.get("x-request-id");
  await gateway?.recorded((record) => record.id === id);
}

/** How many requests are in the file, once all is written. */
async function total({ records }: TestRecords): Promise<number> {
  await records.flush();
  return (await records.list()).total;
}

/** Resolves when the problem is as `fits` wants it. */
async function problem(
  { records }: TestRecords,
  fits: (problem: string | undefined) => boolean,
): Promise<string> {
  if (!fits(records.problem)) {
    await new Promise<void>((resolve) => {
      const end = records.onProblem(() => {
        if (!fits(records.problem)) return;
        end();
        resolve();
      });
    });
  }
  return records.problem ?? "";
}
const says = (pattern: RegExp) => (text: string | undefined) => text !== undefined && pattern.test(text);

/** A good file with some requests in it. */
async function fill(count: number): Promise<void> {
  const made = testRecords({}, { file });
  for (let n = 0; n < count; n++) made.records.add(requestRecord());
  await made.records.flush();
  await made.end();
}

describe("records, when their file is in trouble", () => {
  it("go on when a full disk has room again, and miss nothing that fitted into the queue", async () => {
    const disk = smallDisk(320);
    try {
      file = join(disk.folder, "portico.db");
      const records = await start(disk.start === undefined ? {} : { start: disk.start });
      const long = "x".repeat(400);
      for (let n = 0; n < 2000; n++) {
        records.records.add(
          requestRecord({ status: 500, error: { kind: "upstream", message: `${n} ${long}` } }),
        );
      }
      expect(await problem(records, says(/disk is full/))).toContain("Free some space");
      await ask();
      disk.enlarge();
      await problem(records, (text) => text === undefined);
      await ask();
      expect(await total(records)).toBe(2002);
      await records.records.close();
      expect(lookInto(file)).toMatchObject({ integrity: "ok", rows: 2002 });
      expect(differences(file)).toEqual([]);
    } finally {
      await open?.records.close();
      await disk.end();
    }
  });

  it("say so where the folder cannot be written", async () => {
    const locked = join(folder, "locked");
    mkdirSync(locked);
    const unlock = lockFolder(locked);
    try {
      file = join(locked, "portico.db");
      const records = await start();
      await ask();
      expect(await problem(records, says(/could not be recorded/))).toContain(locked);
      await expect(records.records.list()).rejects.toMatchObject({ kind: "unavailable" });
      await ask();
      unlock();
      await problem(records, (text) => text === undefined);
      expect(await total(records)).toBe(2);
    } finally {
      unlock();
    }
  });

  it("are read but not written where a newer program wrote the file", async () => {
    await fill(3);
    const database = new DatabaseSync(file);
    database.exec("PRAGMA user_version = 99");
    database.close();
    const records = await start();
    await ask();
    expect(await problem(records, says(/newer Portico/))).toContain("Update Portico");
    expect(await total(records)).toBe(3);
    await records.records.close();
    expect(lookInto(file)).toMatchObject({ integrity: "ok", rows: 3 });
  });

  it.each([
    ["no database at all", (bytes: Buffer) => bytes.fill("not a database, ".repeat(8), 0, 4096)],
    ["damaged in its first page", (bytes: Buffer) => bytes.fill(0xa5, 100, 4000)],
    ["damaged in the middle", (bytes: Buffer) => bytes.fill(0x5a, 8192, bytes.length - 4096)],
    ["cut short", (bytes: Buffer) => bytes.subarray(0, 5000)],
  ])("begin a new file where the old one is %s, which is set aside", async (_what, damage) => {
    await fill(500);
    const damaged = damage(readFileSync(file));
    writeFileSync(file, damaged);
    const records = await start();
    await ask();
    const said = await problem(records, says(/was damaged/));
    expect(said).toContain("set aside as portico.db.damaged-");
    await ask();
    expect(await total(records)).toBe(2);
    const aside = readdirSync(folder).filter((name) => /\.damaged-.*Z$/.test(name));
    expect(aside).toHaveLength(1);
    const kept = readFileSync(join(folder, aside[0] ?? ""));
    expect(kept.equals(damaged)).toBe(true);
    expect((await records.records.storage()).damaged).toMatchObject({ files: 1 });
    expect(await records.records.clear()).toEqual({ removed: 2 });
    expect(readdirSync(folder).filter((name) => name.includes("damaged"))).toEqual([]);
    expect(records.records.problem).toBeUndefined();
    await ask();
    await ask();
    expect(await total(records)).toBe(2);
    await records.records.close();
    expect(lookInto(file)).toMatchObject({ integrity: "ok", rows: 2 });
  });

  it("begin a new file where somebody deleted it while they run", async () => {
    const records = await start();
    await ask();
    expect(await total(records)).toBe(1);
    for (const end of ["", "-wal", "-shm"]) rmSync(file + end, { force: true });
    await records.records.sweep();
    await ask();
    expect(await total(records)).toBe(1);
    expect(lookInto(file)).toMatchObject({ integrity: "ok", rows: 1 });
    expect(records.records.problem).toBeUndefined();
  });

  it("wait for a lock without holding the gateway up", async () => {
    await fill(1);
    const other = new DatabaseSync(file);
    other.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    const records = await start();
    await ask();
    expect(await problem(records, says(/locked/))).toContain("goes on by itself");
    const held: number[] = [];
    for (let round = 0; round < 5; round++) {
      const delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
      // Each of these waits 250 ms for the lock, in the thread.
      const flushed = records.records.flush();
      for (let n = 0; n < 4; n++) await ask();
      await flushed;
      delay.disable();
      held.push(delay.max / 1e6);
    }
    // Were it the gateway that waits, it would be held in every round. The machine may hold it in some.
    expect(Math.min(...held)).toBeLessThan(200);
    other.exec("COMMIT");
    other.close();
    await problem(records, (text) => text === undefined);
    expect(await total(records)).toBe(22);
  });

  it("start their thread anew when it dies, and write what it did not", async () => {
    const threads: Worker[] = [];
    const records = await start({
      start: (data) => {
        const url = new URL("../../../src/gateway/records/recordsWorker.ts", import.meta.url);
        const worker = new Worker(url, { workerData: data });
        threads.push(worker);
        return worker;
      },
    });
    await ask();
    expect(await total(records)).toBe(1);
    const died = records.records.list({ limit: 1, filter: { text: "x" } }).catch((error: unknown) => error);
    await threads[0]?.terminate();
    expect(await problem(records, says(/failed/))).toContain("started anew");
    await ask();
    await problem(records, (text) => text === undefined);
    expect(await total(records)).toBe(2);
    expect(threads).toHaveLength(2);
    expect(records.log.join("\n")).toContain("was lost");
    await died;
    await records.records.close();
    expect(differences(file)).toEqual([]);
  });
});
