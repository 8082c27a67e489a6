import { once } from "node:events";
import http from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { FramedResponse } from "../../../src/gateway/server/framedResponse.ts";
import fc from "../../support/property.ts";

type Chunk = Buffer | string;
interface Reply {
  readonly headers: http.OutgoingHttpHeaders;
  readonly chunks: readonly Chunk[];
  readonly last?: Chunk;
}

const servers: http.Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(options: object, handle: http.RequestListener): Promise<number> {
  const server = http.createServer(options, handle);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function bytesOf(port: number, request: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(request);
  const read: Buffer[] = [];
  for await (const chunk of socket) read.push(chunk as Buffer);
  return Buffer.concat(read).toString("latin1");
}

const GET = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

/** What is on the wire of each reply: as Node writes it, and as we do. */
async function both(replies: readonly Reply[], request = GET): Promise<[string, string][]> {
  let current: Reply = { headers: {}, chunks: [] };
  const handle: http.RequestListener = (_request, response) => {
    const { headers, chunks, last } = current;
    response.writeHead(200, { date: "now", ...headers });
    for (const chunk of chunks) response.write(chunk);
    response.end(last);
  };
  const [node, own] = [await serve({}, handle), await serve({ ServerResponse: FramedResponse }, handle)];
  const out: [string, string][] = [];
  for (const reply of replies) {
    current = reply;
    out.push([await bytesOf(node, request), await bytesOf(own, request)]);
  }
  return out;
}

describe("a response whose chunks are framed here", () => {
  it("is on the wire what Node's own is, whatever is written", async () => {
    const chunk = fc.oneof(
      fc.string({ maxLength: 40, unit: "binary" }),
      fc.string({ maxLength: 9000, unit: "grapheme" }),
      fc.constantFrom("", Buffer.alloc(0), Buffer.alloc(16 * 1024, 1), Buffer.alloc(16 * 1024 + 1, 2)),
      fc.uint8Array({ maxLength: 5000 }).map((bytes) => Buffer.from(bytes)),
    );
    const reply = fc.record(
      {
        headers: fc.constantFrom<http.OutgoingHttpHeaders>(
          {},
          { "x-name": "caf\u00e9" },
          { "content-type": "text/event-stream" },
        ),
        chunks: fc.array(chunk, { maxLength: 6 }),
        last: chunk,
      },
      { requiredKeys: ["headers", "chunks"] },
    );
    for (const [node, own] of await both(fc.sample(reply, 200))) expect(own).toBe(node);
  });

  it("has no frames where a reply has a length, a client is of HTTP/1.0, or wants the head alone", async () => {
    const sized: Reply = { headers: { "content-length": 4 }, chunks: ["ab", Buffer.from("cd")] };
    for (const [node, own] of await both([sized])) {
      expect(own).toBe(node);
      expect(own).toMatch(/\r\n\r\nabcd$/);
    }
    const plain: Reply = { headers: {}, chunks: ["ab", "cd"], last: "ef" };
    const old = await both([plain], "GET / HTTP/1.0\r\nhost: x\r\n\r\n");
    const head = await both([plain], "HEAD / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    for (const [node, own] of [...old, ...head]) expect(own).toBe(node);
    expect(old[0]?.[1]).toMatch(/\r\n\r\nabcdef$/);
  });

  it("waits for a client that reads slowly, and says when it may go on", async () => {
    let full = 0;
    let sent = 0;
    const chunk = Buffer.alloc(8000, 97);
    const port = await serve({ ServerResponse: FramedResponse }, (_request, response) => {
      const more = () => {
        while (sent < 2000) {
          sent++;
          if (!response.write(chunk)) {
            full++;
            response.once("drain", more);
            return;
          }
        }
        response.end();
      };
      more();
    });
    const socket = connect(port, "127.0.0.1");
    socket.write(GET);
    await expect.poll(() => full).toBeGreaterThan(0);
    expect(sent).toBeLessThan(2000);
    let bytes = 0;
    for await (const read of socket) bytes += (read as Buffer).length;
    expect(sent).toBe(2000);
    expect(bytes).toBeGreaterThan(2000 * 8000);
  });
});
