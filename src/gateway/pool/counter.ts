/**
 * One sum of a pool as this gateway has it in memory. Of whole requests it has a lease: so many more may begin here
 * without asking anyone. Of other amounts it knows what all have used and may still use, as of a moment ago. While the
 * engine is away it has its share of what was left. Pure but for `tell`.
 */
import { ANSWER_MS } from "./engine.ts";
import type { CounterOptions, Room, SharedCounter } from "./port.ts";

/** Milliseconds for which a share holds on when the engine is back: until all others have told it what they used. */
export const SETTLE_MS = 2 * ANSWER_MS + 100;
/** Milliseconds for which the engine is not asked again when nothing was left. */
const REFUSED_MS = 25;
/** Requests that are leased at once, at most. */
export const MOST_LEASED = 64;

/** What the pool is like now. */
export interface CounterSurroundings {
  readonly joined: boolean;
  /** Nobody is let in on a guess. */
  readonly refuses: boolean;
  /** Gateways that were there at the latest look, 1 at least. */
  readonly gateways: number;
  /** Milliseconds of the monotonic clock. */
  monotonic(): number;
}

/** A gateway's word on a sum; see `COUNT` in `scripts.ts`. */
export interface Word {
  readonly number: number;
  readonly own: number;
  readonly held: number;
  readonly seen: number;
  readonly before: boolean;
  readonly need: number;
  readonly more: boolean;
  readonly limit: number;
}

export interface Answer {
  readonly granted: number;
  readonly total: number;
  readonly others: number;
  /** What the gateway had told is gone. */
  readonly lost: boolean;
}

/** @throws where the engine is away */
export type Tell = (word: Word) => Promise<Answer>;

export class Counter implements SharedCounter {
  limit = 0;
  readonly #options: CounterOptions;
  readonly #pool: CounterSurroundings;
  readonly #tell: Tell;
  /** Used here. */
  #own = 0;
  /** Used by others, as far as it is known. */
  #others: number;
  #elsewhere = 0;
  /** Up to which `#own` and what is claimed may go: what is leased, or this gateway's share. */
  #cap = 0;
  #number = 0;
  #told = false;
  #shares = false;
  #settledAt = Number.NEGATIVE_INFINITY;
  #refusedUntil = Number.NEGATIVE_INFINITY;
  #waiting = 0;
  #asking: Promise<void> | undefined;
  #telling: Promise<void> | undefined;
  #toldOwn = 0;
  #toldHeld = 0;
  #touched = false;

  constructor(options: CounterOptions, pool: CounterSurroundings, tell: Tell) {
    this.#options = options;
    this.#pool = pool;
    this.#tell = tell;
    this.#others = options.used;
  }

  get used(): number {
    return this.#own + this.#others;
  }

  get elsewhere(): number {
    return this.#elsewhere;
  }

  add(amount: number): void {
    this.#own += amount;
    this.#touched = true;
  }

