/** A provider played by a real HTTP server on loopback: a script decides what each request gets. */
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface Received {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** Resolves when the connection of this request was closed before its reply ended. */
  readonly aborted: Promise<void>;
}

export type Script = (received: Received, res: ServerResponse, req: IncomingMessage) => void | Promise<void>;

export interface Upstream {
  readonly url: string;
  readonly port: number;
  readonly received: Received[];
  /** Connections that are open. */
  readonly sockets: ReadonlySet<Socket>;
  script: Script;
  /** The answer to `GET …/models`; absent: there is no such list. */
  models?: unknown;
  /** Who does not get that list: the error's body with a 401; absent: everybody does. */
  refuse?: (headers: http.IncomingHttpHeaders) => unknown;
  close(): Promise<void>;
}

export async function startUpstream(script: Script): Promise<Upstream> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  const server = http.createServer((req, res) => {
    // The gateway reads model lists and quotas by itself; scripts are for what clients ask.
    if (req.method === "GET" && /\/(?:models|key|user\/balance)(?:\?|$)/.test(req.url ?? "")) {
      const refused = upstream.refuse?.(req.headers);
      if (refused !== undefined) {
        sendJson(res, 401, refused);
        return;
      }
      const list = /\/models\b/.test(req.url ?? "") ? upstream.models : undefined;
      if (list !== undefined) sendJson(res, 200, list);
      else sendJson(res, 404, { error: { message: "nothing of that here" } });
      return;
    }
    const chunks: Buffer[] = [];
    const aborted = new Promise<void>((resolve) => {
      res.on("close", () => {
        if (!res.writableFinished) resolve();
      });
    });
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("error", () => {});
    req.on("end", () => {
      const one: Received = {
        method: req.method ?? "",
        url: req.url ?? "",
        headers: req.headers,
        rawHeaders: req.rawHeaders,
        body: Buffer.concat(chunks),
        aborted,
      };
      received.push(one);
      void upstream.script(one, res, req);
    });
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const upstream: Upstream = {
    url: `http://127.0.0.1:${port}`,
    port,
    received,
    sockets,
    script,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return upstream;
}

export function sendJson(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: http.OutgoingHttpHeaders = {},
): void {
  res.writeHead(status, { "content-type": "application/json", ...headers });
  res.end(JSON.stringify(body));
}

/** Sends an SSE stream in the given pieces, each in a turn of its own. */
export async function sendStream(
  res: ServerResponse,
  pieces: readonly (string | Buffer)[],
  headers: http.OutgoingHttpHeaders = {},
): Promise<void> {
  res.writeHead(200, { "content-type": "text/event-stream", ...headers });
  for (const piece of pieces) {
    res.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  res.end();
}
