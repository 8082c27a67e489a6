import net from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { REPLIES, STREAMS } from "../../support/replies.ts";
import { seededSecret } from "../../support/secrets.ts";
import { sendJson, sendStream, startUpstream, type Upstream } from "../../support/upstream.ts";

const CHAT = { model: "m", messages: [{ role: "user", content: "hi" }] };

let first: Upstream;
let second: Upstream;
let portico: TestGateway | undefined;
const closing: (() => Promise<void>)[] = [];

const account = (id: string, url: string, priority = 0) => ({
  id,
  provider: "custom" as const,
  priority,
  endpoints: { "openai-chat": `${url}/v1` },
  credentials: { apiKey: seededSecret("key") },
  models: ["m"],
});

async function ask(body: object = CHAT, init: RequestInit = {}): Promise<Response> {
  return await fetch(`${portico?.baseUrl}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    ...init,
  });
}

async function start(settings: SettingsInput = {}): Promise<TestGateway> {
  portico = await startGateway({
    accounts: [account("first", first.url, 1), account("second", second.url)],
    ...settings,
  });
  return portico;
}

/** A server that treats every connection as `behave` says. */
async function rawServer(behave: (socket: net.Socket) => void): Promise<string> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    behave(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  );
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

beforeEach(async () => {
  first = await startUpstream((_received, res) => sendJson(res, 200, REPLIES["openai-chat"]));
  second = await startUpstream((_received, res) => sendJson(res, 200, REPLIES["openai-chat"]));
});
afterEach(async () => {
  await portico?.stop();
  portico = undefined;
  await Promise.all([first.close(), second.close(), ...closing.splice(0).map((close) => close())]);
});

describe("before the first byte", () => {
  const troubles: [string, () => Promise<string>][] = [
    [
      "refuses connections",
      async () => {
        const url = first.url;
        await first.close();
        return url;
      },
    ],
    ["closes without a word", () => rawServer((socket) => socket.once("data", () => socket.destroy()))],
    ["resets", () => rawServer((socket) => socket.once("data", () => socket.resetAndDestroy()))],
    [
      "sends half a header",
      () => rawServer((socket) => socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-"))),
    ],
    ["sends garbage", () => rawServer((socket) => socket.once("data", () => socket.end("garbage\r\n\r\n")))],
    [
      "breaks off within a whole reply",
      () =>
        rawServer((socket) =>
          socket.once("data", () =>
            socket.end(
              'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"id":',
            ),
          ),
        ),
    ],
    [
      "breaks off before the first event",
      () =>
        rawServer((socket) =>
          socket.once("data", () =>
            socket.end(
              "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n5\r\n: hi\n\r\n",
            ),
          ),
        ),
    ],
    ["never answers", () => rawServer(() => {})],
  ];
  it.each(troubles)("moves on when the provider %s", async (_name, make) => {
    const url = await make();
    await start({
      accounts: [account("first", url, 1), account("second", second.url)],
      upstream: { headersTimeoutMs: 300, idleTimeoutMs: 300 },
    });
    const reply = await ask();
    expect(reply.status).toBe(200);
    expect(await reply.json()).toEqual(REPLIES["openai-chat"]);
    const record = await portico?.recorded();
    expect(record?.attempts.map((attempt) => attempt.outcome)).toEqual(["network", "ok"]);
  });

  it("tries a provider that is down for a moment again", async () => {
    first.script = (_received, res) => {
      if (first.received.length === 1) sendJson(res, 503, { error: { message: "try later" } });
      else sendJson(res, 200, REPLIES["openai-chat"]);
    };
    await start();
    expect((await ask()).status).toBe(200);
    expect(first.received).toHaveLength(2);
    expect(second.received).toHaveLength(0);
  });

  it("sends a request once more when a kept connection has died meanwhile", async () => {
    let connections = 0;
    const body = JSON.stringify(REPLIES["openai-chat"]);
    const url = await rawServer((socket) => {
      let requests = 0;
      socket.on("data", (data) => {
        if (data.toString("latin1", 0, 4) === "GET ") {
          socket.end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
          return;
        }
        // Head and body may come apart; a request is answered when all of it is here.
        if (!data.toString("latin1").endsWith("}")) return;
        if (requests === 0) connections++;
        // The first request of a connection is answered, the second meets its end.
        if (++requests === 1) {
          socket.write(
            `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
          );
        } else socket.destroy();
      });
    });
    const { recorded } = await start({ accounts: [account("first", url, 1), account("second", second.url)] });
    // The pool decides when it takes a used connection again: soon.
    for (let i = 0; i < 4; i++) expect((await ask()).status).toBe(200);
    const record = await recorded(({ attempts }) => attempts.length === 2);
    expect(record.attempts.map((attempt) => attempt.outcome)).toEqual(["network", "ok"]);
    expect(connections).toBeGreaterThan(1);
    expect(second.received).toHaveLength(0);
  });

  it("does not send a reset request elsewhere when the setting forbids it", async () => {
    const url = await rawServer((socket) => socket.once("data", () => socket.resetAndDestroy()));
    await start({
      accounts: [account("first", url, 1), account("second", second.url)],
      upstream: { retryAfterReset: false },
    });
    const reply = await ask();
    expect(reply.status).toBe(502);
    expect(second.received).toHaveLength(0);
  });

  it("says what was tried when nobody can answer", async () => {
    first.script = (_received, res) =>
      sendJson(res, 401, { error: { message: "Incorrect API key provided", code: "invalid_api_key" } });
    second.script = (_received, res) =>
      sendJson(res, 429, { error: { message: "slow down" } }, { "retry-after": "9" });
    await start();
    const reply = await ask();
    expect(reply.status).toBe(429);
    expect(reply.headers.get("retry-after")).toBe("9");
    const { error } = (await reply.json()) as { error: { message: string } };
    expect(error.message).toContain("Incorrect API key");
    expect(error.message).toContain("slow down");
  });

  it("stops at the attempt budget", async () => {
    for (const upstream of [first, second])
      upstream.script = (_received, res) => sendJson(res, 500, { error: { message: "x" } });
    await start({ upstream: { maxAttempts: 3 } });
    expect((await ask()).status).toBe(502);
    expect(first.received.length + second.received.length).toBe(3);
  });
});

