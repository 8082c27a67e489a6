/**
 * Clients hang up as soon as they have what they asked for, and some providers leave their streams
 * open behind the last event. A reply that was handed over whole is one that was served.
 */
import http from "node:http";
import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Protocol } from "../../../src/control/protocol.ts";
import { deferred } from "../../../src/gateway/common/deferred.ts";
import { type Clock, type Ports, systemClock } from "../../../src/gateway/common/ports.ts";
import { LINGER_MS } from "../../../src/gateway/upstream/relay/linger.ts";
import { ASKED, type Client, PAIRS } from "../../support/clients.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { STREAMS } from "../../support/replies.ts";
import { startUpstream, type Upstream } from "../../support/upstream.ts";

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

async function start(provider: Protocol, ports: Partial<Ports> = {}): Promise<TestGateway> {
  const base = provider.startsWith("openai") ? `${upstream.url}/v1` : upstream.url;
  portico = await startGateway(
    {
      accounts: [
        {
          id: "one",
          provider: "custom",
          endpoints: { [provider]: base },
          credentials: { apiKey: "k" },
          models: ["upstream-model"],
        },
      ],
      routes: [{ model: "m", to: ["one/upstream-model"] }],
    },
    ports,
  );
  return portico;
}

/** The provider's events, as far as `count` of them; the stream stays open behind them. */
function speaks(client: Client, provider: Protocol, count = Number.POSITIVE_INFINITY): void {
  const events = STREAMS[provider].slice(0, count);
  upstream.script = (_received, res) => {
    if (client === "gemini-array") {
      const elements = events.map((event) => event.replace(/^data: /, "").trim());
      res.writeHead(200, { "content-type": "application/json" });
      res.write(`[${elements.join(",\r\n")}`);
      return;
    }
    res.writeHead(200, { "content-type": "text/event-stream" });
    res.write(events.join(""));
  };
}

/** Asks, and hangs up as soon as what has come matches. Resolves with what had come. */
function hangsUpAt(port: number, client: Client, enough: RegExp): Promise<string> {
  const { path, body } = ASKED[client];
  return new Promise((resolve, reject) => {
    const request = http.request({ port, host: "127.0.0.1", path, method: "POST" }, (reply) => {
      let text = "";
      reply.setEncoding("utf8");
      reply.on("error", () => {});
      reply.on("data", (chunk: string) => {
        text += chunk;
        if (!enough.test(text)) return;
        request.destroy();
        resolve(text);
      });
    });
    request.on("error", reject);
    request.setHeader("content-type", "application/json");
    request.end(JSON.stringify(body));
  });
}

