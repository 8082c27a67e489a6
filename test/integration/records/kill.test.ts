/** A process that is killed while it writes requests, at any moment, two hundred times. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { differences, lookInto } from "../../support/recordsCheck.ts";
import { root } from "../cli/program.ts";

const KILLS = 200;
/** Writers at once, each with a file of its own; half of them let requests go as well. */
const WRITERS = 4;
/** Kills after which a writer goes on with a new file: what one has to read grows. */
const FRESH = 10;
/** Requests of a batch at most. */
const BATCH = 40;

let folder: string;
let program: string;

beforeAll(async () => {
  folder = makeFolder("kill");
  program = join(folder, "writer.mjs");
  // In one file: 200 starts of Node are most of what this takes.
  await build({
    entryPoints: [join(root, "test/support/recordsWriter.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "warning",
  });
});
afterAll(() => removeFolder(folder));

interface Ended {
  /** Requests of which the writer said that they are in the file. */
  readonly said: number;
  readonly problems: string;
}

/** Lets it write for a while after its first batch, then kills it. */
function killAfter(child: ChildProcess, milliseconds: number): Promise<Ended> {
  let told = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    told += chunk.toString();
  });
  child.stdout?.once("data", () => setTimeout(() => child.kill("SIGKILL"), milliseconds));
  let errors = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (_code, signal) => {
      const lines = told.split("\n").slice(0, -1);
      const problems = lines.filter((line) => line.startsWith("PROBLEM")).join("\n") + errors;
      if (signal !== "SIGKILL") reject(new Error(`it ended by itself: ${problems}`));
      resolve({ said: Number(lines.findLast((line) => /^\d+$/.test(line)) ?? 0), problems });
    });
  });
}

describe("a writer that is killed", () => {
  it(`leaves a whole file ${KILLS} times, and loses at most its last batch`, {
    // 200 starts of Node: one and a half minutes on a computer that does much else.
    timeout: 600_000,
  }, async () => {
    let kills = 0;
    const writer = async (index: number): Promise<void> => {
      const sweeps = index % 2 === 1;
      for (let run = 0; kills < KILLS; run++) {
        const seed = ++kills;
        const file = join(folder, `${index}-${Math.floor(run / FRESH)}.db`);
        const args = [program, file, String(seed), ...(sweeps ? ["sweeps"] : [])];
        const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
        const { said, problems } = await killAfter(child, Math.random() * 40);
        expect(problems).toBe("");
        const found = lookInto(file);
        expect(found.integrity).toBe("ok");
        // The last batch may be in the file though there was no time to say so.
        expect(found.written).toBeGreaterThanOrEqual(said);
        expect(found.written).toBeLessThanOrEqual(said + BATCH);
        expect(Object.values(found.sums)).toEqual([1, 2, 3, 4].map(() => found.written));
        if (!sweeps) {
          expect(found.rows).toBe(found.written);
          expect(differences(file)).toEqual([]);
        }
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, (_, index) => writer(index)));
    expect(kills).toBeGreaterThanOrEqual(KILLS);
  });
});
