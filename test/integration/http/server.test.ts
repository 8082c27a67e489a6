import * as http from "node:http";
import * as net from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { DEFAULT_TIMEOUTS, listen } from "../../../src/gateway/server/listener.ts";
import { fakeClock } from "../../support/clock.ts";
import {
  ask,
  RawClient,
  recordingLog,
  requestBytes,
  type Started,
  type StartOptions,
  start,
} from "./listener.ts";

const open: Started[] = [];
async function started(options: StartOptions = {}): Promise<Started> {
  const server = await start(options);
  open.push(server);
  return server;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ listener }) => listener.close(0)));
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const ipv6 = await new Promise<boolean>((resolve) => {
  const probe = net.createServer().once("error", () => resolve(false));
  probe.listen(0, "::1", () => probe.close(() => resolve(true)));
});

describe("addresses", () => {
  it("listens on 127.0.0.1 and serves on the port it got", async () => {
    const { listener, port } = await started();
    expect(listener.addresses).toContain("127.0.0.1");
    expect(port).toBeGreaterThan(0);
    expect((await ask(port)).status).toBe(200);
  });

  it.skipIf(!ipv6)("has the same port on ::1 (needs IPv6)", async () => {
    const { listener, port } = await started();
    expect(listener.addresses).toEqual(["127.0.0.1", "::1"]);
    const client = new RawClient(port, "::1").write(requestBytes({ host: `[::1]:${port}` }));
    expect((await client.reply()).status).toBe(200);
    client.socket.destroy();
  });

  it.skipIf(!ipv6)("does without ::1 when another program has it, and says so (needs IPv6)", async () => {
    const other = net.createServer();
    await new Promise<void>((resolve) => other.listen({ port: 0, host: "::1", ipv6Only: true }, resolve));
    const { port } = other.address() as net.AddressInfo;
    const { listener, logged } = await started({ port });
    expect(listener.addresses).toEqual(["127.0.0.1"]);
    expect(logged.join()).toContain("[::1]");
    await new Promise((resolve) => other.close(resolve));
  });

  it("listens on every address with LAN access, where IPv4 peers stay local", async () => {
    const { listener, port } = await started({ allowLanAccess: true });
    expect(["::", "0.0.0.0"]).toContain(listener.addresses[0]);
    expect(JSON.parse((await ask(port)).body)).toMatchObject({ local: true });
    const other = new RawClient(port, "127.0.0.2").write(requestBytes({ host: "127.0.0.2" }));
    expect((await other.reply()).status).toBe(200);
    other.socket.destroy();
  });

  it("listens on one given address", async () => {
    const { listener } = await started({ host: "127.0.0.1" });
    expect(listener.addresses).toEqual(["127.0.0.1"]);
  });

  it("tells of an address that it cannot have", async () => {
    const log = recordingLog([]);
    const policy = { authMode: "off", allowLanAccess: false, allowedHosts: [], allowedOrigins: [] } as const;
    const result = await listen({
      port: 0,
      host: "192.0.2.1",
      allowLanAccess: false,
      maxConnections: 1,
      policy: () => policy,
      onRequest: () => {},
      log,
    });
    expect(result).toMatchObject({ ok: false, reason: "other" });
  });
});