describe("a client that hangs up at the last event", () => {
  it.each(PAIRS)("was served, in lane $lane: $client at $provider", async ({ client, provider, lane }) => {
    const { port, recorded, gateway } = await start(provider);
    speaks(client, provider);
    await hangsUpAt(port, client, ASKED[client].last);
    await upstream.received[0]?.aborted;
    expect(await recorded()).toMatchObject({
      account: "one",
      modelUsed: "upstream-model",
      lane,
      status: 200,
      attempts: [{ account: "one", outcome: "ok", status: 200 }],
      usage: { input: { total: 10 }, output: { total: 5 } },
    });
    const { error, usage } = await recorded();
    expect(error).toBeUndefined();
    expect(usage?.estimated).toBeUndefined();
    expect(gateway.active).toBe(0);
  });

  it("has its conversation bound to the account, and the account is well", async () => {
    const { port, recorded, gateway } = await start("openai-responses");
    speaks("openai-responses", "openai-responses");
    const failed = { class: "credential", scope: "account", next: "next-account", message: "x" } as const;
    gateway.pool.health.report("one", "upstream-model", failed);
    const [held] = gateway.pool.health.snapshot();
    if (held === undefined) throw new Error("not held");
    // The time to be asked again has come.
    gateway.pool.health.restore([{ ...held, at: 0, until: 0 }]);
    await hangsUpAt(port, "openai-responses", ASKED["openai-responses"].last);
    await recorded();
    expect(gateway.pool.health.snapshot()).toEqual([]);
    expect(gateway.pool.scheduler.sticky.snapshot()).toMatchObject([{ account: "one" }]);
    expect(gateway.pool.bindings.get("resp_abc")).toBe("one");
  });

  it("was served also when its last event is longer than what is kept of the stream", async () => {
    const { port, recorded } = await start("openai-responses");
    const events = STREAMS["openai-responses"].map((event) =>
      event.replace('"created_at":1', `"created_at":1,"instructions":"${"x".repeat(40_000)}"`),
    );
    upstream.script = (_received, res) => {
      res.writeHead(200, { "content-type": "text/event-stream" });
      res.write(events.join(""));
    };
    await hangsUpAt(port, "openai-responses", /"type":"response\.completed".*\n\n/s);
    const record = await recorded();
    expect(record.error).toBeUndefined();
    expect(record).toMatchObject({ account: "one", usage: { output: { total: 5 } } });
  });

  it("finds the response again that it was handed, in translation", async () => {
    const { port, recorded, gateway, baseUrl } = await start("anthropic");
    speaks("openai-responses", "anthropic");
    const text = await hangsUpAt(port, "openai-responses", ASKED["openai-responses"].last);
    await recorded();
    expect(gateway.active).toBe(0);
    const id = /"id":"(resp_[^"]+)"/.exec(text)?.[1] ?? "";
    expect((await fetch(`${baseUrl}/v1/responses/${id}`)).status).toBe(200);
  });

  it("was served over the WebSocket", async () => {
    const { port, recorded } = await start("openai-responses");
    speaks("openai-responses", "openai-responses");
    const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/responses`);
    socket.on("error", () => {});
    socket.on("open", () =>
      socket.send(JSON.stringify({ type: "response.create", model: "m", input: "hi" })),
    );
    await new Promise<void>((resolve) => {
      socket.on("message", (data) => {
        if (String(data).includes('"type":"response.completed"')) resolve();
      });
    });
    socket.terminate();
    await upstream.received[0]?.aborted;
    const record = await recorded();
    expect(record.error).toBeUndefined();
    expect(record).toMatchObject({
      method: "WS",
      account: "one",
      lane: "A",
      attempts: [{ outcome: "ok" }],
      usage: { input: { total: 10 }, output: { total: 5 } },
    });
  });
});

describe("a client that hangs up earlier", () => {
  it.each(PAIRS)("is on record with what it used, in lane $lane: $client at $provider", async (pair) => {
    const { client, provider, lane } = pair;
    const { port, recorded } = await start(provider);
    speaks(client, provider, provider === "gemini" ? 1 : 4);
    await hangsUpAt(port, client, /w(?:ö|\\u00f6)rld/);
    await upstream.received[0]?.aborted;
    const record = await recorded();
    expect(record).toMatchObject({
      account: "one",
      modelUsed: "upstream-model",
      lane,
      status: 200,
      error: { kind: "client-gone" },
      attempts: [{ account: "one", outcome: "client-gone" }],
    });
    expect(record.usage?.input.total).toBeGreaterThan(0);
    expect(record.usage?.output.total).toBeGreaterThan(1);
    expect(record.usage?.estimated).toBe(true);
    if (provider === "anthropic") expect(record.usage?.input.total).toBe(10);
  });

  it.each([
    ["passthrough", "openai-chat"],
    ["translation", "anthropic"],
  ] as const)("before the first event, it is on record with the account: %s", async (_lane, client) => {
    const { baseUrl, recorded } = await start("openai-chat");
    const leave = new AbortController();
    upstream.script = (_received, res) => {
      res.writeHead(200, { "content-type": "text/event-stream" });
      res.flushHeaders();
      setTimeout(() => leave.abort(), 20);
    };
    const { path, body } = ASKED[client];
    const asked = fetch(baseUrl + path, { method: "POST", body: JSON.stringify(body), signal: leave.signal });
    await expect(asked).rejects.toThrow();
    await upstream.received[0]?.aborted;
    const record = await recorded();
    expect(record).toMatchObject({
      account: "one",
      modelUsed: "upstream-model",
      status: 499,
      error: { kind: "client-gone" },
    });
    // What it brought is used up, whatever came of it.
    expect(record.usage).toMatchObject({ output: { total: 0 }, estimated: true });
  });
});

describe("a provider whose connection breaks behind its last event", () => {
  it.each(PAIRS)("has served, in lane $lane: $client at $provider", async ({ client, provider }) => {
    const { baseUrl, recorded } = await start(provider);
    speaks(client, provider);
    const { script } = upstream;
    upstream.script = (received, res, req) => {
      void script(received, res, req);
      setTimeout(() => req.socket.destroy(), 50);
    };
    const { path, body } = ASKED[client];
    const reply = await fetch(baseUrl + path, { method: "POST", body: JSON.stringify(body) });
    const text = await reply.text();
    expect(text).not.toMatch(/broke off/);
    if (client === "gemini-array") expect(JSON.parse(text)).toHaveLength(2);
    expect((await recorded()).error).toBeUndefined();
    expect((await recorded()).attempts).toMatchObject([{ outcome: "ok" }]);
  });
});

describe("a provider that leaves its stream open behind the last event", () => {
  it.each([
    ["openai-chat", "anthropic"],
    ["openai-chat", "openai-responses"],
    ["openai-chat", "gemini"],
    ["anthropic", "openai-chat"],
  ] as const)("lets its client go all the same: %s at %s", async (client, provider) => {
    const { baseUrl, recorded } = await start(provider);
    speaks(client, provider);
    const { path, body, last } = ASKED[client];
    const reply = await fetch(baseUrl + path, { method: "POST", body: JSON.stringify(body) });
    expect(await reply.text()).toMatch(last);
    const record = await recorded();
    expect(record.error).toBeUndefined();
    expect(record).toMatchObject({ lane: "B", usage: { input: { total: 10 }, output: { total: 5 } } });
    expect(record.usage?.estimated).toBeUndefined();
    await upstream.received[0]?.aborted;
  });

  it("keeps its connection, where it ends soon after", async () => {
    const ended = deferred();
    // It does not lose its patience, and its end is heard of.
    const patient: Clock = {
      ...systemClock,
      setTimeout: (run, ms) =>
        ms === LINGER_MS ? { cancel: () => ended.resolve() } : systemClock.setTimeout(run, ms),
    };
    const { baseUrl } = await start("anthropic", { clock: patient });
    let socket: Socket | undefined;
    let end = () => {};
    upstream.script = (_received, res, req) => {
      ({ socket } = req);
      res.writeHead(200, { "content-type": "text/event-stream" });
      res.write(STREAMS.anthropic.join(""));
      end = () => void res.end();
    };
    const { path, body, last } = ASKED["openai-chat"];
    const reply = await fetch(baseUrl + path, { method: "POST", body: JSON.stringify(body) });
    expect(await reply.text()).toMatch(last);
    end();
    await ended.promise;
    expect(socket?.destroyed).toBe(false);
    expect(upstream.sockets).toContain(socket);
  });
});
