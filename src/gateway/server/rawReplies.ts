/** Replies written straight to a socket, where no `ServerResponse` exists or may be trusted. */
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";

/** Milliseconds a client gets to read a last reply before unread bytes of its own reset the connection. */
const LINGER_MS = 500;

export interface RawReply {
  readonly status: number;
  /** Machine-readable: `invalid_request_error`. */
  readonly type: string;
  readonly message: string;
  readonly requestId: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A whole HTTP/1.1 reply that ends the connection. Its JSON has the members that OpenAI's,
 * Anthropic's and Google's clients look for: before a path is known, no protocol is.
 */
export function rawReply(reply: RawReply): string {
  const { status, type, message, requestId } = reply;
  const body = JSON.stringify({
    type: "error",
    error: { type, code: status, message, status: type.toUpperCase() },
    request_id: requestId,
  });
  const headers: Record<string, string> = {
    "content-type": "application/json; charset=utf-8",
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
    "x-content-type-options": "nosniff",
    "x-request-id": requestId,
    ...reply.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}\r\n${lines.join("")}\r\n${body}`;
}

/** Sends the reply and closes, without a reset that would overtake it. */
export function endWith(socket: Socket, reply: RawReply): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(rawReply(reply));
  destroyLater(socket);
}

/** Destroys the socket after the linger time. */
export function destroyLater(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(timer));
}
