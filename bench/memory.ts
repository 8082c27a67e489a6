/** Memory of `portico serve`: idle, behind a load, and when a peak is over. */
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, askMany } from "./load.ts";
import { type GatewayOptions, type Running, startGateway, stop, usageOf } from "./processes.ts";
import { PLAIN, SCENARIOS } from "./scenarios.ts";

const MB = 1e6;
/** Bytes of each of the large bodies. */
const LARGE = 40 * MB;
const LARGE_AT_ONCE = 8;
/** Milliseconds until a gateway at rest is looked at, which collects twice, and one that had a peak. */
const SETTLED_MS = 40_000;
const AFTER_PEAK_MS = 120_000;

export interface MemoryRow {
  readonly memory: string;
  /** `undefined` where the system does not tell. */
  readonly anonymousMB: number | undefined;
  readonly rssMB: number;
  readonly target: number;
}

async function row(running: Running, memory: string, target: number): Promise<MemoryRow> {
  const { anonymous, rss } = await usageOf(running);
  const anonymousMB = anonymous === 0 ? undefined : Math.round(anonymous / MB);
  return { memory, anonymousMB, rssMB: Math.round(rss / MB), target };
}

/** Where a process's own memory is not told, all of it has to do: it can only be more. */
export const isAbove = ({ anonymousMB, rssMB, target }: Omit<MemoryRow, "memory">): boolean =>
  (anonymousMB ?? rssMB) > target;

export async function measureMemory(options: GatewayOptions): Promise<MemoryRow[]> {
  const rows: MemoryRow[] = [];
  const gateway = await startGateway(options);
  await sleep(SETTLED_MS);
  rows.push(await row(gateway, "idle", 60));

  await askMany(gateway.port, PLAIN, { requests: 10_000, atOnce: 32 });
  const streams = SCENARIOS.filter(({ name }) => name.startsWith("bursts"));
  for (const stream of streams) {
    await askMany(gateway.port, stream, { requests: Math.ceil(1000 / streams.length), atOnce: 32 });
  }
  rows.push(await row(gateway, "right behind 10,000 requests and 1,000 streams", Infinity));
  await sleep(SETTLED_MS);
  rows.push(await row(gateway, "40 s later", 130));

  const body = JSON.stringify({
    model: "bench",
    messages: [{ role: "user", content: "word ".repeat(LARGE / 5) }],
  });
  // More than may wait at once by default: some are refused, as everywhere.
  const large = Array.from({ length: LARGE_AT_ONCE }, () =>
    ask(gateway.port, { ...PLAIN, body }, new http.Agent()),
  );
  await Promise.allSettled(large);
  rows.push(await row(gateway, "right behind 8 bodies of 40 MB at once", Infinity));
  await sleep(AFTER_PEAK_MS);
  rows.push(await row(gateway, "two minutes later", 150));
  await stop(gateway);
  return rows;
}
