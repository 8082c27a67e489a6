/**
 * What conversations need of requests that end while a process drains that no longer leads: it writes nothing, so whoever
 * leads is given it along with their records.
 */
import type { LateState } from "../records/handed.ts";
import type { SignatureStore } from "../state/signatureStore.ts";
import type { StoredSignature } from "../state/storedSignature.ts";
import type { Binding, Bindings } from "./bindings.ts";

/** Of what waits for the record of its request; the oldest goes first. */
export const MOST_LATE = 1000;

export class LateStates {
  #bindings: Binding[] = [];
  #signatures: StoredSignature[] = [];

  /** From now on. */
  begin(bindings: Bindings, signatures: SignatureStore): void {
    bindings.onSet = (...binding) => add(this.#bindings, binding);
    signatures.onKeep = (kept) => add(this.#signatures, kept);
  }

  /** What came since the last time; `undefined`: nothing. */
  take(): LateState | undefined {
    const [bindings, signatures] = [this.#bindings, this.#signatures];
    if (bindings.length === 0 && signatures.length === 0) return undefined;
    [this.#bindings, this.#signatures] = [[], []];
    return { bindings, signatures };
  }
}

function add<T>(list: T[], entry: T): void {
  list.push(entry);
  if (list.length > MOST_LATE) list.shift();
}
