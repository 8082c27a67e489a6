/** Providers that misbehave on real sockets, each in its own way; the good one says who asked. */
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import net, { type AddressInfo, type Socket } from "node:net";
import tls from "node:tls";
import type { Protocol } from "../../src/control/protocol.ts";
import { RATE_LIMITS, REPLIES, STREAMS } from "./replies.ts";

export const TROUBLES = [
  "refused",
  "resetBefore",
  "resetAfter",
  "halfHeader",
  "stalled",
  "tls",
  "storm",
  "firstError",
  "garbage",
  "slowDrip",
] as const;
export type Trouble = (typeof TROUBLES)[number];

export interface ChaosServer {
  /** `http://…` or `https://…`, without a path. */
  readonly url: string;
  readonly sockets: ReadonlySet<Socket>;
  close(): Promise<void>;
}

/** Whole answers that were sent, by the word that the client asked with. */
export type Answered = Map<string, number>;

export async function startChaos(trouble: Trouble | "good", answered: Answered): Promise<ChaosServer> {
  switch (trouble) {
    case "refused": {
      const server = await listening(net.createServer());
      await server.close();
      return server;
    }
    case "resetBefore":
      return await raw((socket) => socket.resetAndDestroy());
    case "halfHeader":
      return await raw((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-ty"));
    case "garbage":
      return await raw((socket) => socket.end("\x00\xff this is no HTTP at all \r\n\r\n{]"));
    case "tls":
      // Without a certificate no handshake can succeed.
      return await listening(tls.createServer({}), "https");
    default:
      return await listening(http.createServer((req, res) => void reply(trouble, req, res, answered)));
  }
}

/** Acts when the whole request is here, whose body ends in a brace. */
function raw(act: (socket: Socket) => void): Promise<ChaosServer> {
  return listening(
    net.createServer((socket) => {
      socket.on("data", (data) => {
        if (data.includes("}", data.length - 1)) act(socket);
      });
    }),
  );
}

async function listening(server: net.Server, scheme = "http"): Promise<ChaosServer> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    sockets,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function reply(
  trouble: Trouble | "good",
  req: IncomingMessage,
  res: ServerResponse,
  answered: Answered,
): Promise<void> {
  const chunks: Buffer[] = [];
  res.on("error", () => {});
  try {
    for await (const chunk of req) chunks.push(chunk as Buffer);
  } catch {
    return;
  }
  if (req.method === "GET") {
    res.writeHead(404, { "content-type": "application/json" }).end('{"error":{"message":"no list"}}');
    return;
  }
  const body = Buffer.concat(chunks).toString();
  const { protocol, stream } = kindOf(req.url ?? "", body);
  const word = /word-\d+-/.exec(body)?.[0] ?? "nobody";
  const pieces = stream
    ? STREAMS[protocol].map((piece) => piece.replaceAll("wörld", word))
    : [JSON.stringify(REPLIES[protocol]).replaceAll("wörld", word)];
  const type = stream ? "text/event-stream" : "application/json";
  const count = () => answered.set(word, (answered.get(word) ?? 0) + 1);
  switch (trouble) {
    case "storm":
      res.writeHead(429, { "content-type": "application/json", "retry-after": "1" });
      res.end(JSON.stringify(RATE_LIMITS[protocol]));
      return;
    case "firstError":
      res.writeHead(200, { "content-type": type });
      // As aggregators do: whatever the protocol, an object of their own.
      res.end(stream ? FIRST_ERRORS[protocol] : '{"error":{"message":"Overloaded","code":"503"}}');
      return;
    case "resetAfter":
    case "stalled": {
      const first = pieces[0] ?? "";
      // A stream begins well; a whole reply comes half.
      res.writeHead(200, { "content-type": type });
      res.write(stream ? (pieces.slice(0, 3).join("") ?? "") : first.slice(0, first.length / 2));
      if (trouble === "resetAfter") setTimeout(() => req.socket.resetAndDestroy(), 20);
      return;
    }
    case "slowDrip": {
      res.writeHead(200, { "content-type": type });
      const bytes = Buffer.from(pieces.join(""));
      for (let at = 0; at < bytes.length; at += 97) {
        if (res.destroyed) return;
        res.write(bytes.subarray(at, at + 97));
        await new Promise((resolve) => setTimeout(resolve, 4));
      }
      count();
      res.end();
      return;
    }
    default:
      res.writeHead(200, { "content-type": type });
      for (const piece of pieces) res.write(piece);
      count();
      res.end();
  }
}

function kindOf(url: string, body: string): { protocol: Protocol; stream: boolean } {
  if (url.includes("/v1beta/")) return { protocol: "gemini", stream: url.includes("streamGenerate") };
  const stream = /"stream"\s*:\s*true/.test(body);
  if (url.endsWith("/messages")) return { protocol: "anthropic", stream };
  return { protocol: url.endsWith("/responses") ? "openai-responses" : "openai-chat", stream };
}

const FIRST_ERRORS: Readonly<Record<Protocol, string>> = {
  "openai-chat": 'data: {"error":{"message":"Overloaded","type":"server_error","code":"server_error"}}\n\n',
  "openai-responses":
    'event: error\ndata: {"type":"error","code":"server_error","message":"Overloaded","param":null,"sequence_number":0}\n\n',
  anthropic:
    'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n',
  gemini: 'data: {"error":{"code":503,"message":"Overloaded","status":"UNAVAILABLE"}}\n\n',
};
