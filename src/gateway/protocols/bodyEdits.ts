/** What a protocol knows of changing a chat request's body, as a person's own route wants it. */
import type { Fields } from "../common/json.ts";
import type { Effort } from "./chat.ts";

/** Where the request goes. */
export interface EditPlace {
  /** Id of the provider. */
  readonly provider: string;
  /** The model's name there. */
  readonly model: string;
}

/** Each gives a copy of a parsed body; all that it does not change stays. */
export interface BodyEdits {
  /** Puts a text before the client's own system text. */
  withPrefix(body: Fields, prefix: string): Fields;
  /** @param limit tokens of a reply at most; a lower one of the client's own stays */
  withLimit(body: Fields, limit: number, place: EditPlace): Fields;
  withEffort(body: Fields, effort: Effort, place: EditPlace): Fields;
  /** Tokens that the client wants of a reply at most; `undefined`: it states none. */
  outputLimit(body: Fields): number | undefined;
}

/** The client's own limit, where it is the lower one. */
export function lowered(own: unknown, limit: number): number {
  return typeof own === "number" ? Math.min(own, limit) : limit;
}
