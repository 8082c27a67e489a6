/**
 * Was a stream told to its end? Many clients hang up at the last event of their protocol, and some
 * providers leave their streams open behind it: either way the reply was whole.
 */
import type { Protocol } from "../../control/protocol.ts";
import { WIRES } from "./wires.ts";

/** @param text the end of what went out, up to an event's end; may begin in the midst of one */
export function isFinished(protocol: Protocol, text: string): boolean {
  return WIRES[protocol].streamEnding.isFinished(text);
}

/**
 * The same for a stream that its provider has ended: some leave out the last event, yet say why the reply
 * ended. A client may hang up between the two, so for clients this is not enough.
 * @param delimited did the framing end, and not only the connection?
 */
export function isEnded(protocol: Protocol, text: string, delimited: boolean): boolean {
  const { streamEnding } = WIRES[protocol];
  return streamEnding.isFinished(text) || streamEnding.saysWhy?.(text, delimited) === true;
}
