import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tryLead, waitToLead } from "../../../src/gateway/common/leaderLock.ts";
import { bestOf } from "../../support/bestOf.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";

type Child = ChildProcessByStdio<Writable, Readable, null>;

let folder: string;
let file: string;
let children: Child[];

beforeEach(async () => {
  folder = makeFolder("leader");
  file = join(folder, "leader.db");
  children = [];
});
afterEach(async () => {
  for (const child of children) await end(child);
  await removeFolder(folder);
});

/** A process of its own that leads as soon as it can. */
function contender(): Child {
  const script = fileURLToPath(new URL("leaderProcess.ts", import.meta.url));
  const child = spawn(process.execPath, ["--no-warnings", script, file], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  return child;
}

async function says(child: Child): Promise<string> {
  const [data] = await once(child.stdout, "data");
  return String(data).trim();
}

async function end(child: Child): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

describe("leadership", () => {
  it("is for one at a time, within a process too", () => {
    const first = tryLead(file);
    expect(first).toBeDefined();
    expect(tryLead(file)).toBeUndefined();
    first?.release();
    first?.release();
    const second = tryLead(file);
    expect(second).toBeDefined();
    second?.release();
  });

  it("is freed by the death of the process that held it, within a second", async () => {
    const took = await bestOf(async () => {
      const holder = contender();
      expect(await says(holder)).toBe("leading");
      expect(tryLead(file)).toBeUndefined();
      const waiting = waitToLead(file, { everyMs: 50 });
      await end(holder);
      const killed = performance.now();
      const leadership = await waiting;
      expect(leadership).toBeDefined();
      const milliseconds = performance.now() - killed;
      leadership?.release();
      return milliseconds;
    }, 1000);
    expect(took).toBeLessThan(1000);
  });

  it("is freed by the end of a worker thread in this process", async () => {
    const script = new URL("leaderProcess.ts", import.meta.url);
    const worker = new Worker(script, { argv: [file], stdout: true });
    await once(worker.stdout, "data");
    expect(tryLead(file)).toBeUndefined();
    await worker.terminate();
    const leadership = tryLead(file);
    expect(leadership).toBeDefined();
    leadership?.release();
  });

  it("is handed over by release while the process lives on", async () => {
    const holder = contender();
    expect(await says(holder)).toBe("leading");
    holder.stdin.write("release\n");
    expect(await says(holder)).toBe("released");
    const mine = tryLead(file);
    expect(mine).toBeDefined();
    mine?.release();
  });

  it("goes to exactly one of several who wait", async () => {
    const mine = tryLead(file);
    const waiting = [contender(), contender(), contender()];
    const answers = waiting.map(says);
    mine?.release();
    expect(await Promise.race(answers)).toBe("leading");
    expect(tryLead(file)).toBeUndefined();
    const settled = await Promise.all(
      answers.map((answer) =>
        Promise.race([answer, new Promise((resolve) => setImmediate(() => resolve("waits")))]),
      ),
    );
    expect(settled.filter((answer) => answer === "leading")).toHaveLength(1);
  });

  it("stops waiting when told to", async () => {
    const mine = tryLead(file);
    const controller = new AbortController();
    const waiting = waitToLead(file, { everyMs: 10_000, signal: controller.signal });
    controller.abort();
    expect(await waiting).toBeUndefined();
    mine?.release();
  });

  it("says so when the file cannot be locked", async () => {
    await writeFile(file, "not a database, ".repeat(100));
    expect(() => tryLead(file)).toThrow(/not a database/);
    expect(() => tryLead(join(folder, "missing", "leader.db"))).toThrow();
  });
});
