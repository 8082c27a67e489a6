/** The listener: addresses, time-outs, limits, upgrades, and a stop that lets requests end. */
import { randomUUID } from "node:crypto";
import * as http from "node:http";
import type { Socket } from "node:net";
import type { PorticoError } from "../common/errors.ts";
import { type Clock, type Log, systemClock } from "../common/ports.ts";
import { bindAll, closeAll } from "./bind.ts";
import { DEFAULT_BODY_BYTES } from "./body/read.ts";
import { Connections } from "./connections.ts";
import { FramedResponse } from "./framedResponse.ts";
import type { GuardPolicy } from "./guard/guard.ts";
import { guardRequest } from "./guard/request.ts";
import { findPortHolder } from "./portHolder.ts";
import { endWith } from "./rawReplies.ts";
import { decideUpgrade, isWebSocket, replayWithoutUpgrade, type UpgradeHandler } from "./upgrade.ts";

/** All in milliseconds. */
export interface ListenerTimeouts {
  /** For all headers of a request, from the connection's first moment or the request's first byte. */
  readonly headers: number;
  /** For a whole request; long, for big bodies over slow lines. */
  readonly request: number;
  /** Without a byte while a body arrives. */
  readonly bodyIdle: number;
  /** For an unused connection; longer than the pools of SDKs keep theirs, so that they close first. */
  readonly keepAlive: number;
  /** How often the first two are checked. */
  readonly check: number;
}

export const DEFAULT_TIMEOUTS: ListenerTimeouts = {
  headers: 10_000,
  request: 3_600_000,
  bodyIdle: 120_000,
  keepAlive: 120_000,
  check: 1000,
};

/** Milliseconds in which a client that was cut can take in why. */
const LAST_WORDS_MS = 500;

/** Bytes of all headers; browsers bring the cookies of every other port of localhost. */
const MAX_HEADER_BYTES = 64 * 1024;

export interface ListenOptions {
  /** 0: any free one, the same for both families. */
  readonly port: number;
  readonly allowLanAccess: boolean;
  /** Exactly this address instead of the usual ones. */
  readonly host?: string | undefined;
  readonly maxConnections: number;
  /** Asked again for each upgrade, so that changes apply at once. */
  readonly policy: () => GuardPolicy;
  readonly onRequest: http.RequestListener;
  readonly onUpgrade?: UpgradeHandler | undefined;
  readonly log: Log;
  /** Larger announced bodies get no `100 Continue`. */
  readonly bodyBytes?: (() => number) | undefined;
  readonly timeouts?: Partial<ListenerTimeouts> | undefined;
  readonly clock?: Clock | undefined;
  /** For replies that never reach `onRequest`. */
  readonly newRequestId?: (() => string) | undefined;
}

export interface HttpListener {
  readonly port: number;
  /** Where it listens: `127.0.0.1`, `::1`. */
  readonly addresses: readonly string[];
  /** Requests and upgraded connections in flight. */
  readonly active: number;
  readonly connections: number;
  /**
   * Frees the port at once, closes idle connections, lets requests end for up to `drainMs`
   * milliseconds, then cuts them. May be called again with less time.
   * @param why for those that are cut: they have a moment to say it; absent: their sockets are closed
   */
  close(drainMs?: number, why?: PorticoError): Promise<void>;
}

export type ListenResult =
  | { readonly ok: true; readonly listener: HttpListener }
  | {
      readonly ok: false;
      readonly reason: "port-in-use" | "not-permitted" | "other";
      readonly message: string;
      readonly holder?: string;
      /** Base URL of another Portico that has the port. */
      readonly other?: string;
    };

/** Opens the port. Does not throw for what a person can mend. */
export async function listen(options: ListenOptions): Promise<ListenResult> {
  const { log, clock = systemClock, maxConnections } = options;
  let refusals = 0;
  const connections = new Connections(maxConnections, () => {
    // The first, then ever more rarely: a flood of connections must not flood the log.
    refusals++;
    if ((refusals & (refusals - 1)) !== 0) return;
    log.warn("connection refused: all that limits.connections allows are at work", {
      limit: maxConnections,
      refusals,
    });
  });

  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const end = ending(options, connections);
  const bound = await bindAll(options, () => createServer(options, timeouts, connections, end), log);
  if (!bound.ok) {
    if (bound.reason !== "port-in-use") return bound;
    const holder = await findPortHolder(options.port, bound.address);
    const { name: by = "another program", other } = holder ?? {};
    const message =
      other === undefined
        ? `Port ${options.port} is taken by ${by}. Stop that, or choose another port.`
        : `Port ${options.port} is taken by ${by}. Use that one, or choose another port.`;
    return {
      ok: false,
      reason: bound.reason,
      message,
      ...(holder === undefined ? {} : { holder: by }),
      ...(other === undefined ? {} : { other }),
    };
  }

  const unwatch = watchBodies(timeouts, connections, end, clock);
  let closed: Promise<void> | undefined;
  const close = async (drainMs = 0, why?: PorticoError): Promise<void> => {
    closed ??= closeAll(bound.servers);
    connections.drain();
    let timer = clock.setTimeout(() => {
      if (why !== undefined) connections.cutAll(why);
      timer = clock.setTimeout(() => connections.destroyAll(), why === undefined ? 0 : LAST_WORDS_MS);
    }, drainMs);
    await closed;
    await connections.whenEmpty();
    unwatch();
    timer.cancel();
  };
  return {
    ok: true,
    listener: {
      port: bound.port,
      addresses: bound.addresses,
      get active() {
        return connections.active;
      },
      get connections() {
        return connections.size;
      },
      close,
    },
  };
}

