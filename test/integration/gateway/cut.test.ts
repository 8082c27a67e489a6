/** Requests that we end ourselves: whoever waits reads an error in its own protocol, and nobody is blamed. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Protocol } from "../../../src/control/protocol.ts";
import { cutError } from "../../../src/gateway/common/cut.ts";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import { ASKED, type Client, PAIRS } from "../../support/clients.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { startUpstream, type Upstream } from "../../support/upstream.ts";

const STOPPING = cutError("stop");

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

async function start(provider: Protocol, more: SettingsInput = {}): Promise<TestGateway> {
  const base = provider.startsWith("openai") ? `${upstream.url}/v1` : upstream.url;
  portico = await startGateway({
    accounts: [
      {
        id: "one",
        provider: "custom",
        endpoints: { [provider]: base },
        credentials: { apiKey: "k" },
        models: ["upstream-model"],
        maxInFlight: 1,
      },
    ],
    routes: [{ model: "m", to: ["one/upstream-model"] }],
    ...more,
  });
  return portico;
}

/** Patience for nobody; `afterEach` waits for its end. */
function stops({ gateway }: TestGateway): true {
  void gateway.stop(0);
  return true;
}

/** Asks, and calls `when` as soon as something of the reply is here. @returns all of it */
async function reads({ baseUrl }: TestGateway, client: Client, when: () => void): Promise<string> {
  const { path, body } = ASKED[client];
  const reply = await fetch(baseUrl + path, { method: "POST", body: JSON.stringify(body) });
  expect(reply.status).toBe(200);
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of reply.body ?? []) {
    if (text === "") when();
    text += decoder.decode(chunk as Uint8Array, { stream: true });
  }
  return text;
}

const ERRORS: Readonly<Record<Client, object>> = {
  "openai-chat": { error: { message: STOPPING.message } },
  "openai-responses": {
    type: "response.failed",
    response: { status: "failed", error: { message: STOPPING.message } },
  },
  anthropic: { type: "error", error: { message: STOPPING.message } },
  gemini: { error: { message: STOPPING.message, status: "UNAVAILABLE" } },
  "gemini-array": { error: { message: STOPPING.message, status: "UNAVAILABLE" } },
};

describe("a stream that is cut", () => {
  it("that had nothing but heartbeats has its error as the first event", async () => {
    const running = await start("openai-chat", { upstream: { heartbeatMs: 50 } });
    upstream.script = () => {};
    const text = await reads(running, "gemini-array", () => stops(running));
    expect(JSON.parse(text)).toMatchObject([ERRORS["gemini-array"]]);
    expect(await running.recorded()).toMatchObject({ error: { kind: "cut" } });
  });
});

describe("a request that is cut before its reply has begun", () => {
  /** Resolves when the provider has the request. */
  const asked = () =>
    new Promise<void>((resolve) => {
      upstream.script = () => resolve();
    });

  it.each(PAIRS)("is answered 503, in lane $lane: $client at $provider", async ({ client, provider }) => {
    const running = await start(provider);
    const arrived = asked();
    const { path, body } = ASKED[client];
    const reply = fetch(running.baseUrl + path, { method: "POST", body: JSON.stringify(body) });
    await arrived;
    stops(running);
    expect((await reply).status).toBe(503);
    expect(await (await reply).text()).toContain(STOPPING.message);
    await upstream.received[0]?.aborted;
    expect(await running.recorded()).toMatchObject({
      account: "one",
      status: 503,
      error: { kind: "cut", message: STOPPING.message },
      attempts: [{ outcome: "cut" }],
    });
    expect(running.gateway.pool.health.snapshot()).toEqual([]);
  });

  it("is answered while it waits for its turn, and while its own body arrives", async () => {
    const running = await start("openai-chat");
    const arrived = asked();
    const { path, body } = ASKED["openai-chat"];
    const ask = () => fetch(running.baseUrl + path, { method: "POST", body: JSON.stringify(body) });
    const first = ask();
    await arrived;
    const second = ask();
    let cut = false;
    const slow = fetch(running.baseUrl + path, {
      method: "POST",
      duplex: "half",
      body: new ReadableStream({
        pull: async (controller) => {
          controller.enqueue(new TextEncoder().encode("{"));
          while (!cut) {
            // All three are there.
            if (running.gateway.active === 3) cut = stops(running);
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
          await new Promise(() => {});
        },
      }),
    } as RequestInit);
    expect((await Promise.all([first, second, slow])).map(({ status }) => status)).toEqual([503, 503, 503]);
    expect(upstream.received).toHaveLength(1);
  });

  it("has what came of a whole reply thrown away", async () => {
    const running = await start("openai-chat");
    upstream.script = (_received, res) => {
      res.writeHead(200, { "content-type": "application/json" });
      res.write('{"id":');
      setTimeout(() => stops(running), 20);
    };
    const { path, body } = ASKED["openai-chat"];
    const reply = await fetch(running.baseUrl + path, {
      method: "POST",
      body: JSON.stringify({ ...body, stream: false, stream_options: undefined }),
    });
    expect(reply.status).toBe(503);
    expect(await reply.json()).toMatchObject(ERRORS["openai-chat"]);
  });
});

it("half of a large body that has gone out is reset", async () => {
  const running = await start("openai-chat");
  upstream.script = (_received, res) => {
    res.writeHead(200, { "content-type": "application/json" });
    res.write(`{"id":"${"x".repeat(2 * 1024 * 1024)}`);
  };
  const { path, body } = ASKED["openai-chat"];
  const reply = await fetch(running.baseUrl + path, {
    method: "POST",
    body: JSON.stringify({ ...body, stream: false, stream_options: undefined }),
  });
  stops(running);
  await expect(reply.text()).rejects.toThrow();
  expect(await running.recorded()).toMatchObject({
    error: { kind: "cut", message: STOPPING.message },
    attempts: [{ outcome: "cut" }],
  });
});
