/** Requests that we end ourselves: whoever waits reads an error in its own protocol, and nobody is blamed. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Protocol } from "../../../src/control/protocol.ts";
import { PorticoError } from "../../../src/gateway/common/errors.ts";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import { ASKED, type Client, PAIRS } from "../../support/clients.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { REPLIES, STREAMS } from "../../support/replies.ts";
import { sendJson, startUpstream, type Upstream } from "../../support/upstream.ts";

const STOPPING = new PorticoError("unavailable", "Portico was stopped before the reply was complete.");

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

const elementOf = (event: string) => event.replace(/^data: /, "").trim();

/** The first events of a stream, which then falls silent. */
function begins(client: Client, provider: Protocol): void {
  const events = STREAMS[provider].slice(0, provider === "gemini" ? 1 : 4);
  upstream.script = (_received, res) => {
    const array = client === "gemini-array" && provider === "gemini";
    res.writeHead(200, { "content-type": array ? "application/json" : "text/event-stream" });
    res.write(array ? `[${events.map(elementOf).join(",")}` : events.join(""));
  };
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

/** The last of what a client read, as data. */
function lastOf(client: Client, text: string): unknown {
  if (client === "gemini-array") return (JSON.parse(text) as unknown[]).at(-1);
  expect(text).toMatch(/(?:\n\n|\r\n\r\n)$/);
  return JSON.parse(
    text
      .trim()
      .split("\n")
      .at(-1)
      ?.replace(/^data: /, "") ?? "",
  );
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
  it.each(PAIRS)(
    "ends in an error, in lane $lane: $client at $provider",
    async ({ client, provider, lane }) => {
      const running = await start(provider);
      begins(client, provider);
      const text = await reads(running, client, () => expect(running.gateway.cut(STOPPING)).toBe(1));
      expect(lastOf(client, text)).toMatchObject(ERRORS[client]);
      await upstream.received[0]?.aborted;
      expect(await running.recorded()).toMatchObject({
        account: "one",
        lane,
        status: 200,
        error: { kind: "cut", message: STOPPING.message },
        attempts: [{ account: "one", outcome: "cut" }],
      });
      expect(running.gateway.pool.health.snapshot()).toEqual([]);
      expect(running.gateway.cut(STOPPING)).toBe(0);
    },
  );

  it("tells it over the WebSocket as well, which stays open", async () => {
    const running = await start("openai-responses");
    begins("openai-responses", "openai-responses");
    const socket = new WebSocket(`ws://127.0.0.1:${running.port}/v1/responses`);
    const messages: { type: string }[] = [];
    const failed = new Promise<void>((resolve, reject) => {
      socket.on("error", reject);
      socket.on("message", (data) => {
        const message = JSON.parse(String(data)) as { type: string };
        if (messages.length === 0) running.gateway.cut(STOPPING);
        messages.push(message);
        if (/^(?:error|response\.failed)$/.test(message.type)) resolve();
      });
    });
    socket.on("open", () =>
      socket.send(JSON.stringify({ type: "response.create", model: "m", input: "hi" })),
    );
    await failed;
    expect(JSON.stringify(messages.at(-1))).toContain(STOPPING.message);
    expect(await running.recorded()).toMatchObject({ error: { kind: "cut" } });
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.terminate();
  });

  it("that had nothing but heartbeats has its error as the first event", async () => {
    const running = await start("openai-chat", { upstream: { heartbeatMs: 50 } });
    upstream.script = () => {};
    const text = await reads(running, "gemini-array", () => running.gateway.cut(STOPPING));
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
    running.gateway.cut(STOPPING);
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
            if (running.gateway.active === 3) cut = running.gateway.cut(STOPPING) === 3;
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
      setTimeout(() => running.gateway.cut(STOPPING), 20);
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

it("a reply that is whole is not cut", async () => {
  const running = await start("openai-chat");
  upstream.script = (_received, res) => sendJson(res, 200, REPLIES["openai-chat"]);
  const { path, body } = ASKED["openai-chat"];
  const reply = await fetch(running.baseUrl + path, {
    method: "POST",
    body: JSON.stringify({ ...body, stream: false, stream_options: undefined }),
  });
  await running.recorded();
  expect(running.gateway.cut(STOPPING)).toBe(0);
  expect(await reply.json()).toMatchObject({ id: "c1" });
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
  running.gateway.cut(STOPPING);
  await expect(reply.text()).rejects.toThrow();
  expect(await running.recorded()).toMatchObject({
    error: { kind: "cut", message: STOPPING.message },
    attempts: [{ outcome: "cut" }],
  });
});
