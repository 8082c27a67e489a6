import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import * as z from "zod";

const reading = z.object({
  /** Bytes after a collection. */
  heap: z.number(),
  external: z.number(),
  sockets: z.number(),
  timers: z.number(),
  listeners: z.number(),
  active: z.number(),
});
type Reading = z.infer<typeof reading>;
const report = z.object({
  warm: reading,
  afterRequests: reading,
  whileStreaming: reading,
  afterStreams: reading,
  afterLeaving: reading,
  stopped: reading,
});

const STREAMS = 500;
const MiB = 1024 * 1024;

/** In a process of its own: a test runner's heap is nobody's to measure. */
function measure(): Promise<z.infer<typeof report>> {
  return new Promise((resolve, reject) => {
    const program = fileURLToPath(new URL("./memoryProcess.ts", import.meta.url));
    const child = spawn(process.execPath, ["--expose-gc", "--disable-warning=ExperimentalWarning", program], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    let complaints = "";
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      complaints += chunk.toString();
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code !== 0 || complaints !== "") reject(new Error(`exit ${code}: ${complaints}`));
      else resolve(report.parse(JSON.parse(out)));
    });
  });
}

describe("10,000 requests and 500 open streams", () => {
  it("leave nothing behind", async () => {
    const seen = await measure();
    const all = (one: Reading) => one.heap + one.external;
    expect(all(seen.afterRequests) - all(seen.warm)).toBeLessThan(8 * MiB);
    // What a stream that is open costs, both ends and a script included.
    expect(all(seen.whileStreaming) - all(seen.warm)).toBeLessThan(STREAMS * 128 * 1024);
    expect(all(seen.afterStreams) - all(seen.warm)).toBeLessThan(12 * MiB);
    expect(all(seen.afterLeaving) - all(seen.warm)).toBeLessThan(12 * MiB);
    expect(seen.whileStreaming.active).toBe(STREAMS);
    for (const after of [seen.afterRequests, seen.afterStreams, seen.afterLeaving]) {
      expect(after.active).toBe(0);
      expect(after.timers).toBeLessThanOrEqual(seen.warm.timers);
      expect(after.listeners).toBeLessThanOrEqual(seen.warm.listeners);
    }
    // Kept connections aside: those of 500 streams are the pool's for a while, those of clients that left are not.
    expect(seen.afterLeaving.sockets).toBeLessThan(2 * STREAMS);
    expect(seen.stopped.sockets).toBe(0);
  }, 600_000);
});
