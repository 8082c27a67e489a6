/** Replies that go out before their request's body is in. */
import type { IncomingMessage, ServerResponse } from "node:http";

/** Bytes of a body that are on the wire anyway, and are thrown away in passing. */
const SMALL = 64 * 1024;

/**
 * Says `connection: close` where the rest of the body is too much to wait for: the connection cannot be used again.
 * @param most bytes of a body that is thrown away in passing; 0 where nobody reads on
 */
export function closeIfUnread(request: IncomingMessage, response: ServerResponse, most = SMALL): void {
  if (request.complete || response.headersSent) return;
  const { "content-length": length, "transfer-encoding": transfer } = request.headers;
  if (transfer !== undefined || Number(length ?? 0) > most) response.setHeader("connection", "close");
}
