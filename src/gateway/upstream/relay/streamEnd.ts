/** What the end of a stream means that passes through: was all told, was it cut, or can nobody say? */

import type { Protocol } from "../../../control/protocol.ts";
import type { Framing } from "../../protocols/codec.ts";
import { isEnded } from "../../protocols/streamEnd.ts";

/**
 * - `whole`: the reply was told to its end
 * - `unsaid`: it may be whole; a server of one's own left out its protocol's last event
 * - `cut`: it lacks its end
 */
export type StreamEnd = "whole" | "unsaid" | "cut";

/** The warning for such an end. */
export const UNSAID = [
  "stream",
  "the provider's stream ended without the last event of its protocol",
] as const;

export interface EndedStream {
  readonly protocol: Protocol;
  /** The end of what went out, up to an event's end. */
  readonly tail: string;
  /** Did it end in the midst of an event? */
  readonly half: boolean;
  /** Did the framing end, and not only the connection? */
  readonly delimited: boolean;
  /** Is it a server of one's own? Some never send a last event. */
  readonly lenient: boolean;
}

export function endOf({ protocol, tail, half, delimited, lenient }: EndedStream): StreamEnd {
  if (isEnded(protocol, tail, delimited)) return "whole";
  return delimited && lenient && !half ? "unsaid" : "cut";
}

/**
 * Is this, which came behind the last event's end, the beginning of another event that was cut? A last
 * event may lack its empty line.
 */
export function isHalfEvent(rest: Buffer, framing: Framing): boolean {
  const text = rest.toString("utf8");
  // An element of an array ends at its bracket; what is left is the beginning of one, or a comma.
  if (framing === "json-array") return !/^[\s,[\]]*$/.test(text);
  // Comments and pings before the first event may stand in front of it.
  const last = text.split(/\r\n\r\n|\n\n|\r\r/).at(-1) ?? "";
  const lines = last.split(/\r\n|\n|\r/).filter((line) => line !== "" && !line.startsWith(":"));
  if (lines.length === 0) return false;
  const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trimStart());
  if (data.length === 0) return true;
  return !isWholeData(data.join("\n"));
}

/** The data of an event whose end may be missing: JSON, or one of the words that servers send besides. */
export function isWholeData(data: string): boolean {
  if (data === "[DONE]") return true;
  if (!/^[[{]/.test(data)) return data !== "";
  try {
    JSON.parse(data);
    return true;
  } catch {
    return false;
  }
}
