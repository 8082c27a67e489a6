/** Whatever is thrown at the control API: it refuses or answers, stays bounded, and serves the next one. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Method } from "../../../src/control/contract.ts";
import { readAddress } from "../../../src/gateway/controlServer/address.ts";
import type { ControlClient } from "../../../src/gateway/controlServer/client.ts";
import { MAX_PAYLOAD } from "../../../src/gateway/controlServer/socketWire.ts";
import { METHODS as SERVED } from "../../../src/gateway/leader/methods/all.ts";
import { openLead, type TestLead } from "../../support/lead.ts";
import fc from "../../support/property.ts";

const SEED = 20260105;
const METHODS = Object.keys(SERVED) as Method[];
/** They reach out, or end what the other runs need. */
const NOT_FUZZED: ReadonlySet<string> = new Set<Method>(["local.detect", "accounts.discover"]);

let portico: TestLead;
let healthy: ControlClient;
let port: number;
let token: string;
const uncaught: unknown[] = [];
const note = (error: unknown) => uncaught.push(error);

beforeAll(async () => {
  process.on("uncaughtException", note);
  process.on("unhandledRejection", note);
  portico = await openLead({ pages: "/nowhere" });
  healthy = await portico.client();
  const address = await readAddress(portico.folder.gateway);
  port = Number(new URL(address?.address ?? "").port);
  token = address?.token ?? "";
});
afterAll(async () => {
  await portico.close();
  process.off("uncaughtException", note);
  process.off("unhandledRejection", note);
});
afterEach(async () => {
  expect(await healthy.call("status.get", undefined)).toMatchObject({ version: "1.2.3" });
  expect(uncaught).toEqual([]);
});

async function open(): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { headers: { authorization: `Bearer ${token}` } });
  socket.on("error", () => {});
  await once(socket, "open");
  return socket;
}

/** Sends, and ends when the server ended or answered a last question. */
async function sendAll(socket: WebSocket, messages: readonly (string | Buffer)[]): Promise<void> {
  const over = new Promise<void>((resolve) => {
    socket.on("close", () => resolve());
    socket.on("message", (data) => {
      const frame: unknown = JSON.parse(String(data));
      if (typeof frame === "object" && frame !== null && "id" in frame && frame.id === LAST_ID) resolve();
    });
  });
  for (const message of messages) if (socket.readyState === socket.OPEN) socket.send(message);
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify({ id: LAST_ID, method: "status.get" }));
  await over;
  socket.terminate();
}
const LAST_ID = 987_654_321;

const junk = fc.jsonValue({ maxDepth: 4 });
const id = fc.oneof(fc.nat(20), fc.double(), fc.string(), fc.constant(null));
const method = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...METHODS.filter((name) => !NOT_FUZZED.has(name))) },
  fc.string(),
  fc.constantFrom("__proto__", "constructor", "toString", "host.copy", "window.close", "events.watch "),
);
const params = fc.oneof(
  junk,
  fc.dictionary(
    fc.constantFrom(
      "id",
      "model",
      "events",
      "limit",
      "filter",
      "text",
      "port",
      "account",
      "routes",
      "__proto__",
    ),
    junk,
  ),
);
const frame = fc.oneof(
  { weight: 5, arbitrary: fc.record({ id, method, params }, { requiredKeys: ["id", "method"] }) },
  fc.record({ cancel: id }),
  fc.record({ id, result: junk }),
  fc.record({ id, error: junk }),
  fc.record({ event: fc.string(), data: junk }),
  junk,
);
const message = fc.oneof(
  { weight: 8, arbitrary: frame.map((value) => JSON.stringify(value)) },
  fc.string(),
  fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
);

describe("the control API under fire", () => {
  it("survives any frames", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 25 }), async (messages) => {
        await sendAll(await open(), messages);
      }),
      { numRuns: 150, seed: SEED },
    );
  }, 120_000);

  it("survives any bytes, before and after the handshake", async () => {
    const headers = fc.constantFrom(
      "",
      "GET / HTTP/1.1\r\n",
      `GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n`,
      `GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer TOKEN\r\n\r\n`,
    );
    await fc.assert(
      fc.asyncProperty(headers, fc.uint8Array({ minLength: 1, maxLength: 300 }), async (head, bytes) => {
        const socket: Socket = connect(port, "127.0.0.1");
        socket.on("error", () => {});
        const closed = new Promise((resolve) => socket.on("close", resolve));
        socket.resume();
        socket.write(head.replace("PORT", String(port)).replace("TOKEN", token));
        socket.end(bytes);
        await closed;
      }),
      { numRuns: 150, seed: SEED },
    );
  }, 120_000);

  it("leaves nobody behind", async () => {
    while ((await healthy.call("surroundings.get", undefined)).clients > 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
});

describe("one client", () => {
  it("has a bounded number of calls, and gets the others told", async () => {
    const socket = await open();
    const replies: { id: number; error?: { code: string } }[] = [];
    const calls = 200;
    const all = new Promise<void>((resolve) => {
      socket.on("message", (data) => {
        const reply = JSON.parse(String(data)) as (typeof replies)[number];
        if (typeof reply.id === "number" && replies.push(reply) === calls) resolve();
      });
    });
    for (let call = 1; call <= calls; call += 1) {
      socket.send(JSON.stringify({ id: call, method: "storage.get" }));
    }
    await all;
    const busy = replies.filter(({ error }) => error?.code === "busy");
    expect(busy.length).toBeGreaterThan(0);
    expect(replies.filter(({ error }) => error === undefined).length).toBeGreaterThanOrEqual(64);
    expect(busy.length + replies.filter(({ error }) => error === undefined).length).toBe(calls);
    socket.terminate();
  });

  it("cancels what takes long", async () => {
    const { id: waited } = await healthy.call("accounts.signIn.openrouter", {});
    const end = new AbortController();
    const call = healthy.call("accounts.signIn.await", { id: waited }, { signal: end.signal });
    end.abort();
    await expect(call).rejects.toMatchObject({ code: "cancelled" });
    const socket = await open();
    const told = new Promise((resolve) => socket.on("message", (data) => resolve(JSON.parse(String(data)))));
    socket.send(JSON.stringify({ id: 5, method: "accounts.signIn.await", params: { id: waited } }));
    socket.send(JSON.stringify({ cancel: 5 }));
    expect(await told).toMatchObject({ id: 5, error: { code: "cancelled" } });
    socket.terminate();
    await healthy.call("accounts.signIn.cancel", { id: waited });
  });

  it("is cut when a message is too large, and only that one", async () => {
    const socket = await open();
    const closed = once(socket, "close");
    socket.send(JSON.stringify({ id: 1, method: "routes.set", params: "x".repeat(MAX_PAYLOAD) }));
    const [code] = (await closed) as [number];
    expect([1006, 1009]).toContain(code);
  });

  it("may ask for what there is, and is told of what there is not", async () => {
    const socket = await open();
    const replies: unknown[] = [];
    const names = ["nothing", "__proto__", "constructor", "host.copy", "window.close", "secrets.get"];
    const all = new Promise<void>((resolve) => {
      socket.on("message", (data) => {
        if (replies.push(JSON.parse(String(data))) === names.length) resolve();
      });
    });
    for (const [index, name] of names.entries()) socket.send(JSON.stringify({ id: index, method: name }));
    await all;
    for (const reply of replies) expect(reply).toMatchObject({ error: { code: "not-found" } });
    socket.terminate();
  });
});
