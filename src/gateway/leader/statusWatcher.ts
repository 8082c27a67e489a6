/** Notices that how the accounts fare has changed: a while after requests, and when a wait is over. */
import type { Clock, Timer } from "../common/ports.ts";

export interface ChangesOf<T> {
  /** Plain data. */
  read(): T;
  /** Milliseconds since 1970 at which it may change by itself. */
  next(value: T): number | undefined;
  onChange(): void;
}

/** Milliseconds from the first request to a look; those in between share it. */
export const SETTLE_MS = 150;
/** A look is never further away: clocks are set, and computers sleep. */
const LONGEST_MS = 15_000;

export class StatusWatcher<T> {
  readonly #clock: Clock;
  readonly #of: ChangesOf<T>;
  #before: string | undefined;
  #soon: Timer | undefined;
  #later: Timer | undefined;
  #closed = false;

  constructor(clock: Clock, of: ChangesOf<T>) {
    this.#clock = clock;
    this.#of = of;
  }

  /** Something happened that may have changed it. Costs next to nothing. */
  noted(): void {
    if (this.#soon !== undefined || this.#closed) return;
    this.#soon = this.#clock.setTimeout(() => {
      this.#soon = undefined;
      this.#look();
    }, SETTLE_MS);
  }

  /** How it is now was told for another reason: the next change is one from here. */
  told(): void {
    if (!this.#closed) this.#take();
  }

  close(): void {
    this.#closed = true;
    this.#soon?.cancel();
    this.#later?.cancel();
  }

  #look(): void {
    if (this.#take()) this.#of.onChange();
  }

  /** @returns whether it differs from what was told last */
  #take(): boolean {
    const value = this.#of.read();
    const now = JSON.stringify(value);
    this.#later?.cancel();
    const next = this.#of.next(value);
    this.#later =
      next === undefined
        ? undefined
        : this.#clock.setTimeout(
            () => this.#look(),
            Math.min(Math.max(next - this.#clock.now(), 0) + 1, LONGEST_MS),
          );
    const differs = now !== this.#before;
    this.#before = now;
    return differs;
  }
}
