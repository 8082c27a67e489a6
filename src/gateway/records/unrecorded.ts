/** Requests whose record is still to come: what they used may be counted after their reply has ended. */
import type { Clock } from "../common/ports.ts";

export class Unrecorded {
  #count = 0;
  readonly #waiting = new Set<() => void>();

  /** @returns to be called once, when the request has its record */
  begin(): () => void {
    this.#count++;
    return () => {
      this.#count--;
      if (this.#count === 0) for (const wake of [...this.#waiting]) wake();
    };
  }

  /** Resolves when all have their records, at the latest after `milliseconds`. */
  async settled(clock: Clock, milliseconds: number): Promise<void> {
    if (this.#count === 0) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        timer.cancel();
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = clock.setTimeout(wake, milliseconds);
      this.#waiting.add(wake);
    });
  }
}
