import { once } from "node:events";
import { readFile, stat, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Serve } from "../../../src/control/channel.ts";
import type { Events, Status, WatchedEvent } from "../../../src/control/contract.ts";
import { deferred } from "../../../src/gateway/common/deferred.ts";
import type { Log } from "../../../src/gateway/common/ports.ts";
import { readAddress } from "../../../src/gateway/controlServer/address.ts";
import type { Caller } from "../../../src/gateway/controlServer/caller.ts";
import { connectControl } from "../../../src/gateway/controlServer/client.ts";
import { type ControlServer, openControlServer } from "../../../src/gateway/controlServer/server.ts";
import { MAX_PAYLOAD } from "../../../src/gateway/controlServer/socketWire.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";

const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
const status: Status = {
  version: "1",
  proxy: { kind: "stopped" },
  authMode: "off",
  lan: false,
  accounts: 0,
  sandboxOnly: true,
  problems: [],
  held: [],
  ready: 0,
  active: 0,
};

let folder: string;
let server: ControlServer;
let serve: Serve;
let serveAs: (caller: Caller, ...call: Parameters<Serve>) => Promise<unknown>;
let watches: number;

beforeEach(async () => {
  folder = makeFolder("control");
  watches = 0;
  serveAs = (_caller, ...call) => serve(...call);
  serve = async (method) => (method === "status.get" ? status : undefined);
  server = await openControlServer({
    serve:
      (caller) =>
      (...call) =>
        serveAs(caller, ...call),
    onWatch: () => {
      watches += 1;
    },
    log,
    version: "1",
    addressFile: join(folder, "gateway.json"),
    maxClients: 3,
  });
});
afterEach(async () => {
  await server.close();
  await removeFolder(folder);
});

/** HTTP status of an upgrade attempt; 101 when it was let in. */
function upgrade(headers: Record<string, string>): Promise<number> {
  const { port } = new URL(server.address.address);
  return new Promise((resolve, reject) => {
    const call = request({
      port,
      host: "127.0.0.1",
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        ...headers,
      },
    });
    call.on("upgrade", (_response, socket) => {
      socket.destroy();
      resolve(101);
    });
    call.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on("error", reject);
    call.end();
  });
}

/** Sockets that say nothing. */
async function silent(count: number): Promise<Socket[]> {
  const port = Number(new URL(server.address.address).port);
  const sockets = Array.from({ length: count }, () => connect(port, "127.0.0.1").on("error", () => {}));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  return sockets;
}