describe("silence", () => {
  it("is filled with heartbeats before and between events, and ends the time for failover", async () => {
    let go = () => {};
    const heard = new Promise<void>((resolve) => {
      go = resolve;
    });
    first.script = async (_received, res) => {
      await heard;
      await sendStream(res, STREAMS["openai-chat"]);
    };
    await start({ upstream: { heartbeatMs: 50 } });
    const reply = await ask({ ...CHAT, stream: true });
    const reader = reply.body?.getReader();
    const opening = await reader?.read();
    expect(Buffer.from(opening?.value ?? []).toString()).toMatch(/^: /);
    go();
    let text = "";
    for (;;) {
      const next = await reader?.read();
      if (next === undefined || next.done) break;
      text += Buffer.from(next.value).toString();
    }
    expect(text.replace(/^: [^\n]*\n\n/gm, "")).toBe(STREAMS["openai-chat"].join(""));
  });

  it("turns a late error into an event", async () => {
    first.script = (_received, res) => {
      setTimeout(() => sendJson(res, 500, { error: { message: "out of order" } }), 120);
    };
    await start({ upstream: { heartbeatMs: 50 } });
    const reply = await ask({ ...CHAT, stream: true });
    expect(reply.status).toBe(200);
    expect(await reply.text()).toMatch(/"error":.*out of order/);
    expect(second.received).toHaveLength(0);
  });
});

describe("compressed replies", () => {
  const body = Buffer.from(JSON.stringify(REPLIES["openai-chat"]));
  it.each([
    ["gzip, said", gzipSync(body), { "content-encoding": "gzip" }],
    ["gzip, not said", gzipSync(body), {}],
    ["brotli, said", brotliCompressSync(body), { "content-encoding": "br" }],
  ])("are read: %s", async (_name, bytes, headers) => {
    first.script = (_received, res) => {
      res.writeHead(200, { "content-type": "application/json", ...headers });
      res.end(bytes);
    };
    await start();
    const reply = await ask();
    expect(reply.headers.get("content-encoding")).toBeNull();
    expect(await reply.json()).toEqual(REPLIES["openai-chat"]);
  });

  it("are read on streams and errors", async () => {
    first.script = (_received, res) => {
      res.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" });
      res.end(gzipSync(STREAMS["openai-chat"].join("")));
    };
    await start();
    expect(await (await ask({ ...CHAT, stream: true })).text()).toBe(STREAMS["openai-chat"].join(""));
    first.script = (_received, res) => {
      res.writeHead(400, { "content-type": "application/json" });
      res.end(gzipSync('{"error":{"message":"Bad thing"}}'));
    };
    expect(await (await ask()).text()).toContain("Bad thing");
  });
});

describe("a slow client", () => {
  it("slows the provider down instead of filling memory", async () => {
    const piece = `data: ${JSON.stringify({ choices: [{ delta: { content: "x".repeat(60_000) } }] })}\n\n`;
    let written = 0;
    let blocked = false;
    let stopped = () => {};
    const ended = new Promise<void>((resolve) => {
      stopped = resolve;
    });
    first.script = async (_received, res) => {
      res.writeHead(200, { "content-type": "text/event-stream" });
      while (written < 2000 && !blocked) {
        written++;
        if (!res.write(piece)) {
          const drained = await Promise.race([
            new Promise<boolean>((resolve) => res.once("drain", () => resolve(true))),
            new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 700)),
          ]);
          blocked = !drained;
        }
      }
      stopped();
    };
    await start();
    const url = new URL(portico?.baseUrl ?? "");
    const socket = net.connect(Number(url.port), url.hostname);
    const body = JSON.stringify({ ...CHAT, stream: true });
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    socket.pause();
    socket.on("error", () => {});
    await ended;
    expect(blocked).toBe(true);
    expect(written).toBeLessThan(1500);
    socket.destroy();
    await first.received[0]?.aborted;
  });
});

describe("new settings", () => {
  it("apply without dropping a stream, also when the port changes", async () => {
    let go = () => {};
    first.script = async (_received, res) => {
      res.writeHead(200, { "content-type": "text/event-stream" });
      res.write(STREAMS["openai-chat"][0] ?? "");
      await new Promise<void>((resolve) => {
        go = resolve;
      });
      for (const event of STREAMS["openai-chat"].slice(1)) res.write(event);
      res.end();
    };
    const { gateway } = await start();
    const reply = await ask({ ...CHAT, stream: true });
    const settings = { port: 0, accounts: [account("second", second.url)] };
    const { settingsSchema } = await import("../../../src/gateway/settings/settings.ts");
    const free = await startUpstream(() => {});
    const { port } = free;
    await free.close();
    const state = await gateway.apply(settingsSchema.parse({ ...settings, port }));
    expect(state).toMatchObject({ kind: "running", port });
    expect(
      (
        await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
          method: "POST",
          body: JSON.stringify(CHAT),
        })
      ).status,
    ).toBe(200);
    expect(second.received).toHaveLength(1);
    go();
    expect(await reply.text()).toBe(STREAMS["openai-chat"].join(""));
  });
});
