/** Whether a whole reply is JSON, told without parsing it. */
import type { IncomingHttpHeaders } from "node:http";

export const isJsonType = (headers: IncomingHttpHeaders): boolean =>
  /^application\/json\b/i.test(headers["content-type"] ?? "");

/** Goes by the first and the last character: the client reads the rest. */
export function looksLikeJson(body: Buffer): boolean {
  const edges = `${body.toString("latin1", 0, 64).trimStart().slice(0, 1)}${body
    .toString("latin1", Math.max(0, body.length - 64))
    .trimEnd()
    .slice(-1)}`;
  return edges === "{}" || edges === "[]";
}
