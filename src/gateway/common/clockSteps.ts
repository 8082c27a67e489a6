/** Notices that the wall clock was set back, so that moments that were noted before can move with it. */
import type { Clock } from "./ports.ts";

/** Milliseconds; less is the slow correction of a clock, which nobody notices. */
const STEP_MS = 1000;

/**
 * Two moments by which something passes: by the wall clock, which goes on while the computer sleeps, and by the
 * monotonic one, which nobody sets. What was noted by the wall clock is over at whichever comes first, if it is
 * moved back by as much as the clock was.
 */
export class ClockSteps {
  readonly #clock: Pick<Clock, "now" | "monotonic">;
  /** What the wall clock was ahead of the monotonic one at its latest. */
  #ahead: number;

  constructor(clock: Pick<Clock, "now" | "monotonic">) {
    this.#clock = clock;
    this.#ahead = clock.now() - clock.monotonic();
  }

  /** Milliseconds by which the wall clock was set back since the last look; 0: it was not. */
  back(): number {
    const ahead = this.#clock.now() - this.#clock.monotonic();
    const back = this.#ahead - ahead;
    // Ahead of it by more: set forward, or back from sleep, when whatever waited for the time is over.
    if (back > 0 && back < STEP_MS) return 0;
    this.#ahead = ahead;
    return Math.max(0, Math.round(back));
  }
}

/** Milliseconds by which what was written down may be ahead of the clock; beyond, the clock was wrong then. */
const SKEW_MS = 5000;

/** Was it noted by a clock that was ahead of this one? Then nothing that it says of times holds. */
export const isFromTheFuture = (at: number, now: number): boolean => at > now + SKEW_MS;