type EndOrDestroy = (socket: Socket, status: number, type: string, message: string) => void;

/** Ends a request from outside of it: with a reply where none has begun. */
function ending({ log, newRequestId = randomUUID }: ListenOptions, connections: Connections): EndOrDestroy {
  return (socket, status, type, message) => {
    const requestId = newRequestId();
    log.info("request ended early", { status, reason: message, requestId });
    if (connections.isReplying(socket)) socket.destroy();
    else endWith(socket, { status, type, message, requestId });
  };
}

/** A body has to keep coming; a reply may take as long as it likes. @returns ends it */
function watchBodies(
  { bodyIdle, check }: ListenerTimeouts,
  connections: Connections,
  end: EndOrDestroy,
  clock: Clock,
): () => void {
  const look = () => {
    for (const socket of connections.stalled(clock.monotonic(), bodyIdle)) {
      end(socket, 408, "timeout_error", "The request body stopped arriving.");
    }
    timer = clock.setTimeout(look, Math.min(check, bodyIdle / 4));
  };
  let timer = clock.setTimeout(look, Math.min(check, bodyIdle / 4));
  return () => timer.cancel();
}

function createServer(
  options: ListenOptions,
  timeouts: ListenerTimeouts,
  connections: Connections,
  endOrDestroy: EndOrDestroy,
): http.Server {
  const { log, newRequestId = randomUUID, bodyBytes = () => DEFAULT_BODY_BYTES } = options;
  const server = http.createServer({
    ServerResponse: FramedResponse,
    headersTimeout: timeouts.headers,
    requestTimeout: timeouts.request,
    keepAliveTimeout: timeouts.keepAlive,
    connectionsCheckingInterval: timeouts.check,
    maxHeaderSize: MAX_HEADER_BYTES,
    // The guard answers for a missing Host, in the client's own protocol.
    requireHostHeader: false,
    noDelay: true,
  });
  // Node drops headers beyond a count without a word; one that says "forwarded" could be among them.
  server.maxHeadersCount = 0;
  connections.watch(server);

  const onRequest: http.RequestListener = (request, response) => {
    connections.begin(request, response);
    options.onRequest(request, response);
  };

  // Accepting can fail long after listening, e.g. without file descriptors left; the rest goes on.
  // What goes wrong before, whoever asked for the port is told.
  server.on("error", (error) => {
    if (server.listening) log.warn("connections cannot be taken", { reason: error.message });
  });
  server.on("request", onRequest);
  server.on("checkContinue", (request: http.IncomingMessage, response: http.ServerResponse) => {
    const announced = Number(request.headers["content-length"] ?? 0);
    if (announced <= bodyBytes() && guardRequest(request, options.policy()).verdict.ok)
      response.writeContinue();
    onRequest(request, response);
  });
  server.on("clientError", (error: NodeJS.ErrnoException, stream) => {
    const socket = stream as Socket;
    if (error.code === "ECONNRESET" || !socket.writable) {
      socket.destroy();
      return;
    }
    const [status, type, message] = clientErrorReply(error.code ?? "");
    endOrDestroy(socket, status, type, message);
  });
  server.on("connect", (_request, stream) => {
    endOrDestroy(stream as Socket, 405, "invalid_request_error", "Portico is not a forward proxy.");
  });
  server.on("upgrade", (request, stream, head) => {
    const socket = stream as Socket;
    if (!isWebSocket(request)) {
      replayWithoutUpgrade(server, request, socket, head);
      return;
    }
    socket.on("error", () => socket.destroy());
    const decision = decideUpgrade(
      request,
      socket,
      head,
      options.policy(),
      newRequestId(),
      options.onUpgrade,
    );
    if (decision.kind === "taken") {
      connections.upgrade(socket, decision.by);
      return;
    }
    log.info(decision.logMessage, { requestId: decision.reply.requestId });
    endWith(socket, decision.reply);
  });
  return server;
}

function clientErrorReply(code: string): [status: number, type: string, message: string] {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return [
        431,
        "invalid_request_error",
        `The request's headers are larger than ${MAX_HEADER_BYTES / 1024} KiB.`,
      ];
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return [413, "invalid_request_error", "The body's chunk extensions are too large."];
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return [408, "timeout_error", "The request did not arrive in time."];
    default:
      return [400, "invalid_request_error", "This is not a valid HTTP/1.1 request."];
  }
}
