/**
 * The control API on the wire: a WebSocket on a loopback port of its own, under a random token. Web
 * pages are refused by their `Origin`, rebound names by their `Host`, everyone else by the token. Our own
 * page, which the same port serves to a browser, shows the cookie of its session instead.
 */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { Channel } from "../../control/channel.ts";
import type { EventName, Events } from "../../control/contract.ts";
import { whyRefused } from "../common/fileFailure.ts";
import type { Clock, Log } from "../common/ports.ts";
import { Connections } from "../server/connections.ts";
import { type ControlAddress, removeAddress, writeAddress } from "./address.ts";
import { admit, isOwnHost } from "./admission.ts";
import { isWatchedEvent, type ServeFor } from "./caller.ts";
import type { Session } from "./dashboard/access.ts";
import { Dashboard, type DashboardLink } from "./dashboard/dashboard.ts";
import { dashboardElsewhere } from "./elsewhere.ts";
import { MAX_PAYLOAD, socketWire } from "./socketWire.ts";

/** Bytes that may wait for a client that does not read; then it is cut. */
export const MAX_BEHIND = 8 * MAX_PAYLOAD;

export interface ControlServerOptions {
  serve: ServeFor;
  log: Log;
  version: string;
  /** Path of `gateway.json`. */
  addressFile: string;
  /** A client wants other events than before. */
  onWatch?: () => void;
  maxClients?: number;
  /** Any that is free by default. */
  port?: number | undefined;
  /** Where those that run on this computer leave word of themselves. */
  runtimeDir?: string | undefined;
  /** For browsers; absent: there is none. */
  dashboard?:
    | {
        /** Of the pages' bundle. */
        folder: string;
        /** Where files that lead to the dashboard are put; only this user may read there. */
        links: string;
        clock: Clock;
      }
    | undefined;
}

export interface ControlServer {
  readonly address: ControlAddress;
  /** Clients attached. */
  readonly clients: number;
  /** Somebody wants to hear it. */
  wants(event: EventName): boolean;
  /** To every client, or to those that watch it. */
  emit<E extends EventName>(event: E, data: Events[E]): void;
  /**
   * An address that opens the dashboard once; `undefined`: there is none.
   * @param inFile with a file that leads there
   * @param portOf the dashboard of the other Portico whose proxy has this port
   */
  dashboardLink(inFile?: boolean, portOf?: number): Promise<DashboardLink | undefined>;
  /** Writes `gateway.json` once more, where it is gone. @throws FileFailure */
  readvertise(): Promise<void>;
  /** Closes every client and removes `gateway.json`. @returns how many clients were attached */
  close(): Promise<number>;
}

interface Client {
  watched: ReadonlySet<EventName>;
}

/** @throws when the port cannot be had */
export async function openControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const { log, maxClients = 64 } = options;
  const token = randomBytes(32).toString("base64url");
  const clients = new Map<Channel, Client>();
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD, perMessageDeflate: false });
  const dashboard =
    options.dashboard === undefined ? undefined : new Dashboard({ ...options.dashboard, log });
  // Also those that show no token have a place, but not for long, and never the last one.
  const connections = new Connections(2 * maxClients, () =>
    log.warn("control: refused a connection: all are at work"),
  );
  const limits = {
    maxHeaderSize: 16 * 1024,
    headersTimeout: 5000,
    requestTimeout: 10_000,
    connectionsCheckingInterval: 1000,
  };
  const http = createServer(limits, (request, response) => {
    connections.begin(request, response);
    const { localPort } = request.socket;
    if (dashboard === undefined || localPort === undefined) response.writeHead(404).end();
    else if (!isOwnHost(request.headers.host, localPort)) response.writeHead(403).end();
    else dashboard.answer(request, response);
  });
  connections.watch(http);

  http.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A client that goes away in the middle is nobody's concern.
    socket.on("error", () => socket.destroy());
    const { headers } = request;
    const { localPort } = request.socket;
    let session: Session | undefined;
    const bySession = (open: Dashboard, port: number) => () => {
      session = open.session(headers, port);
      return session !== undefined;
    };
    const who = admit({
      headers,
      port: localPort,
      token,
      session:
        dashboard === undefined || localPort === undefined ? undefined : bySession(dashboard, localPort),
    });
    const status = typeof who === "number" ? who : clients.size >= maxClients ? 503 : undefined;
    if (status !== undefined) {
      log.warn("control: refused a connection", { status });
      socket.end(
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
      return;
    }
    // Closed with the server, which tells its clients nothing.
    connections.upgrade(request.socket, { finish() {}, cut() {} });
    sockets.handleUpgrade(request, socket, head, (open) => {
      const client: Client = { watched: new Set() };
      const onBehind = () => log.warn("control: a client fell behind and was cut");
      const release = who === "browser" ? session?.hold() : undefined;
      const channel: Channel = new Channel(socketWire(open, { maxBehind: MAX_BEHIND, onBehind }), {
        serve: options.serve({
          browser: who === "browser",
          watch: (events) => {
            client.watched = new Set(events);
            options.onWatch?.();
          },
        }),
        maxPending: 64,
        onClose: () => {
          clients.delete(channel);
          release?.();
        },
      });
      clients.set(channel, client);
    });
  });

  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    http.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  http.on("error", (error) => log.error(`control: ${error.message}`));
  const { port } = http.address() as AddressInfo;
  const address = {
    pid: process.pid,
    version: options.version,
    address: `ws://127.0.0.1:${port}`,
    token,
  };
  try {
    await writeAddress(options.addressFile, address);
  } catch (error) {
    http.close();
    throw error;
  }

  const hears = ({ watched }: Client, event: EventName) => !isWatchedEvent(event) || watched.has(event);

  return {
    address,
    get clients() {
      return clients.size;
    },
    wants: (event) => [...clients.values()].some((client) => hears(client, event)),
    emit(event, data) {
      for (const [channel, client] of clients) {
        if (hears(client, event)) channel.emit(event, data);
      }
    },
    dashboardLink: async (inFile = false, portOf = undefined) =>
      portOf === undefined
        ? await dashboard?.link(port, inFile)
        : await dashboardElsewhere(options.runtimeDir, portOf, inFile),
    readvertise: () => writeAddress(options.addressFile, address),
    async close() {
      // One that stays leads nobody anywhere: nobody listens there, and the next leader writes its own.
      await removeAddress(options.addressFile, address).catch((error: unknown) =>
        log.warn(`control: gateway.json could not be removed: ${whyRefused(error)}`),
      );
      await dashboard?.close();
      const attached = clients.size;
      for (const channel of [...clients.keys()]) channel.close();
      for (const client of sockets.clients) client.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      return attached;
    },
  };
}
