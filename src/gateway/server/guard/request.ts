/** From a Node request to the guard's input. */
import type { IncomingMessage } from "node:http";
import { type NormalizedPath, normalizePath } from "../paths.ts";
import { type GuardPolicy, type GuardVerdict, guard } from "./guard.ts";

/**
 * Guards a request as it came from the parser.
 * @returns the verdict and the path, so that nobody has to parse the URL again. A path that cannot
 * be read counts as one that needs the key.
 */
export function guardRequest(
  request: IncomingMessage,
  policy: GuardPolicy,
  upgrade = false,
): { verdict: GuardVerdict; path: NormalizedPath } {
  const path = normalizePath(request.url ?? "");
  const { socket } = request;
  const verdict = guard({
    peerAddress: socket.remoteAddress,
    localAddress: socket.localAddress,
    localPort: socket.localPort ?? 0,
    method: request.method ?? "",
    health: path.ok && path.path === "/healthz",
    headers: request.headers,
    rawHeaders: request.rawHeaders,
    upgrade,
    queryKey: path.key,
    policy,
  });
  return { verdict, path };
}
