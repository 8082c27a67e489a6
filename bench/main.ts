/**
 * What the gateway costs beside a bare undici pipe, in the same run and on the same provider. CPU
 * time of the process is the figure: rates saturate on small machines, CPU time does not.
 *
 * `npm run bench [-- --rounds N] [--only NAME] [--json]`
 */
import { type ChildProcess, fork } from "node:child_process";
import http from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { benchConversation, CONVERSATION_TARGET_MS } from "./conversation.ts";
import type { ProcessUsage } from "./usage.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    /** A part of a scenario's name. */
    only: { type: "string", default: "" },
    json: { type: "boolean", default: false },
  },
});
const ROUNDS = Number(values.rounds);
const CONCURRENCY = 16;
/** Requests of the latency figure, each alone. */
const ALONE = 300;

interface Scenario {
  readonly name: string;
  readonly requests: number;
  readonly body: string;
  readonly path: string;
  /** Highest allowed ratio of CPU to that of the pipe, or of what it is compared with. */
  readonly target: number;
  /** Highest allowed milliseconds added to the first event, at p50. */
  readonly firstMs?: number;
  /** The same request for a stream of a few events, whose first is timed. */
  readonly short?: string;
  readonly servers: readonly string[];
  /** What it is compared with; the pipe, if not said otherwise. */
  readonly against?: string;
}

const message = { role: "user", content: "Say two hundred words. ".repeat(80) };
const SCENARIOS: readonly Scenario[] = [
  {
    name: "passthrough, no stream",
    requests: 2000,
    path: "/v1/chat/completions",
    body: JSON.stringify({ model: "bench", messages: [message] }),
    target: 2,
    servers: ["gateway"],
  },
  {
    name: "passthrough, 200-chunk stream",
    requests: 320,
    path: "/v1/chat/completions",
    body: JSON.stringify({
      model: "bench",
      stream: true,
      stream_options: { include_usage: true },
      messages: [message],
    }),
    target: 1.4,
    servers: ["gateway"],
  },
  {
    name: "translation, chat client, Anthropic stream of 200 chunks",
    requests: 320,
    path: "/v1/chat/completions",
    body: JSON.stringify({
      model: "bench-anthropic",
      stream: true,
      stream_options: { include_usage: true },
      messages: [message],
    }),
    target: 2,
    firstMs: 1,
    short: JSON.stringify({ model: "bench-anthropic", stream: true, stop: ["short"], messages: [message] }),
    servers: ["gateway"],
  },
  {
    name: "translation, Anthropic client, chat stream of 200 chunks",
    requests: 320,
    path: "/v1/messages",
    body: JSON.stringify({ model: "bench", max_tokens: 1000, stream: true, messages: [message] }),
    target: 2,
    firstMs: 1,
    short: JSON.stringify({
      model: "bench",
      max_tokens: 1000,
      stream: true,
      stop_sequences: ["short"],
      messages: [message],
    }),
    servers: ["gateway"],
  },
];

const SHORT_STREAM = JSON.stringify({
  model: "bench",
  stream: true,
  stream_options: { include_usage: true },
  stop: ["short"],
  messages: [message],
});
const RECORDING: Scenario = {
  name: "recording, passthrough, short stream",
  requests: 2000,
  path: "/v1/chat/completions",
  body: SHORT_STREAM,
  target: 1.15,
  servers: ["recording"],
  against: "gateway",
};

interface Running {
  readonly child: ChildProcess;
  readonly port: number;
}

function start(file: string, ...args: string[]): Promise<Running> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  return new Promise((resolve, reject) => {
    child.once("message", (ready: { port: number }) => resolve({ child, port: ready.port }));
    child.once("exit", (code) => reject(new Error(`${file} ended with ${code}`)));
  });
}

function usageOf({ child }: Running): Promise<ProcessUsage> {
  return new Promise((resolve) => {
    const listen = (reply: { usage?: ProcessUsage }) => {
      if (reply.usage === undefined) return;
      child.off("message", listen);
      resolve(reply.usage);
    };
    child.on("message", listen);
    child.send("usage");
  });
}

interface Sample {
  /** Microseconds of CPU per request. */
  readonly cpu: number;
  /** Milliseconds, per request: to the first byte, and to the last. */
  readonly first: number[];
  readonly total: number[];
  readonly rss: number;
}

async function load(running: Running, scenario: Scenario): Promise<Sample> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const first: number[] = [];
  const total: number[] = [];
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const began = performance.now();
      const req = http.request(
        {
          agent,
          host: "127.0.0.1",
          port: running.port,
          path: scenario.path,
          method: "POST",
          headers: {
            "content-type": "application/json",
            "content-length": Buffer.byteLength(scenario.body),
            authorization: "Bearer client-key",
          },
        },
        (res) => {
          if (res.statusCode !== 200) reject(new Error(`${scenario.name}: status ${res.statusCode}`));
          res.once("data", () => first.push(performance.now() - began));
          res.resume();
          res.on("end", () => {
            total.push(performance.now() - began);
            resolve();
          });
        },
      );
      req.on("error", reject);
      req.end(scenario.body);
    });
  const before = await usageOf(running);
  let left = scenario.requests;
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      while (left-- > 0) await one();
    }),
  );
  const after = await usageOf(running);
  agent.destroy();
  return { cpu: (after.cpu - before.cpu) / scenario.requests, first, total, rss: after.rss };
}

