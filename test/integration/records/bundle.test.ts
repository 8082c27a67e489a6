/** The thread that keeps records, as it is built: alone as in the package, and silent. */
import { spawn } from "node:child_process";
import { copyFile, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliDecompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Entry } from "../../../src/gateway/records/entry.ts";
import { dist, isBuilt, partsOf } from "../../support/dist.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { recordSettings } from "../../support/records.ts";
import { root } from "../cli/program.ts";

const missing = !isBuilt("cli.js", "worker.js", "records.js");

/** Starts the thread, has it write a request and asks for its price and its statistics. */
const SCRIPT = `
import { Worker } from "node:worker_threads";
const [, , thread, data, entry] = process.argv;
const worker = new Worker(thread, { workerData: JSON.parse(data) });
const answers = [];
worker.on("message", (message) => {
  if (message.kind === "ready") {
    worker.postMessage({ kind: "write", batch: "x:1", now: Date.now(), entries: "[" + entry + "]" });
    worker.postMessage({ kind: "call", id: 1, name: "list", params: { limit: 10 } });
  } else if (message.kind === "answer") {
    console.log(JSON.stringify(message.value));
    worker.postMessage({ kind: "close" });
  } else if (message.kind === "closed") void worker.terminate();
  else if (message.kind !== "written") console.error(JSON.stringify(message));
});
`;

describe.skipIf(missing)("the built thread of the records (needs dist/)", () => {
  it("needs nothing beside it, and prints nothing", async () => {
    const folder = makeFolder("bundle");
    for (const name of ["records.js", "prices.br"]) await promisify(copyFile)(dist(name), join(folder, name));
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    writeFileSync(join(folder, "start.mjs"), SCRIPT);
    const { records } = recordSettings();
    const data = {
      file: join(folder, "portico.db"),
      settings: { limits: records, prices: [], bodyMaxBytes: records.bodyMaxBytes },
    };
    const entry: Entry = {
      id: "req_A",
      time: Date.now(),
      method: "POST",
      path: "/v1/messages",
      client: "Codex",
      model: "gpt-5",
      modelUsed: "gpt-5",
      account: "a",
      accountLabel: "A",
      provider: "openai",
      status: 200,
      outcome: "ok",
      attempts: 0,
      attemptList: [],
      failedOver: false,
      durationMs: 5,
      tokens: { input: 1_000_000, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0, estimated: false },
      warnings: 0,
      warningList: [],
      bytesOut: 1,
      counted: true,
    };
    const args = [
      join(folder, "start.mjs"),
      join(folder, "records.js"),
      JSON.stringify(data),
      JSON.stringify(entry),
    ];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let [out, errors] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      errors += chunk.toString();
    });
    await new Promise((resolve) => child.on("close", resolve));
    expect(errors).toBe("");
    expect(JSON.parse(out)).toMatchObject({ total: 1, rows: [{ id: "req_A", client: "Codex", cost: 1.25 }] });
    // Nobody else may read it.
    if (process.platform !== "win32") expect(statSync(data.file).mode & 0o777).toBe(0o600);
    await removeFolder(folder);
  });

  it("is where both bundles look for it, and in the package", () => {
    for (const name of ["portico.js", "worker.js"])
      expect([...partsOf(name).values()].some((text) => text.includes('"./records.js"'))).toBe(true);
    const ignored = readFileSync(join(root, ".vscodeignore"), "utf8");
    for (const name of ["records.js", "prices.br"]) expect(ignored).toContain(`!dist/${name}`);
  });

  it("has the list of prices beside it, and no code that fetches it", () => {
    expect(brotliDecompressSync(readFileSync(dist("prices.br"))).toString()).toContain("claude-sonnet-4-5");
    // As a literal it would be compiled with the thread's code, and its source kept.
    expect(readFileSync(dist("records.js"), "utf8")).not.toContain("claude-sonnet-4-5");
    for (const name of ["portico.js", "worker.js"])
      for (const text of partsOf(name).values()) expect(text).not.toContain("cache_read_mtok:");
    expect(readFileSync(dist("records.js"), "utf8")).not.toMatch(/\bfetch\(/);
  });
});
