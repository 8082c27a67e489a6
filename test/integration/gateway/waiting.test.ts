/** A short limit becomes a wait, over real sockets. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { REPLIES, STREAMS } from "../../support/replies.ts";
import { seededSecret } from "../../support/secrets.ts";
import { sendJson, sendStream, startUpstream, type Upstream } from "../../support/upstream.ts";

let upstream: Upstream;
let portico: TestGateway | undefined;

beforeEach(async () => {
  upstream = await startUpstream(() => {});
});
afterEach(async () => {
  await portico?.stop();
  portico = undefined;
  await upstream.close();
});

async function start(scheduling: object = { waitMs: 10_000 }, more: object = {}) {
  portico = await startGateway({
    accounts: [
      {
        id: "one",
        provider: "custom",
        endpoints: { "openai-chat": `${upstream.url}/v1` },
        credentials: { apiKey: seededSecret("key") },
        models: ["m"],
      },
    ],
    scheduling,
    upstream: more,
  });
  return portico;
}

async function ask(client: "openai-chat" | "anthropic", stream = false, signal?: AbortSignal) {
  const reply = await fetch(
    `${portico?.baseUrl}${client === "anthropic" ? "/v1/messages" : "/v1/chat/completions"}`,
    {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        model: "m",
        stream,
        max_tokens: 50,
        messages: [{ role: "user", content: "hi" }],
      }),
      ...(signal === undefined ? {} : { signal }),
    },
  );
  const after = reply.headers.get("retry-after");
  return { status: reply.status, text: await reply.text(), after };
}

/** Refuses so many requests, each for `ms`, then answers. */
const limited = (times: number, ms: number) => {
  let asked = 0;
  upstream.script = (received, res) => {
    if (asked++ < times) {
      sendJson(res, 429, { error: { message: "slow down" } }, { "retry-after-ms": String(ms) });
    } else if (received.body.includes('"stream":true')) void sendStream(res, STREAMS["openai-chat"]);
    else sendJson(res, 200, REPLIES["openai-chat"]);
  };
};

const cases = (["openai-chat", "anthropic"] as const).flatMap((client) =>
  [false, true].map((stream) => ({ client, stream })),
);

it.each(cases)("the only account is waited for: $client, stream: $stream", async ({ client, stream }) => {
  limited(1, 400);
  const { recorded } = await start();
  expect((await ask(client, stream)).status).toBe(200);
  const { attempts } = await recorded();
  expect(attempts).toMatchObject([{ outcome: "rate-limit" }, { outcome: "ok" }]);
  expect(attempts[1]?.waited).toBeGreaterThanOrEqual(390);
  expect(upstream.received).toHaveLength(2);
});

it("others wait with it, in one line, and do not ask in vain", async () => {
  limited(1, 500);
  await start();
  const first = ask("openai-chat");
  while (portico?.gateway.pool.line.size !== 1) await new Promise((resolve) => setTimeout(resolve, 5));
  const rest = Array.from({ length: 20 }, () => ask("anthropic"));
  expect((await Promise.all([first, ...rest])).every(({ status }) => status === 200)).toBe(true);
  expect(upstream.received).toHaveLength(22);
  expect(portico?.gateway.pool.line.size).toBe(0);
});

it("a longer limit is told at once, with when to come back", async () => {
  limited(100, 5000);
  await start({ waitMs: 1000 });
  const began = performance.now();
  expect(await ask("openai-chat")).toMatchObject({ status: 429 });
  const reply = await ask("anthropic");
  expect(reply.status).toBe(429);
  expect(Number(reply.after)).toBeGreaterThanOrEqual(4);
  expect(upstream.received).toHaveLength(1);
  expect(performance.now() - began).toBeLessThan(4000);
});

it("waits do not add up: one patience for all of them", async () => {
  limited(100, 700);
  await start({ waitMs: 1000, stickyWaitMs: 1000 });
  await ask("openai-chat");
  const waited = portico?.records[0]?.attempts.reduce((sum, one) => sum + (one.waited ?? 0), 0) ?? 0;
  expect(waited).toBeGreaterThan(0);
  expect(waited).toBeLessThanOrEqual(1000);
});

it("it ends before a heartbeat would commit a 200", async () => {
  limited(100, 900);
  await start({ waitMs: 10_000 }, { heartbeatMs: 400 });
  expect((await ask("openai-chat", true)).status).toBe(429);
});

it("and when its client leaves", async () => {
  limited(1, 5000);
  await start();
  const abort = new AbortController();
  const asked = ask("openai-chat", false, abort.signal).catch(() => undefined);
  while (portico?.gateway.pool.line.size !== 1) await new Promise((resolve) => setTimeout(resolve, 5));
  abort.abort();
  await asked;
  expect(await portico?.recorded()).toMatchObject({ error: { kind: "client-gone" } });
  expect(portico?.gateway.pool.line.size).toBe(0);
  expect(upstream.received).toHaveLength(1);
});

it("a refusal in the provider's own words says when to come back, also where the provider does not", async () => {
  upstream.script = (_received, res) => sendJson(res, 429, { error: { message: "slow down" } });
  await start({ waitMs: 0 });
  const reply = await ask("openai-chat");
  expect(reply).toMatchObject({ status: 429, text: JSON.stringify({ error: { message: "slow down" } }) });
  expect(Number(reply.after)).toBeGreaterThanOrEqual(1);
  expect(Number(reply.after)).toBeLessThanOrEqual(3);
});
