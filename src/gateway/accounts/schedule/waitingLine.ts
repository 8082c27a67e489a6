/** Who waits until an account's limit is over: in turn, not all in the same moment, and not too many. */

import { setLatest } from "../../common/latest.ts";
import type { Random } from "../../common/ports.ts";

/** Requests that wait at once; more are turned away. */
export const MAX_IN_LINE = 1000;
/** Milliseconds between two of them at most. */
export const GAP_MS = 10;

interface Turns {
  readonly readyAt: number;
  /** Milliseconds since 1970 of the latest turn that was given. */
  last: number;
}

export class WaitingLine {
  readonly #random: Random;
  readonly #turns = new Map<string, Turns>();
  #size = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  get size(): number {
    return this.#size;
  }

  /** @returns leaves the line, once; `undefined` where it is full */
  join(): (() => void) | undefined {
    if (this.#size >= MAX_IN_LINE) return undefined;
    this.#size++;
    let inside = true;
    return () => {
      if (inside) this.#size--;
      inside = false;
      if (this.#size === 0) this.#turns.clear();
    };
  }

  /**
   * The turn of whoever comes now, behind those before it.
   * @param readyAt milliseconds since 1970 at which the account (or its model) is ready
   * @returns milliseconds since 1970
   */
  turn(key: string, readyAt: number): number {
    const known = this.#turns.get(key);
    const before = known?.readyAt === readyAt ? known.last : readyAt;
    const at = before + this.#random() * GAP_MS;
    setLatest(this.#turns, key, { readyAt, last: at }, MAX_IN_LINE);
    return at;
  }
}