/** Milliseconds to the first byte of one request on an idle server. */
function firstByte(running: Running, { path, short }: Scenario, agent: http.Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const body = short ?? "";
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const options = { agent, host: "127.0.0.1", port: running.port, path, method: "POST", headers };
    const began = performance.now();
    let first = 0;
    const req = http.request(options, (res) => {
      res.once("data", () => {
        first = performance.now() - began;
      });
      res.resume();
      res.on("end", () => resolve(first));
    });
    req.on("error", reject);
    req.end(body);
  });
}

/** Turn about, one request at a time: what the gateway alone adds, without any queue. */
async function addedFirstByte(pipe: Running, ours: Running, scenario: Scenario): Promise<number> {
  const agent = new http.Agent({ keepAlive: true });
  const [before, after]: [number[], number[]] = [[], []];
  for (let n = 0; n < ALONE; n++) {
    before.push(await firstByte(pipe, scenario, agent));
    after.push(await firstByte(ours, scenario, agent));
  }
  agent.destroy();
  return percentile(after, 0.5) - percentile(before, 0.5);
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

const conversations = benchConversation();
const upstream = await start("upstream.ts");
const address = `http://127.0.0.1:${upstream.port}`;
const servers: Record<string, Running> = {
  pipe: await start("pipe.ts", address),
  gateway: await start("gateway.ts", address),
  recording: await start("gateway.ts", address, "recording"),
};
const results: object[] = [];
let failed = conversations.some(({ ms }) => ms > CONVERSATION_TARGET_MS);
if (!values.json) console.table(conversations);
try {
  for (const scenario of [...SCENARIOS, RECORDING].filter((each) => each.name.includes(values.only))) {
    for (const name of scenario.servers) {
      const pipe: Sample[] = [];
      const ours: Sample[] = [];
      const pair: [string, Sample[]][] = [
        [scenario.against ?? "pipe", pipe],
        [name, ours],
      ];
      for (let round = -1; round < ROUNDS; round++) {
        // Turn about, so that a slow moment of the machine meets both.
        for (const [server, samples] of round % 2 === 0 ? pair : pair.toReversed()) {
          const running = servers[server];
          if (running === undefined) throw new Error(server);
          const sample = await load(running, scenario);
          // The first round warms both up.
          if (round >= 0) samples.push(sample);
        }
      }
      const cpu = (samples: readonly Sample[]) =>
        percentile(
          samples.map((sample) => sample.cpu),
          0.5,
        );
      const times = (samples: readonly Sample[], key: "first" | "total", share: number) =>
        percentile(
          samples.flatMap((sample) => sample[key]),
          share,
        );
      const ratio = cpu(ours) / cpu(pipe);
      const alone =
        scenario.firstMs === undefined || servers.pipe === undefined || servers[name] === undefined
          ? undefined
          : await addedFirstByte(servers.pipe, servers[name], scenario);
      failed ||= ratio > scenario.target || (alone ?? 0) > (scenario.firstMs ?? 0);
      const row = {
        scenario: scenario.name,
        ratio: Number(ratio.toFixed(2)),
        target: scenario.target,
        ...(alone === undefined ? {} : { addedFirstAloneP50Ms: Number(alone.toFixed(2)) }),
        pipeCpuUs: Math.round(cpu(pipe)),
        cpuUs: Math.round(cpu(ours)),
        addedFirstP50Ms: Number((times(ours, "first", 0.5) - times(pipe, "first", 0.5)).toFixed(2)),
        addedFirstP99Ms: Number((times(ours, "first", 0.99) - times(pipe, "first", 0.99)).toFixed(2)),
        addedTotalP50Ms: Number((times(ours, "total", 0.5) - times(pipe, "total", 0.5)).toFixed(2)),
        addedTotalP99Ms: Number((times(ours, "total", 0.99) - times(pipe, "total", 0.99)).toFixed(2)),
        pipeRssMiB: Math.round((pipe.at(-1)?.rss ?? 0) / 2 ** 20),
        rssMiB: Math.round((ours.at(-1)?.rss ?? 0) / 2 ** 20),
      };
      results.push(row);
      if (!values.json) console.table([row]);
    }
  }
} finally {
  for (const { child } of [upstream, ...Object.values(servers)]) child.kill();
}
if (values.json) console.log(JSON.stringify({ scenarios: results, conversations }, null, 2));
if (failed) {
  console.error("A figure is above its target.");
  process.exitCode = 1;
}