describe("a taken port", () => {
  const attempt = (port: number, allowLanAccess = false) =>
    listen({
      port,
      allowLanAccess,
      maxConnections: 10,
      policy: () => ({ authMode: "off", allowLanAccess, allowedHosts: [], allowedOrigins: [] }),
      onRequest: () => {},
      log: recordingLog([]),
    });
  const linux = process.platform === "linux";

  it("is another Portico's", async () => {
    const { port } = await started({
      onRequest: (_request, response) => {
        response.end(JSON.stringify({ status: "ok", name: "portico", version: "9.8.7" }));
      },
    });
    const result = await attempt(port);
    expect(result).toMatchObject({ ok: false, reason: "port-in-use" });
    if (result.ok) return;
    expect(result.holder).toBe(
      linux ? `another Portico 9.8.7 (pid ${process.pid})` : "another Portico 9.8.7",
    );
    expect(result.message).toContain(`Port ${port} is taken by another Portico`);
    expect(result.message).toContain("Use that one, or choose another port.");
    expect(result.other).toBe(`http://127.0.0.1:${port}`);
  });

  it("is a web server's", async () => {
    const other = http.createServer((_request, response) =>
      response.setHeader("server", "nginx/1.2").end("hi"),
    );
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const result = await attempt((other.address() as net.AddressInfo).port);
    other.close();
    expect(result).toMatchObject({ ok: false, reason: "port-in-use" });
    expect(result).not.toHaveProperty("other");
    expect(result).toHaveProperty(
      "holder",
      linux ? expect.stringContaining(`(pid ${process.pid})`) : "the HTTP server nginx/1.2",
    );
  });

  it("is known also when the holder says nothing, and with LAN access", async () => {
    const other = net.createServer((socket) => socket.on("error", () => {}));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const result = await attempt((other.address() as net.AddressInfo).port, true);
    other.close();
    expect(result).toMatchObject({ ok: false, reason: "port-in-use" });
    if (linux) expect(result).toHaveProperty("holder", expect.stringContaining(`(pid ${process.pid})`));
  });

  it("can be taken as soon as close was called", async () => {
    const first = await started();
    const closing = first.listener.close(1000);
    const second = await started({ port: first.port });
    expect(second.port).toBe(first.port);
    await closing;
  });
});

