/** Runs a gateway between clients and a provider of its own, and says what that leaves in memory. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Clock, directNetwork } from "../../../src/gateway/common/ports.ts";
import { createGateway } from "../../../src/gateway/gateway.ts";
import { settingsSchema } from "../../../src/gateway/settings/settings.ts";

const REQUESTS = 10_000;
const AT_ONCE = 40;
const STREAMS = 500;

const { gc } = globalThis;
if (gc === undefined) throw new Error("run with --expose-gc");

const WHOLE = JSON.stringify({
  id: "c",
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: "hello" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 1 },
});
const USAGE = `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } })}\n\n`;
const EVENT =
  'data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"a"}}]}\n\n';

const open = new Set<http.ServerResponse>();
const provider = http.createServer((req, res) => {
  let body = "";
  req.on("data", (chunk: Buffer) => {
    body += chunk.toString("latin1");
  });
  req.on("end", () => {
    if (!body.includes('"stream":true')) {
      res.writeHead(200, { "content-type": "application/json" });
      res.end(WHOLE);
      return;
    }
    res.writeHead(200, { "content-type": "text/event-stream" });
    res.write(EVENT);
    open.add(res);
    res.on("close", () => open.delete(res));
  });
});
await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
const base = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/v1`;

let timers = 0;
const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout(callback, milliseconds) {
    timers++;
    let over = false;
    const end = () => {
      if (!over) timers--;
      over = true;
    };
    const timer = setTimeout(() => {
      end();
      callback();
    }, milliseconds);
    return {
      cancel() {
        end();
        clearTimeout(timer);
      },
    };
  },
};
let listeners = 0;
const gateway = createGateway(
  settingsSchema.parse({
    port: 0,
    accounts: [
      {
        id: "one",
        provider: "custom",
        endpoints: { "openai-chat": base },
        credentials: { apiKey: "k" },
        models: ["m"],
      },
    ],
    upstream: { heartbeatMs: 1000 },
  }),
  {
    log: { debug() {}, info() {}, warn() {}, error: (message) => process.stderr.write(`${message}\n`) },
    secrets: { get: async () => undefined, set: async () => {}, delete: async () => {} },
    network: {
      current: () => directNetwork.current(),
      onChange() {
        listeners++;
        return () => {
          listeners--;
        };
      },
    },
    clock,
    random: Math.random,
  },
);
const state = await gateway.start();
if (state.kind !== "running") throw new Error(JSON.stringify(state));
const { port } = state;
/** Those that a gateway at rest has. */
const standing = timers;

const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });

function request(stream: boolean, client: http.Agent | false): http.ClientRequest {
  const body = JSON.stringify({
    model: "m",
    stream,
    messages: [{ role: "user", content: "x".repeat(2000) }],
  });
  const headers = { "content-type": "application/json", "content-length": body.length };
  const req = http.request({
    agent: client,
    port,
    host: "127.0.0.1",
    path: "/v1/chat/completions",
    method: "POST",
    headers,
  });
  req.end(body);
  return req;
}

function askWhole(): Promise<void> {
  return new Promise((resolve, reject) => {
    request(false, agent)
      .on("error", reject)
      .on("response", (res) => {
        if (res.statusCode !== 200) reject(new Error(`status ${res.statusCode}`));
        res.resume().on("end", resolve);
      });
  });
}

/** An open stream whose first event has come. */
function openStream(): Promise<{ req: http.ClientRequest; ended: Promise<void> }> {
  return new Promise((resolve, reject) => {
    const req = request(true, false);
    req.on("error", () => reject(new Error("the stream failed")));
    req.on("response", (res) => {
      const ended = new Promise<void>((done) => res.on("close", done));
      res.on("error", () => {});
      res.once("data", () => resolve({ req, ended }));
    });
  });
}

async function many(count: number): Promise<void> {
  let left = count;
  const worker = async () => {
    while (left-- > 0) await askWhole();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Sockets of all three parties. */
const sockets = () => process.getActiveResourcesInfo().filter((name) => /TCPSocket/.test(name)).length;

async function read(): Promise<Record<string, number>> {
  for (let turn = 0; turn < 4; turn++) {
    gc?.();
    await sleep(30);
  }
  const { heapUsed, external } = process.memoryUsage();
  return { heap: heapUsed, external, sockets: sockets(), timers, listeners, active: gateway.active };
}

async function until(met: () => boolean): Promise<void> {
  const end = performance.now() + 120_000;
  while (!met()) {
    if (performance.now() > end) {
      throw new Error(
        JSON.stringify({ active: gateway.active, timers, standing, open: open.size, sockets: sockets() }),
      );
    }
    await sleep(10);
  }
}

await many(1500);
const warm = await read();
await many(REQUESTS);
const afterRequests = await read();

const streams = await Promise.all(Array.from({ length: STREAMS }, openStream));
const whileStreaming = await read();
for (const res of [...open]) res.end(`${EVENT}${USAGE}data: [DONE]\n\n`);
await Promise.all(streams.map(({ ended }) => ended));
await until(() => gateway.active === 0 && timers <= standing);
const afterStreams = await read();

const left = await Promise.all(Array.from({ length: STREAMS }, openStream));
for (const { req } of left) {
  req.on("error", () => {});
  req.destroy();
}
await until(() => open.size === 0 && gateway.active === 0 && timers <= standing);
// Connections that carried a stream to its end are kept for a while by the pool; those of clients
// that left are closed.
const afterLeaving = await read();

await gateway.stop(0);
agent.destroy();
provider.closeAllConnections();
await new Promise((resolve) => provider.close(resolve));
await until(() => sockets() === 0);
const stopped = await read();

process.stdout.write(
  JSON.stringify({ warm, afterRequests, whileStreaming, afterStreams, afterLeaving, stopped }),
);
process.exit(0);
