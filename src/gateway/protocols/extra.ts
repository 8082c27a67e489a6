/** Fields that have no canonical place: they ride along for a target of the protocol that they came in. */
import type { Protocol } from "../../control/protocol.ts";
import { type Fields, leftover } from "../common/json.ts";
import type { ExtraFields } from "./chat.ts";

/** What `wire` has beside the fields that are `known`. */
export function extraOf(
  protocol: Protocol,
  wire: Fields,
  known: ReadonlySet<string>,
): { extra?: ExtraFields } {
  const fields = leftover(wire, known);
  return fields === undefined ? {} : { extra: { protocol, fields } };
}

/** The same, where some of them are written already. */
export function extraWith(protocol: Protocol, fields: Fields): { extra?: ExtraFields } {
  return Object.keys(fields).length === 0 ? {} : { extra: { protocol, fields } };
}

/** Those that a target of this protocol gets back. */
export function ownFields(protocol: Protocol, { extra }: { extra?: ExtraFields }): Fields {
  return extra?.protocol === protocol ? extra.fields : {};
}
