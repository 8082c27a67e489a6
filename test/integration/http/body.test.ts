import { randomBytes } from "node:crypto";
import * as zlib from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, RawClient, requestBytes, type Started, start } from "./listener.ts";

const MiB = 1024 * 1024;
const text = Buffer.from(JSON.stringify({ messages: "naïve ".repeat(20_000) })); // 140,015 bytes
const noise = randomBytes(100_000);

describe("request bodies", () => {
  let server: Started;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.listener.close());

  const zstd = "zstdCompressSync" in zlib;
  const plain: [string, (data: Buffer) => Buffer][] = [
    ["", (data) => data],
    ["identity", (data) => data],
    ["gzip", zlib.gzipSync],
    ["X-GZIP", zlib.gzipSync],
    ["br", zlib.brotliCompressSync],
    ["deflate", zlib.deflateSync],
    ["Deflate", zlib.deflateRawSync],
    ["gzip, br", (data) => zlib.brotliCompressSync(zlib.gzipSync(data))],
    ["deflate, identity, gzip", (data) => zlib.gzipSync(zlib.deflateRawSync(data))],
    ["gzip, deflate, br", (data) => zlib.brotliCompressSync(zlib.deflateSync(zlib.gzipSync(data)))],
  ];
  it.each(plain)("reads content-encoding %s", async (coding, encode) => {
    for (const data of [text, noise, Buffer.from("x")]) {
      const headers = coding === "" ? [] : [`Content-Encoding: ${coding}`];
      const reply = await ask(server.port, { headers, body: encode(data) });
      expect(JSON.parse(reply.body)).toMatchObject({ bytes: data.length });
    }
  });

  it.skipIf(!zstd)("reads zstd (needs Node 22.15)", async () => {
    const body = zlib.zstdCompressSync(text);
    const reply = await ask(server.port, { headers: ["Content-Encoding: zstd"], body });
    expect(JSON.parse(reply.body)).toMatchObject({ bytes: text.length });
    for (const length of [1, 5, 10, body.length - 5, body.length - 1]) {
      const cut = await ask(server.port, {
        headers: ["Content-Encoding: zstd"],
        body: body.subarray(0, length),
      });
      expect(cut.status).toBe(400);
    }
  });

  it("reads chunks that split a compressed body at every byte", async () => {
    for (const data of [zlib.deflateSync("hello"), zlib.deflateRawSync("hello")]) {
      const chunks = [...data].map((byte) =>
        Buffer.concat([Buffer.from("1\r\n"), Buffer.from([byte]), Buffer.from("\r\n")]),
      );
      const client = new RawClient(server.port);
      client.write(requestBytes({ headers: ["Transfer-Encoding: chunked", "Content-Encoding: deflate"] }));
      for (const chunk of [...chunks, Buffer.from("0\r\n\r\n")]) client.write(chunk);
      expect(JSON.parse((await client.reply()).body)).toMatchObject({ bytes: 5 });
      client.socket.destroy();
    }
  });

  it("takes an empty body, whatever its encoding", async () => {
    const reply = await ask(server.port, { headers: ["Content-Encoding: gzip"], body: "" });
    expect(JSON.parse(reply.body)).toMatchObject({ bytes: 0 });
  });

  it.each<[string, Buffer]>([
    ["gzip", zlib.gzipSync(text).subarray(0, -9)],
    ["gzip", Buffer.from("this is not gzip")],
    ["br", zlib.brotliCompressSync(text).subarray(0, 20)],
    ["deflate", zlib.deflateSync(text).subarray(0, 30)],
    ["deflate", Buffer.from("x")],
    ["gzip, br", zlib.brotliCompressSync(zlib.gzipSync(text).subarray(0, 50))],
  ])("refuses broken %s with 400", async (coding, body) => {
    const reply = await ask(server.port, { headers: [`Content-Encoding: ${coding}`], body });
    expect(reply.status).toBe(400);
    expect(reply.body).toContain("not valid");
  });

  it.each(["lzma", "constructor", "gzip, gzip, gzip, gzip"])(
    "refuses content-encoding %s with 415",
    async (coding) => {
      const reply = await ask(server.port, { headers: [`Content-Encoding: ${coding}`], body: "x" });
      expect(reply.status).toBe(415);
      expect(JSON.parse(reply.body)).toMatchObject({ error: { type: "invalid_request" } });
    },
  );

  it("stops inflating a zip bomb at the limit", async () => {
    const zeros = Buffer.alloc(64 * MiB);
    const bombs: [string, Buffer][] = [
      ["gzip", zlib.gzipSync(zeros)],
      ["deflate", zlib.deflateRawSync(zeros)],
      ["br", zlib.brotliCompressSync(zeros, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } })],
      ["gzip, gzip", zlib.gzipSync(zlib.gzipSync(zeros))],
      ["deflate, deflate", zlib.deflateSync(zlib.deflateSync(zeros))],
    ];
    for (const [coding, body] of bombs) {
      const before = process.memoryUsage().arrayBuffers;
      const reply = await ask(server.port, { headers: [`Content-Encoding: ${coding}`], body });
      expect(reply.status).toBe(413);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * MiB);
    }
    expect(server.budget.held).toBe(0);
  });

  it("refuses an announced length before a byte is read", async () => {
    const client = new RawClient(server.port).write(
      requestBytes({ headers: [`Content-Length: ${300 * 1024}`] }),
    );
    const reply = await client.reply();
    expect(reply.status).toBe(413);
    expect(reply.body).toContain("limits.bodyBytes");
    await client.closed();
  });

  it("ends its side before it resets the connection of a client that goes on sending", async () => {
    const client = new RawClient(server.port).write(
      requestBytes({ headers: [`Content-Length: ${100 * MiB}`] }),
    );
    client.write(Buffer.alloc(20 * MiB));
    const events: string[] = [];
    for (const name of ["data", "end", "error"]) client.socket.once(name, () => events.push(name));
    await client.closed();
    expect(client.text).toContain("413");
    expect(events.slice(0, 2)).toEqual(["data", "end"]);
  });

  it("gives no 100 Continue to a body that is too large", async () => {
    const small = new RawClient(server.port).write(
      requestBytes({ headers: ["Expect: 100-continue", "Content-Length: 4"] }),
    );
    await small.until((seen) => seen.includes("100 Continue"));
    expect((await small.write("body").reply()).status).toBe(200);
    small.socket.destroy();
    const large = new RawClient(server.port).write(
      requestBytes({ headers: ["Expect: 100-continue", `Content-Length: ${300 * 1024}`] }),
    );
    expect((await large.reply()).status).toBe(413);
    expect(large.text).not.toContain("100 Continue");
    await large.closed();
  });

  it("does not read on when a chunked body grows over the limit", async () => {
    const client = new RawClient(server.port);
    client.write(requestBytes({ headers: ["Transfer-Encoding: chunked"] }));
    const chunk = Buffer.concat([Buffer.from("10000\r\n"), Buffer.alloc(65_536), Buffer.from("\r\n")]);
    let sent = 0;
    const pump = (): void => {
      while (sent < 64 * MiB && !client.socket.destroyed) {
        sent += chunk.length;
        if (!client.socket.write(chunk)) {
          client.socket.once("drain", pump);
          return;
        }
      }
    };
    pump();
    expect((await client.reply()).status).toBe(413);
    await client.closed();
    expect(client.socket.bytesWritten - client.socket.writableLength).toBeLessThan(32 * MiB);
    expect(server.budget.held).toBe(0);
  });

  it("rejects with an abort error when the client goes away", async () => {
    const before = server.outcomes.length;
    const client = new RawClient(server.port)
      .write(requestBytes({ headers: ["Content-Length: 1000"] }))
      .write("part");
    await client.connected();
    while (server.listener.active === 0) await new Promise((resolve) => setImmediate(resolve));
    client.socket.destroy();
    while (server.outcomes.length === before) await new Promise((resolve) => setImmediate(resolve));
    expect(server.outcomes.at(-1)).toMatchObject({ name: "AbortError" });
    expect(server.budget.held).toBe(0);
  });
});

describe("the budget of buffered bytes", () => {
  it("answers 503 when bodies of others fill it, and serves again when they are gone", async () => {
    const server = await start({ budgetLimit: 100_000 });
    const holder = new RawClient(server.port).write(requestBytes({ headers: ["Content-Length: 90000"] }));
    holder.write(Buffer.alloc(80_000));
    while (server.budget.held < 80_000) await new Promise((resolve) => setImmediate(resolve));
    expect((await ask(server.port, { body: Buffer.alloc(30_000) })).status).toBe(503);
    expect(server.outcomes.at(-1)).toMatchObject({ kind: "unavailable", retryAfterMs: expect.any(Number) });
    holder.write(Buffer.alloc(10_000));
    expect((await holder.reply()).status).toBe(200);
    expect((await ask(server.port, { body: Buffer.alloc(30_000) })).status).toBe(200);
    expect(server.budget.held).toBe(0);
    holder.socket.destroy();
    await server.listener.close();
  });
});