  room(): Room {
    this.#touched = true;
    const claimed = this.#options.claimed();
    const taken = this.#own + claimed;
    if (!this.#pool.joined) {
      if (this.#pool.refuses) return "away";
      this.#share(claimed);
      return this.#fits(taken) ? "yes" : "no";
    }
    if (this.#settling()) return this.#pool.refuses ? "away" : this.#fits(taken) ? "yes" : "no";
    if (!this.#options.exact) {
      if (!this.#told) return "ask";
      return this.used + claimed + this.#elsewhere < this.limit ? "yes" : "no";
    }
    if (this.#fits(taken)) {
      if (this.#cap - taken <= this.#slice() / 2 && this.#asking === undefined && this.#mayAsk()) {
        void this.ask(0);
      }
      return "yes";
    }
    return this.#mayAsk() ? "ask" : "no";
  }

  async ask(need = 1): Promise<void> {
    this.#waiting += need;
    try {
      // A moment later, so that all who ask now are one question.
      this.#asking ??= Promise.resolve()
        .then(() => this.#inTurn(true))
        .finally(() => {
          this.#asking = undefined;
        });
      await this.#asking;
    } finally {
      this.#waiting -= need;
    }
  }

  /** To be called every now and then: tells what is new, and gives back what is leased and nobody uses. */
  report(): Promise<void> {
    if (this.#asking !== undefined || this.#telling !== undefined) return Promise.resolve();
    if (this.#options.exact && !this.#touched && !this.#shares) {
      this.#cap = this.#own + this.#options.claimed();
    }
    this.#touched = false;
    return this.#inTurn(false);
  }

  /** Is there anything that the engine does not know? */
  get untold(): boolean {
    return this.#touched || this.#own !== this.#toldOwn || this.#held() !== this.#toldHeld;
  }

  /** Does this gateway keep others from anything? They forget it of one that is silent. */
  get holds(): boolean {
    return this.#held() > 0;
  }

  /** The engine is away. */
  away(): void {
    if (!this.#pool.refuses) this.#share(this.#options.claimed());
  }

  /** The engine is back: what was this gateway's share holds on for a moment, then is asked for anew. */
  back(): void {
    if (this.#shares) this.#settledAt = this.#pool.monotonic() + SETTLE_MS;
  }

  #fits(taken: number): boolean {
    return this.#options.exact ? taken + 1 <= this.#cap : taken < this.#cap;
  }

  /** The share of what was left when it was last known. */
  #share(claimed: number): void {
    if (this.#shares) return;
    this.#shares = true;
    const mine = this.#options.exact ? Math.max(this.#cap, this.#own + claimed) : this.#own + claimed;
    const left = Math.max(0, this.limit - this.#others - this.#elsewhere - mine);
    const share = left / this.#pool.gateways;
    this.#cap = mine + (this.#options.exact ? Math.floor(share) : share);
  }

  #settling(): boolean {
    if (!this.#shares) return false;
    if (this.#pool.monotonic() < this.#settledAt) return true;
    this.#shares = false;
    this.#cap = this.#own + this.#options.claimed();
    return false;
  }

  #mayAsk(): boolean {
    return this.#pool.monotonic() >= this.#refusedUntil;
  }

  /** About as much as the engine would lease. */
  #slice(): number {
    const left = this.limit - this.used - this.#elsewhere;
    return Math.min(MOST_LEASED, Math.floor(left / (4 * this.#pool.gateways)));
  }

  #held(): number {
    const claimed = this.#options.claimed();
    return this.#options.exact ? Math.max(claimed, this.#cap - this.#own) : claimed;
  }

  /** One word at a time: an answer holds for what was said before it. */
  async #inTurn(asks: boolean): Promise<void> {
    while (this.#telling !== undefined) await this.#telling;
    this.#telling = this.#say(asks).finally(() => {
      this.#telling = undefined;
    });
    await this.#telling;
  }

  async #say(asks: boolean): Promise<void> {
    const need = asks ? this.#waiting : 0;
    const own = this.#own;
    const held = this.#shares ? this.#options.claimed() : this.#held();
    let answer: Answer;
    try {
      answer = await this.#tell({
        number: ++this.#number,
        own,
        held,
        seen: this.used,
        before: this.#told,
        need,
        more: asks,
        limit: this.limit,
      });
    } catch {
      return;
    }
    if (answer.lost) {
      // Others have not told again yet, so nobody knows how much is left.
      this.#share(this.#options.claimed());
      this.#settledAt = this.#pool.monotonic() + SETTLE_MS;
    }
    this.#told = true;
    this.#toldOwn = own;
    this.#toldHeld = held + answer.granted;
    this.#others = answer.total - own;
    this.#elsewhere = answer.others;
    this.#cap += answer.granted;
    if (need > 0 && answer.granted === 0 && !answer.lost) {
      this.#refusedUntil = this.#pool.monotonic() + REFUSED_MS;
    }
  }
}