describe("the control server", () => {
  it("answers whoever has the token, however many others sit there and say nothing", async () => {
    const sockets = await silent(200);
    const client = await connectControl(server.address);
    expect(await client.call("status.get", undefined)).toEqual(status);
    // Nor is one that was let in put out for others.
    const more = await silent(200);
    expect(await client.call("status.get", undefined)).toEqual(status);
    client.close();
    for (const socket of [...sockets, ...more]) socket.destroy();
  });

  it("puts out who shows no token for a while", { timeout: 30_000 }, async () => {
    const [socket] = await silent(1);
    const began = performance.now();
    if (socket !== undefined) {
      socket.resume();
      await once(socket, "close");
    }
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it("says where it is in gateway.json, for its owner alone", async () => {
    const file = join(folder, "gateway.json");
    expect(await readAddress(file)).toEqual(server.address);
    expect(server.address).toMatchObject({ pid: process.pid, version: "1" });
    expect(server.address.address).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
    if (process.platform !== "win32") expect((await stat(file)).mode & 0o777).toBe(0o600);
    await server.close();
    expect(await readAddress(file)).toBeUndefined();
  });

  it("answers a typed client and tells it events", async () => {
    const events: unknown[] = [];
    const heard = deferred();
    const client = await connectControl(server.address, {
      onEvent: (event, data) => {
        events.push([event, data]);
        if (events.length === 2) heard.resolve();
      },
    });
    expect(await client.call("status.get", undefined)).toEqual(status);
    expect(server.clients).toBe(1);
    const line: Events["log"] = { level: "info", time: 1, message: "hello" };
    server.emit("status", status);
    server.emit("log", line);
    await heard.promise;
    expect(events).toEqual([
      ["status", status],
      ["log", line],
    ]);
    client.close();
  });

  it.each<[string, (right: { host: string; authorization: string }) => Record<string, string>, number]>([
    ["the token and nothing else", (right) => right, 101],
    [
      "localhost as its name",
      (right) => ({ ...right, host: right.host.replace("127.0.0.1", "localhost") }),
      101,
    ],
    ["no token", ({ host }) => ({ host }), 401],
    ["a wrong token", ({ host, authorization }) => ({ host, authorization: `${authorization}x` }), 401],
    ["an empty token", ({ host }) => ({ host, authorization: "Bearer " }), 401],
    ["an origin", (right) => ({ ...right, origin: `http://${right.host}` }), 403],
    ["an opaque origin", (right) => ({ ...right, origin: "null" }), 403],
    ["a rebound name", (right) => ({ ...right, host: "evil.example:8045" }), 403],
    ["another port in Host", (right) => ({ ...right, host: "127.0.0.1:1" }), 403],
  ])("lets in or refuses: %s", async (_name, headers, expected) => {
    const right = {
      host: new URL(server.address.address).host,
      authorization: `Bearer ${server.address.token}`,
    };
    expect(await upgrade(headers(right))).toBe(expected);
  });

  it("answers plain requests with 404", async () => {
    const response = await fetch(server.address.address.replace("ws:", "http:"));
    expect(response.status).toBe(404);
  });

  it("bounds its clients", async () => {
    const clients = await Promise.all([1, 2, 3].map(() => connectControl(server.address)));
    await expect(connectControl(server.address)).rejects.toMatchObject({ code: "closed" });
    const gone = new Promise<void>((resolve) => {
      const poll = () => (server.clients < 3 ? resolve() : setImmediate(poll));
      clients[0]?.close();
      poll();
    });
    await gone;
    const again = await connectControl(server.address);
    for (const client of [...clients, again]) client.close();
  });

  it.each<[string, string | Buffer]>([
    ["what is not JSON", "{"],
    ["binary", Buffer.from("{}")],
    ["what is no frame", "[1]"],
    ["more than 1 MiB", JSON.stringify({ id: 1, method: "x".repeat(MAX_PAYLOAD) })],
  ])("cuts a client that sends %s, and serves the others", async (_name, message) => {
    const other = await connectControl(server.address);
    const socket = new WebSocket(server.address.address, {
      headers: { authorization: `Bearer ${server.address.token}` },
    });
    socket.on("error", () => {});
    socket.on("open", () => socket.send(message));
    await new Promise((resolve) => socket.on("close", resolve));
    expect(await other.call("status.get", undefined)).toEqual(status);
    other.close();
  });

  it("does not hand out a result that the client would not understand", async () => {
    serve = async () => ({ version: 1 });
    const client = await connectControl(server.address);
    await expect(client.call("status.get", undefined)).rejects.toMatchObject({ code: "failed" });
    client.close();
  });

  it("drops events that make no sense", async () => {
    const events: unknown[] = [];
    const client = await connectControl(server.address, { onEvent: (event) => events.push(event) });
    server.emit("status", { nonsense: true } as never);
    server.emit("unheard" as never, {} as never);
    server.emit("status", status);
    await client.call("status.get", undefined);
    expect(events).toEqual(["status"]);
    client.close();
  });

  it("tells those alone who watch", async () => {
    serveAs = async (caller, method, params) => {
      if (method === "events.watch") caller.watch((params as { events: WatchedEvent[] }).events);
      return method === "status.get" ? status : undefined;
    };
    const heard: [string[], string[]] = [[], []];
    const one = await connectControl(server.address, { onEvent: (event) => heard[0].push(event) });
    const two = await connectControl(server.address, { onEvent: (event) => heard[1].push(event) });
    const tell = async () => {
      server.emit("accounts", []);
      server.emit("requests", { rows: [], missed: 3 });
      await Promise.all([one, two].map((client) => client.call("status.get", undefined)));
    };
    expect(server.wants("accounts")).toBe(false);
    await tell();
    expect(heard).toEqual([[], []]);
    await one.call("events.watch", { events: ["accounts", "requests"] });
    await two.call("events.watch", { events: ["requests"] });
    expect(server.wants("accounts")).toBe(true);
    expect(server.wants("settings")).toBe(false);
    expect(watches).toBe(2);
    await tell();
    expect(heard).toEqual([["accounts", "requests"], ["requests"]]);
    await one.call("events.watch", { events: [] });
    await tell();
    expect(heard).toEqual([
      ["accounts", "requests"],
      ["requests", "requests"],
    ]);
    expect(server.wants("accounts")).toBe(false);
    one.close();
    two.close();
  });

  it("cuts a client that asks and does not read", async () => {
    serve = async () => ({ text: "x".repeat(MAX_PAYLOAD) });
    const socket = new WebSocket(server.address.address, {
      headers: { authorization: `Bearer ${server.address.token}` },
    });
    const closed = new Promise((resolve) => socket.on("close", resolve));
    socket.on("error", () => {});
    await new Promise((resolve) => socket.on("open", resolve));
    socket.pause();
    let id = 0;
    const ask = setInterval(() => {
      for (let count = 0; count < 8; count += 1) {
        id += 1;
        socket.send(JSON.stringify({ id, method: "big" }));
      }
    }, 5);
    await new Promise<void>((resolve) => {
      const poll = () => (server.clients === 0 ? resolve() : setImmediate(poll));
      poll();
    });
    clearInterval(ask);
    socket.resume();
    await closed;
  });

  it("aborts what it was doing for a client that goes away", async () => {
    const aborted = deferred();
    const begun = deferred();
    serve = (_method, _params, signal) => {
      begun.resolve();
      signal.addEventListener("abort", () => aborted.resolve());
      return new Promise(() => {});
    };
    const client = await connectControl(server.address);
    const call = client.call("status.get", undefined).catch((error: { code: string }) => error.code);
    await begun.promise;
    client.close();
    expect(await call).toBe("closed");
    await aborted.promise;
  });

  it("tells its clients when it closes", async () => {
    const gone = deferred();
    await connectControl(server.address, { onClose: () => gone.resolve() });
    await server.close();
    await gone.promise;
  });
});

describe("gateway.json", () => {
  it.each<[string, string]>([
    ["broken JSON", "{"],
    ["another computer", '{"pid":1,"version":"1","address":"ws://10.0.0.1:80","token":"x"}'],
    ["a short token", '{"pid":1,"version":"1","address":"ws://127.0.0.1:80","token":"x"}'],
  ])("is as good as absent with %s", async (_name, text) => {
    const file = join(folder, "other.json");
    await writeFile(file, text);
    expect(await readAddress(file)).toBeUndefined();
    expect(await readFile(file, "utf8")).toBe(text);
  });
});
