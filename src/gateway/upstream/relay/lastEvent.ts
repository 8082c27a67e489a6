/**
 * The event with which a protocol ends its streams, found among whole events. A word that next to no
 * other event has is looked for in the bytes; only where it stands are lines looked at.
 */
import type { Protocol } from "../../../control/protocol.ts";
import { WIRES } from "../../protocols/wires.ts";

/**
 * @param events whole events of a stream of server-sent events; of an event that is too large to hold,
 *   its beginning
 */
export function holdsLastEvent(protocol: Protocol, events: Buffer): boolean {
  const { last } = WIRES[protocol].streamEnding;
  return last !== undefined && events.includes(last.word) && last.isAmong(events.toString("latin1"));
}
