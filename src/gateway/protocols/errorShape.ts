/** Whether an error body is one that clients of its protocol can read. */

import type { Protocol } from "../../control/protocol.ts";
import { isRecord } from "../common/json.ts";

/** Bytes; a longer one is no error object. */
const MAX_BYTES = 256 * 1024;

/**
 * Edges, load balancers and aggregators answer in HTML, in text or in a shape of their own: such a
 * body is not passed on, because no SDK would find the message in it.
 */
export function hasErrorShape(protocol: Protocol, body: Buffer): boolean {
  if (body.length === 0 || body.length > MAX_BYTES) return false;
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    return false;
  }
  // Gemini's streams wrap theirs in an array.
  const outer = protocol === "gemini" && Array.isArray(value) ? value[0] : value;
  if (!isRecord(outer)) return false;
  const { error } = outer;
  switch (protocol) {
    case "anthropic":
      return outer.type === "error" && isRecord(error) && typeof error.message === "string";
    case "gemini":
      return isRecord(error) && typeof error.code === "number" && typeof error.message === "string";
    case "openai-chat":
    case "openai-responses":
      // Compatible providers differ in the rest; `message` or `detail` alone is what some send.
      return (
        (isRecord(error) && typeof error.message === "string") ||
        typeof error === "string" ||
        (outer.type === undefined && (typeof outer.message === "string" || outer.detail !== undefined))
      );
  }
}
