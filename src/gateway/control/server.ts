/**
 * The control API on the wire: a WebSocket on a loopback port of its own, under a random token. Web
 * pages are refused by their `Origin`, rebound names by their `Host`, everyone else by the token.
 */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { EventName, Events } from "../../control/contract.ts";
import { hasKey, presentedKeys } from "../http/guardKey.ts";
import type { Log } from "../ports.ts";
import { type ControlAddress, removeAddress, writeAddress } from "./address.ts";
import { Channel, type Serve } from "./channel.ts";
import { socketWire } from "./socketWire.ts";

/** Bytes of one message. */
export const MAX_PAYLOAD = 1024 * 1024;
/** Bytes that may wait for a client that does not read; then it is cut. */
const MAX_BEHIND = 8 * MAX_PAYLOAD;

export interface ControlServerOptions {
  serve: Serve;
  log: Log;
  version: string;
  /** Path of `gateway.json`. */
  addressFile: string;
  maxClients?: number;
}

export interface ControlServer {
  readonly address: ControlAddress;
  /** Clients attached. */
  readonly clients: number;
  /** To every client. */
  emit<E extends EventName>(event: E, data: Events[E]): void;
  /** Closes every client and removes `gateway.json`. */
  close(): Promise<void>;
}

export async function openControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const { log, maxClients = 64 } = options;
  const token = randomBytes(32).toString("base64url");
  const channels = new Map<Channel, WebSocket>();
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD, perMessageDeflate: false });
  const http = createServer((_request, response) => {
    response.writeHead(404).end();
  });
  http.headersTimeout = 5000;
  http.maxConnections = 2 * maxClients;

  http.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A client that goes away in the middle is nobody's concern.
    socket.on("error", () => socket.destroy());
    const status = refusal(request, token, channels.size >= maxClients);
    if (status !== undefined) {
      log.warn("control: refused a connection", { status });
      socket.end(
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      const channel: Channel = new Channel(socketWire(client), {
        serve: options.serve,
        maxPending: 64,
        onClose: () => channels.delete(channel),
      });
      channels.set(channel, client);
    });
  });

  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    http.listen(0, "127.0.0.1", resolve);
  });
  http.on("error", (error) => log.error(`control: ${error.message}`));
  const { port } = http.address() as AddressInfo;
  const address = {
    pid: process.pid,
    version: options.version,
    address: `ws://127.0.0.1:${port}`,
    token,
  };
  await writeAddress(options.addressFile, address);

  return {
    address,
    get clients() {
      return channels.size;
    },
    emit(event, data) {
      for (const [channel, client] of channels) {
        if (client.bufferedAmount > MAX_BEHIND) {
          log.warn("control: a client fell behind and was cut");
          client.terminate();
        } else channel.emit(event, data);
      }
    },
    async close() {
      await removeAddress(options.addressFile);
      for (const channel of [...channels.keys()]) channel.close();
      for (const client of sockets.clients) client.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

/** @returns the HTTP status to refuse an upgrade with, or `undefined` where it is welcome. */
function refusal(request: IncomingMessage, token: string, full: boolean): number | undefined {
  const { host, origin, authorization } = request.headers;
  if (origin !== undefined) return 403;
  const port = request.socket.localPort;
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) return 403;
  if (!hasKey(presentedKeys({ authorization }, undefined), token)) return 401;
  return full ? 503 : undefined;
}
