/** One feature of a request: how each client says it, and what each target's protocol gets. */
import type { Protocol } from "../../../src/control/protocol.ts";
import type { Params } from "./talk.ts";

export interface Cell {
  readonly fate: "kept" | "mapped" | "dropped";
  /** What becomes of it, in few words, where it is not simply kept. */
  readonly note?: string;
  /** Values in the body that is sent, by their path. */
  readonly is?: Readonly<Record<string, unknown>>;
  /** Paths that the body must not have. */
  readonly not?: readonly string[];
  /** Words of the warning; absent: there is no warning at all. */
  readonly warns?: RegExp;
}

export interface Feature {
  /** In which protocols their own provider refuses it: passthrough is not edited, and the client is told. */
  readonly refusedIn?: readonly Protocol[];
  readonly name: string;
  readonly group: string;
  readonly says: Partial<Readonly<Record<Protocol, Params>>>;
  readonly gets: Readonly<Record<Protocol, Cell>>;
  /** Pairs that differ from what their target gets otherwise, as `client>target`. */
  readonly except?: Readonly<Record<string, Cell>>;
  /** Which of the provider's models it is asked of. */
  readonly model?: "reasoning" | Partial<Readonly<Record<Protocol, string>>>;
}

export const kept = (is: Cell["is"], note?: string): Cell => ({
  fate: "kept",
  ...(is === undefined ? {} : { is }),
  ...(note === undefined ? {} : { note }),
});
export const mapped = (note: string, is: Cell["is"], warns?: RegExp): Cell => ({
  fate: "mapped",
  note,
  ...(is === undefined ? {} : { is }),
  ...(warns === undefined ? {} : { warns }),
});
export const dropped = (note: string, warns: RegExp, not: readonly string[] = []): Cell => ({
  fate: "dropped",
  note,
  warns,
  not,
});
