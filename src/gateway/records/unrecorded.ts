/** Requests whose record is still to come: what they used may be counted after their reply has ended. */
import type { Clock } from "../common/ports.ts";
import { within } from "../common/sleep.ts";

export class Unrecorded {
  #count = 0;
  #waiting: (() => void)[] = [];

  /** @returns to be called once, when the request has its record */
  begin(): () => void {
    this.#count++;
    return () => {
      this.#count--;
      if (this.#count > 0) return;
      for (const wake of this.#waiting) wake();
      this.#waiting = [];
    };
  }

  /** Resolves when all have their records, at the latest after `milliseconds`. */
  async settled(clock: Clock, milliseconds: number): Promise<void> {
    if (this.#count === 0) return;
    await within(milliseconds, clock, new Promise<void>((resolve) => this.#waiting.push(resolve)));
  }
}
