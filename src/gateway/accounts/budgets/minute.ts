/** A sum over the last sixty seconds, by the second: never less than what came within any sixty of them. */

/** One more than sixty: the oldest second is over only when all of it is. */
const SECONDS = 61;

export class Minute {
  readonly #amounts = new Float64Array(SECONDS);
  /** The second that each place stands for. */
  readonly #seconds = new Float64Array(SECONDS).fill(-1);

  /** @param second of a monotonic clock */
  sum(second: number): number {
    let sum = 0;
    for (let at = 0; at < SECONDS; at++) {
      if ((this.#seconds[at] ?? -1) > second - SECONDS) sum += this.#amounts[at] ?? 0;
    }
    return sum;
  }

  add(second: number, amount: number): void {
    const at = second % SECONDS;
    if (this.#seconds[at] !== second) {
      this.#seconds[at] = second;
      this.#amounts[at] = 0;
    }
    this.#amounts[at] = (this.#amounts[at] ?? 0) + amount;
  }

  /** Adds to what came in a second that may be over. */
  correct(second: number, by: number): void {
    if (this.#seconds[second % SECONDS] === second) this.add(second, by);
  }

  /** Seconds from `second` until the sum is below the limit if nothing is added, 1 at least; all of the minute for 0. */
  wait(second: number, limit: number): number {
    let left = this.sum(second);
    for (let age = SECONDS - 1; age > 0; age--) {
      const past = second - age;
      const at = ((past % SECONDS) + SECONDS) % SECONDS;
      if (past < 0 || this.#seconds[at] !== past) continue;
      left -= this.#amounts[at] ?? 0;
      if (left < limit) return SECONDS - age;
    }
    return SECONDS;
  }
}
