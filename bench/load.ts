/** Requests, and what they cost whoever answers them. */
import http from "node:http";
import { type Running, usageOf } from "./processes.ts";

export interface Asked {
  readonly path: string;
  readonly body: string | Buffer;
}

export interface Times {
  /** Milliseconds to the first byte of the reply, and to its last. */
  readonly first: number;
  readonly total: number;
}

/** One request. @throws where the answer is not 200 */
export function ask(port: number, { path, body }: Asked, agent: http.Agent): Promise<Times> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const headers = {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      authorization: "Bearer client-key",
    };
    const req = http.request({ agent, host: "127.0.0.1", port, path, method: "POST", headers }, (res) => {
      if (res.statusCode !== 200) reject(new Error(`${path}: status ${res.statusCode}`));
      let first = 0;
      res.once("data", () => {
        first = performance.now() - began;
      });
      res.resume();
      res.on("end", () => resolve({ first, total: performance.now() - began }));
      res.on("error", reject);
    });
    req.on("error", reject);
    req.end(body);
  });
}

/** All of them, so many at once. */
export async function askMany(
  port: number,
  asked: Asked,
  { requests, atOnce }: { requests: number; atOnce: number },
): Promise<Times[]> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: atOnce });
  const times: Times[] = [];
  let left = requests;
  const one = async () => {
    while (left-- > 0) times.push(await ask(port, asked, agent));
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, requests) }, one));
  agent.destroy();
  return times;
}

export interface Load extends Asked {
  readonly requests: number;
  readonly atOnce: number;
}

/** @returns microseconds of CPU per request, those of all threads */
export async function cpuOf(running: Running, load: Load): Promise<number> {
  const before = await usageOf(running);
  await askMany(running.port, load, load);
  const after = await usageOf(running);
  return (after.cpu - before.cpu) / load.requests;
}

/** Milliseconds that the second adds to the first, at p50: one request at a time, turn about. */
export async function added(
  [pipe, ours]: readonly [Running, Running],
  asked: Asked,
  requests: number,
): Promise<Times> {
  const agent = new http.Agent({ keepAlive: true });
  const times: [Times[], Times[]] = [[], []];
  for (let n = 0; n < requests; n++) {
    times[0].push(await ask(pipe.port, asked, agent));
    times[1].push(await ask(ours.port, asked, agent));
  }
  agent.destroy();
  const p50 = (of: readonly Times[], key: keyof Times) =>
    quantile(
      of.map((each) => each[key]),
      0.5,
    );
  return {
    first: p50(times[1], "first") - p50(times[0], "first"),
    total: p50(times[1], "total") - p50(times[0], "total"),
  };
}

/** @param share from 0 to 1 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
