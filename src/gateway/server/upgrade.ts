/** Requests that ask to change the protocol of their connection. */
import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import type { Upgraded } from "./connections.ts";
import type { GuardPolicy, GuardVerdict } from "./guard/guard.ts";
import { guardRequest } from "./guard/request.ts";
import type { NormalizedPath } from "./paths.ts";
import type { RawReply } from "./rawReplies.ts";
import { routeOf } from "./routes.ts";

export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  /** What came behind the headers. */
  readonly head: Buffer;
  readonly path: NormalizedPath;
  readonly verdict: Extract<GuardVerdict, { ok: true }>;
}

/** @returns what has the socket from now on, where it takes it; it then answers and closes it. */
export type UpgradeHandler = (upgrade: Upgrade) => Upgraded | undefined;

export type UpgradeDecision =
  | { readonly kind: "taken"; readonly by: Upgraded }
  | { readonly kind: "refused"; readonly reply: RawReply; readonly logMessage: string };

export const isWebSocket = (request: IncomingMessage): boolean =>
  request.headers.upgrade?.toLowerCase() === "websocket";

/** The guard, then the handler; without one that takes it, 426 where HTTP would do and 404 elsewhere. */
export function decideUpgrade(
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
  policy: GuardPolicy,
  requestId: string,
  handler: UpgradeHandler | undefined,
): UpgradeDecision {
  const { verdict, path } = guardRequest(request, policy, true);
  if (!verdict.ok) {
    const type = verdict.kind === "authentication" ? "authentication_error" : `${verdict.kind}_error`;
    return {
      kind: "refused",
      reply: { status: verdict.status, type, message: verdict.message, requestId },
      logMessage: verdict.logMessage,
    };
  }
  const by = handler?.({ request, socket, head, path, verdict });
  if (by !== undefined) return { kind: "taken", by };
  const route = routeOf("GET", path);
  if (route.kind === "unknown" || route.kind === "unreadable") {
    const message = "There is no WebSocket at this path.";
    return {
      kind: "refused",
      reply: { status: 404, type: "not_found_error", message, requestId },
      logMessage: `refused upgrade: 404 ${message}`,
    };
  }
  const message = "This path speaks plain HTTP, not WebSocket; send the request over HTTP.";
  return {
    kind: "refused",
    // RFC 9110, 15.5.22: the reply has to name what it would speak.
    reply: {
      status: 426,
      type: "invalid_request_error",
      message,
      requestId,
      headers: { upgrade: "HTTP/1.1", connection: "upgrade, close" },
    },
    logMessage: `refused upgrade: 426 ${message}`,
  };
}

const HOP_BY_HOP: ReadonlySet<string> = new Set(["upgrade", "http2-settings", "connection"]);

/**
 * Some HTTP clients offer h2c with every first request and are content with HTTP/1.1 (RFC 9110, 7.8).
 * Node takes the body away from such a request; so it is put back without the offer and parsed again.
 */
export function replayWithoutUpgrade(
  server: Server,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): void {
  let text = `${request.method} ${request.url} HTTP/${request.httpVersion}\r\n`;
  const { rawHeaders } = request;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    if (!HOP_BY_HOP.has(name.toLowerCase())) text += `${name}: ${rawHeaders[index + 1] ?? ""}\r\n`;
  }
  if (/\bclose\b/i.test(request.headers.connection ?? "")) text += "Connection: close\r\n";
  socket.removeAllListeners("timeout").removeAllListeners("error");
  if (head.length > 0) socket.unshift(head);
  socket.unshift(Buffer.from(`${text}\r\n`, "latin1"));
  server.emit("connection", socket);
}
