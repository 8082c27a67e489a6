/**
 * Where a browser comes back to after a sign-in: a listener on 127.0.0.1 and, where there is one, ::1,
 * on the same free port, for as long as the sign-in takes. https://www.rfc-editor.org/rfc/rfc8252#section-7.3
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { codeOf } from "../../../common/dataFolder.ts";
import { messageOf, PorticoError } from "../../../common/errors.ts";
import { type Page, pageHtml } from "./page.ts";

/** Ports tried until one is free on both addresses. */
const PORT_TRIES = 10;

export interface LoopbackOptions {
  /** Answers what came back, with what the person then reads; `undefined`: not for us. */
  readonly onRequest: (url: URL) => Promise<Page | undefined>;
  /** Port to try at each attempt; 0: any that is free. */
  readonly portFor?: (attempt: number) => number;
}

export interface Loopback {
  readonly port: number;
  /** Lets the last page go out, then closes. */
  close(): void;
}

/** @throws PorticoError `unavailable` when no port can be had */
export async function listenOnLoopback({ onRequest, portFor }: LoopbackOptions): Promise<Loopback> {
  let last: unknown;
  for (let attempt = 0; attempt < PORT_TRIES; attempt++) {
    const servers: Server[] = [];
    try {
      const first = await open("127.0.0.1", portFor?.(attempt) ?? 0, onRequest);
      servers.push(first.server);
      const second = await open("::1", first.port, onRequest).catch((error: unknown) => {
        if (hasNoIpv6(error)) return undefined;
        throw error;
      });
      if (second !== undefined) servers.push(second.server);
      return { port: first.port, close: () => servers.forEach(closeSoon) };
    } catch (error) {
      servers.forEach(closeSoon);
      last = error;
      if (codeOf(error) !== "EADDRINUSE" && codeOf(error) !== "EACCES") break;
    }
  }
  const why = messageOf(last);
  throw new PorticoError(
    "unavailable",
    `No port could be opened on this computer for the browser to come back to (${why}).`,
    { cause: last },
  );
}

function hasNoIpv6(error: unknown): boolean {
  return codeOf(error) === "EADDRNOTAVAIL" || codeOf(error) === "EAFNOSUPPORT" || codeOf(error) === "EINVAL";
}

async function open(
  host: string,
  port: number,
  onRequest: LoopbackOptions["onRequest"],
): Promise<{ server: Server; port: number }> {
  const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 10_000 }, (request, response) => {
    void answer(request, response, onRequest);
  });
  server.maxConnections = 20;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, resolve);
  });
  return { server, port: (server.address() as AddressInfo).port };
}

function closeSoon(server: Server): void {
  server.close();
  server.closeIdleConnections();
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  onRequest: LoopbackOptions["onRequest"],
): Promise<void> {
  const { port } = request.socket.address() as AddressInfo;
  // A name that was rebound to this computer is not how a browser gets here.
  const local = ["127.0.0.1", "localhost", "[::1]"].some(
    (host) => request.headers.host === `${host}:${port}`,
  );
  const url = URL.parse(request.url ?? "", `http://127.0.0.1:${port}`);
  let page: Page | undefined;
  if (local && request.method === "GET" && url !== null) {
    page = await onRequest(url).catch(() => ({
      ok: false,
      text: "Portico failed. Its log has the details.",
    }));
  }
  response.writeHead(page === undefined ? 404 : page.ok ? 200 : 400, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "cache-control": "no-store",
    // The address holds the code.
    "referrer-policy": "no-referrer",
    connection: "close",
  });
  response.end(pageHtml(page ?? { ok: false, text: "There is nothing here." }));
}
