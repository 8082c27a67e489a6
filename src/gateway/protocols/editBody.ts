/**
 * What a person's own route changes in a request that goes through in its own protocol. The body is
 * written anew then; all that the edit does not name stays.
 */

import type { Protocol } from "../../control/protocol.ts";
import type { Fields } from "../common/json.ts";
import type { EditPlace } from "./bodyEdits.ts";
import type { Effort } from "./chat.ts";
import { WIRES } from "./wires.ts";

/** What a person's own route changes in a request. */
export interface RouteEdit {
  /** How much to think, whatever the client asked for. */
  readonly effort?: Effort | undefined;
  /** Tokens of a reply at most; a lower limit of the client's own stays. */
  readonly maxTokens?: number | undefined;
  /** Put before the client's own system text. */
  readonly systemPrefix?: string | undefined;
}

export interface EditTarget extends EditPlace {
  readonly protocol: Protocol;
}

/** A copy of a chat request's parsed body, as the route wants it. */
export function editBody(body: Fields, edit: RouteEdit, target: EditTarget): Fields {
  const { edits } = WIRES[target.protocol];
  let edited = body;
  if (edit.systemPrefix !== undefined) edited = edits.withPrefix(edited, edit.systemPrefix);
  if (edit.maxTokens !== undefined) edited = edits.withLimit(edited, edit.maxTokens, target);
  if (edit.effort !== undefined) edited = edits.withEffort(edited, edit.effort, target);
  return edited;
}
