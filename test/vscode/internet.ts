/**
 * The providers' own hosts, scripted: a proxy on loopback that ends TLS itself, for the addresses that
 * nobody can set. What is none of them cannot be reached, whatever network the machine has.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { makeCertificate } from "../support/certificate.ts";

export interface Internet {
  /** For VS Code's `http.proxy`. */
  readonly proxy: string;
  /** Path of the certificate to trust. */
  readonly certificate: string;
  close(): Promise<void>;
}

/** A host and a path to a server on loopback; `undefined`: there is no such page. */
export type Places = Readonly<Record<string, (path: string) => string | undefined>>;

export async function startInternet(scratch: string, places: Places): Promise<Internet> {
  const { key, cert, certFile } = makeCertificate(scratch, "internet.test", ...Object.keys(places));
  const sockets = new Set<Duplex>();
  const inside = createTlsServer({ key, cert }, (req, res) => {
    void forward(places, req, res).catch((error: unknown) => res.writeHead(599).end(String(error)));
  });
  const server = createServer();
  server.on("connect", (request: IncomingMessage, socket: Duplex) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    const host = (request.url ?? "").replace(/:443$/, "");
    if (places[host] === undefined) {
      socket.end("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    inside.emit("connection", socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    proxy: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    certificate: certFile,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function forward(places: Places, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const to = places[request.headers.host ?? ""]?.(request.url ?? "/");
  if (to === undefined) {
    response.writeHead(404).end();
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const {
    host,
    connection,
    "content-length": _length,
    "transfer-encoding": _coding,
    ...headers
  } = request.headers;
  const reply = await fetch(to, {
    method: request.method ?? "GET",
    headers: headers as Record<string, string>,
    ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
  });
  response.writeHead(reply.status, { "content-type": reply.headers.get("content-type") ?? "text/plain" });
  response.end(Buffer.from(await reply.arrayBuffer()));
}
