/** Whether an error body is one that clients of its protocol can read. */

import type { Protocol } from "../../control/protocol.ts";
import { parseJson } from "../common/json.ts";
import { WIRES } from "./wires.ts";

/** Bytes; a longer one is no error object. */
const MAX_BYTES = 256 * 1024;

/**
 * Edges, load balancers and aggregators answer in HTML, in text or in a shape of their own: such a
 * body is not passed on, because no SDK would find the message in it.
 */
export function hasErrorShape(protocol: Protocol, body: Buffer): boolean {
  if (body.length === 0 || body.length > MAX_BYTES) return false;
  return WIRES[protocol].isError(parseJson(body.toString("utf8")));
}