describe("broken requests", () => {
  it.each<[string, number, string | Buffer]>([
    ["no HTTP", 400, "hello\r\n\r\n"],
    ["TLS", 400, Buffer.from("16030100c8010000c40303", "hex")],
    ["a header without a colon", 400, "GET / HTTP/1.1\r\nHost localhost\r\n\r\n"],
    [
      "two lengths",
      400,
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ],
    [
      "a length and chunks",
      400,
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
    ["headers over the limit", 431, `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(70_000)}\r\n\r\n`],
    ["a broken chunk", 400, "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
  ])("%s: %i in JSON", async (_name, status, bytes) => {
    const { port } = await started();
    const client = new RawClient(port).write(bytes);
    const reply = await client.reply();
    expect(reply.status).toBe(status);
    expect(reply.headers).toMatchObject({ connection: "close", "x-request-id": expect.any(String) });
    expect(JSON.parse(reply.body)).toMatchObject({ type: "error", error: { message: expect.any(String) } });
    await client.closed();
  });

  it("takes headers of 60 KB", async () => {
    const { port } = await started();
    expect((await ask(port, { headers: [`X: ${"x".repeat(60_000)}`] })).status).toBe(200);
  });

  it("never writes into a reply that is under way", async () => {
    const { port } = await started({
      onRequest: (_request, response) => {
        response.write("partial");
      },
    });
    const client = new RawClient(port);
    client.write(requestBytes({ headers: ["Transfer-Encoding: chunked"] }));
    await client.until((text) => text.includes("partial"));
    client.write("broken chunk\r\n");
    await client.closed();
    expect(client.text.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });
});

describe("slow clients", () => {
  it("ends a request whose headers drip", async () => {
    const { port } = await started({ timeouts: { headers: 60, request: 10_000, check: 20 } });
    const client = new RawClient(port).write("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
    expect((await client.reply()).status).toBe(408);
    await client.closed();
  });

  it("ends a body that stops, and the handler hears of it", async () => {
    const server = await started({ timeouts: { bodyIdle: 50 } });
    const client = new RawClient(server.port)
      .write(requestBytes({ headers: ["Content-Length: 100"] }))
      .write("part");
    const reply = await client.reply();
    expect(reply.status).toBe(408);
    expect(reply.body).toContain("stopped arriving");
    await client.closed();
    while (server.outcomes.length === 0) await turn();
    expect(server.outcomes.at(-1)).toMatchObject({ name: "AbortError" });
  });

  it("goes by the clock that it was given", async () => {
    const time = fakeClock();
    const { port, listener } = await started({ clock: time.clock, timeouts: { bodyIdle: 60_000 } });
    const client = new RawClient(port)
      .write(requestBytes({ headers: ["Content-Length: 100"] }))
      .write("part");
    while (listener.active === 0) await turn();
    time.pass(60_000);
    time.pass(60_000);
    expect((await client.reply()).status).toBe(408);
    await client.closed();
  });

  it("lets a reply take as long as it likes behind a body", async () => {
    const { port } = await started({
      timeouts: { bodyIdle: 150, headers: 150, request: 150, check: 10, keepAlive: 150 },
      onRequest: (request, response) => {
        request.resume().once("end", () => {
          setTimeout(() => response.end("done"), 400);
        });
      },
    });
    expect((await ask(port, { body: "x" })).status).toBe(200);
  });

  it("closes an unused connection in the end", async () => {
    const { port } = await started({ timeouts: { keepAlive: 30 } });
    const client = new RawClient(port).write(requestBytes({ body: "x" }));
    const reply = await client.reply();
    expect(reply.headers.connection).toBe("keep-alive");
    await client.closed();
  });

  it("does not keep a connection whose body nobody read", async () => {
    const { port } = await started({ onRequest: (_request, response) => response.writeHead(403).end() });
    const client = new RawClient(port)
      .write(requestBytes({ headers: ["Content-Length: 1000000"] }))
      .write("some");
    await client.until((text) => text.includes("403"));
    await client.closed();
  });
});

it("keeps nothing of the requests that it has refused before their bodies were in", async () => {
  const counts: number[] = [];
  const { port } = await started({
    onRequest: (request, response) => {
      counts.push(request.socket.listenerCount("close"));
      response.writeHead(404, { "content-length": 0 }).end();
    },
  });
  const client = new RawClient(port);
  for (let asked = 1; asked <= 15; asked++) {
    client.write(requestBytes({ headers: ["Content-Length: 4"] }));
    await client.until((text) => text.split("HTTP/1.1 404").length > asked);
    client.write("body");
  }
  client.socket.destroy();
  expect(counts).toHaveLength(15);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThan(3);
});

describe("many connections", () => {
  it("holds 1000 idle ones and still answers", async () => {
    const { listener, port } = await started();
    const clients = Array.from({ length: 1000 }, () => new RawClient(port));
    await Promise.all(clients.map((client) => client.connected()));
    while (listener.connections < 1000) await turn();
    expect((await ask(port)).status).toBe(200);
    await listener.close(0);
    await Promise.all(clients.map((client) => client.closed()));
    expect(listener.connections).toBe(0);
  });

  it("closes the one that is idle for longest where there is no place left", async () => {
    const replies: http.ServerResponse[] = [];
    const { listener, port, logged } = await started({
      maxConnections: 5,
      onRequest: (_request, response) => void replies.push(response),
    });
    const busy = new RawClient(port).write(requestBytes({ body: "x" }));
    while (replies.length < 1) await turn();
    const idle: RawClient[] = [];
    for (let n = 0; n < 4; n++) {
      const client = new RawClient(port);
      idle.push(client);
      await client.connected();
      while (listener.connections < 2 + n) await turn();
    }
    const gone: number[] = [];
    for (const [index, client] of idle.entries()) void client.closed().then(() => gone.push(index));
    // Whoever comes last is served, over either family.
    const late = new RawClient(port, listener.addresses.at(-1)).write(requestBytes({ body: "y" }));
    while (replies.length < 2) await turn();
    while (gone.length < 1) await turn();
    const later = new RawClient(port).write(requestBytes({ body: "z" }));
    while (replies.length < 3) await turn();
    while (gone.length < 2) await turn();
    expect(gone).toEqual([0, 1]);
    expect(listener.connections).toBe(5);
    expect(logged).toEqual([]);
    for (const reply of replies) reply.end("done");
    for (const client of [busy, late, later]) while (!client.text.includes("done")) await turn();
    for (const client of [...idle, busy, late, later]) client.socket.destroy();
  });

  it("is not shut by thousands that do nothing", async () => {
    const { listener, port } = await started({ maxConnections: 50 });
    const clients: RawClient[] = [];
    for (let n = 0; n < 1000; n++) clients.push(new RawClient(port));
    await Promise.all(clients.map((client) => Promise.race([client.connected(), client.closed()])));
    for (let n = 0; n < 5; n++) expect((await ask(port)).status).toBe(200);
    expect(listener.connections).toBeLessThanOrEqual(50);
    for (const client of clients) client.socket.destroy();
  });

  it("does not wait long for a first request", async () => {
    const { port } = await started({ timeouts: { headers: 200, check: 20 } });
    const silent = new RawClient(port);
    const slow = new RawClient(port).write("POST / HTTP/1.1\r\nHost: ");
    await Promise.all([silent.closed(), slow.closed()]);
    expect(slow.text).toMatch(/^HTTP\/1\.1 408 /);
    expect(DEFAULT_TIMEOUTS.headers).toBeLessThanOrEqual(10_000);
    expect(DEFAULT_TIMEOUTS.check).toBeLessThanOrEqual(1000);
  });

  it("refuses more than the limit where all are at work, over both families, and logs it once", async () => {
    const replies: http.ServerResponse[] = [];
    const { listener, port, logged } = await started({
      maxConnections: 5,
      onRequest(request, response) {
        if (request.method === "POST") replies.push(response);
        else response.end("here");
      },
    });
    const clients = Array.from({ length: 5 }, () => new RawClient(port).write(requestBytes({ body: "x" })));
    while (replies.length < 5) await turn();
    const extra = new RawClient(port, listener.addresses.at(-1));
    await extra.closed();
    expect(listener.connections).toBe(5);
    expect(logged.filter((line) => line.includes("limits.connections"))).toHaveLength(1);
    clients[0]?.socket.destroy();
    while (listener.connections > 4) await turn();
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
    for (const client of clients) client.socket.destroy();
  });
});

describe("stopping", () => {
  it("lets requests end, closes idle connections at once, and takes no new ones", async () => {
    const replies: http.ServerResponse[] = [];
    const { listener, port } = await started({
      onRequest: (_request, response) => void replies.push(response),
    });
    const idle = new RawClient(port);
    await idle.connected();
    const fresh = new RawClient(port).write(requestBytes({ body: "x" }));
    const streaming = new RawClient(port).write(requestBytes({ body: "x" }));
    while (replies.length < 2) await turn();
    const [first, second] = replies;
    second?.write("begun");
    expect(listener.active).toBe(2);

    let closed = false;
    const closing = listener.close(60_000).then(() => {
      closed = true;
    });
    await idle.closed();
    const late = new RawClient(port);
    await late.closed();
    expect(late.text).toBe("");
    expect(closed).toBe(false);

    first?.end("one");
    second?.end("two");
    await Promise.all([closing, fresh.closed(), streaming.closed()]);
    const texts = [fresh.text, streaming.text].sort((a, b) => a.length - b.length).join("\n");
    expect(texts).toMatch(/connection: close/i);
    expect(texts).toContain("one");
    expect(texts).toContain("two");
    expect(listener.active).toBe(0);
  });

  it("cuts what is left when the time is over", async () => {
    const { listener, port } = await started({
      onRequest: (_request, response) => void response.write("begun"),
    });
    const client = new RawClient(port).write(requestBytes({ body: "x" }));
    await client.until((text) => text.includes("begun"));
    await listener.close(20);
    await client.closed();
  });

  it("stops at once when it is asked a second time", async () => {
    const { listener, port } = await started({
      onRequest: (_request, response) => void response.write("begun"),
    });
    const client = new RawClient(port).write(requestBytes({ body: "x" }));
    await client.until((text) => text.includes("begun"));
    const slow = listener.close(60_000);
    await listener.close(0);
    await slow;
    await client.closed();
  });
});
