/**
 * Keeps silent streams alive. One timer for all streams: a chunk only sets a flag, so that a
 * stream's hot path never touches a timer.
 */
import type { Clock, Timer } from "../../common/ports.ts";

export interface Beat {
  /** Something went out. */
  touch(): void;
  /** In the midst of an event nothing may be said; `false` behind it. */
  hold(held: boolean): void;
  /** Milliseconds for which none is sent yet, if nothing goes out meanwhile. */
  quietMs(): number;
  stop(): void;
}

/** Parts of the interval at which silence is looked at: the heartbeat is at most a part late. */
const STEPS = 4;

export class Heartbeats {
  readonly #clock: Clock;
  readonly #stepMs: number;
  readonly #beats = new Set<{ silent: number; held: boolean; send: () => void }>();
  #timer: Timer | undefined;

  constructor(clock: Clock, intervalMs: number) {
    this.#clock = clock;
    this.#stepMs = Math.max(1, Math.floor(intervalMs / STEPS));
  }

  /** Calls `send` whenever the interval has passed without a `touch`. */
  start(send: () => void): Beat {
    const beat = { silent: 0, held: false, send };
    this.#beats.add(beat);
    this.#schedule();
    return {
      touch: () => {
        beat.silent = 0;
      },
      // The next step may come at once.
      quietMs: () => (STEPS - 1 - beat.silent) * this.#stepMs,
      hold: (held) => {
        beat.held = held;
      },
      stop: () => {
        this.#beats.delete(beat);
        if (this.#beats.size === 0) {
          this.#timer?.cancel();
          this.#timer = undefined;
        }
      },
    };
  }

  get size(): number {
    return this.#beats.size;
  }

  #schedule(): void {
    this.#timer ??= this.#clock.setTimeout(() => {
      this.#timer = undefined;
      for (const beat of this.#beats) {
        if (++beat.silent < STEPS || beat.held) continue;
        beat.silent = 0;
        beat.send();
      }
      if (this.#beats.size > 0) this.#schedule();
    }, this.#stepMs);
  }
}
