/**
 * One sum of a pool as this gateway has it in memory. Of whole requests it has a lease: so many more may begin here
 * without asking anyone. Of other amounts it knows what all have used and may still use, as of a moment ago. While the
 * engine is away it has its share of what was left. Pure but for `tell`.
 *
 * Where the engine is lost for all gateways at once, what they let in together is bounded. Let it have, at that moment, taken
 * T of a limit L; each of N gateways may use what it has leased, which is in T, and its share, (L - Tᵢ) / N, where Tᵢ is
 * what it knows of T. Together that is T + (L - T) + the mean of T - Tᵢ: too many are as many as are unknown to a gateway on
 * average. All hear of a lease in the turn of the engine in which it is given (`COUNT`), and a gateway has one question of a
 * sum under way at a time: so T - Tᵢ is one lease of each other gateway at most, (N - 1) * MOST_LEASED, and so is the overshoot,
 * less than MOST_LEASED per gateway. The N of each is at least that of those who have a lease: who comes is told of before it
 * may have one (`HELLO`). A share never grows. It ends when all others have said that they are back, with all that they used;
 * until then what is left of it is told as taken, so that nobody has it twice.
 */
import type { CounterOptions, Room, SharedCounter } from "./port.ts";
import { PRESENT_MS } from "./presence.ts";

/** Milliseconds for which a share holds on when the engine is back, at most: until all others have told what they used. */
export const SETTLE_MS = PRESENT_MS;
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
  /** Have all others that are there told what they used, after this moment of the monotonic clock? */
  saidSince(moment: number): boolean;
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
  /** Of answers and of what others were told, the one with the higher one is later. */
  readonly revision: number;
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
  /** Used, leased or claimed by anyone, this gateway included, as far as it is known. */
  #taken: number;
  #revision = 0;
  #shares = false;
  /** When the share began: what was this gateway's, what of it nobody else knew of, and `#taken`. */
  #base = 0;
  #untaken = 0;
  #takenThen = 0;
  /** What others tell of it that is earlier than this revision makes the share smaller. */
  #sharesBefore = Number.POSITIVE_INFINITY;
  /** Milliseconds of the monotonic clock. */
  #sharesSince = Number.NEGATIVE_INFINITY;
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
    this.#taken = options.used;
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
    this.settle();
    if (this.#shares) return this.#pool.refuses ? "away" : this.#fits(taken) ? "yes" : "no";
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
    this.settle();
    if (this.#options.exact && !this.#touched && !this.#shares) {
      this.#cap = this.#own + this.#options.claimed();
    }
    this.#touched = false;
    return this.#inTurn(false);
  }

  /** This gateway goes: what is leased and not used goes back. Never rejects. */
  async leave(): Promise<void> {
    this.#touched = false;
    this.#shares = false;
    this.#cap = this.#own + this.#options.claimed();
    if (this.untold) await this.#inTurn(false);
  }

  /**
   * Another gateway has taken more. What is given back is heard of in answers alone.
   * @param taken by all, in use or leased @param leased of it, just now; 0: it had taken it before, while the engine was away
   */
  heard(taken: number, leased: number, revision: number): void {
    if (this.#shares) {
      // It came late, or it is only this gateway that cannot reach the engine.
      if (leased > 0 && revision < this.#sharesBefore) {
        this.#takenThen = Math.max(this.#takenThen, taken);
        this.#share(this.#options.claimed());
      }
    } else if (revision > this.#revision) {
      this.#revision = revision;
      this.#taken = Math.max(this.#taken, taken);
    }
  }

  /** Is there anything that the engine does not know? */
  get untold(): boolean {
    return this.#touched || this.#own !== this.#toldOwn || this.#held() !== this.#toldHeld;
  }

  /** Does this gateway keep others from anything? They forget it of one that is silent. */
  get holds(): boolean {
    return this.#held() > 0;
  }

  /** The engine is back, and others may not have told yet what they used meanwhile. */
  get settling(): boolean {
    return this.#shares && this.#pool.joined;
  }

  /** The engine is away. */
  away(): void {
    // It may come back with another clock.
    this.#revision = 0;
    if (!this.#pool.refuses) this.#share(this.#options.claimed());
  }

  /** The engine is back: what was this gateway's share holds on for a moment, then is asked for anew. */
  back(): void {
    this.#sharesSince = this.#pool.monotonic();
  }

  /** The engine is there: is what was this gateway's share any other's as well by now? */
  settle(): void {
    if (!this.#shares || !this.#pool.joined) return;
    const since = this.#sharesSince;
    if (this.#pool.monotonic() < since + SETTLE_MS && !this.#pool.saidSince(since)) return;
    this.#shares = false;
    this.#cap = this.#own + this.#options.claimed();
  }

  #fits(taken: number): boolean {
    return this.#options.exact ? taken + 1 <= this.#cap : taken < this.#cap;
  }

  /** The share of what was left when it was last known; less, where it turns out that more was taken. */
  #share(claimed: number): void {
    const { exact } = this.#options;
    if (!this.#shares) {
      this.#base = exact ? Math.max(this.#cap, this.#own + claimed) : this.#own + claimed;
      this.#untaken = Math.max(0, this.#base - this.#toldOwn - this.#toldHeld);
      this.#takenThen = this.#taken;
      this.#cap = Number.POSITIVE_INFINITY;
      this.#sharesBefore = Number.POSITIVE_INFINITY;
      this.#shares = true;
    }
    const share = Math.max(0, this.limit - this.#takenThen - this.#untaken) / this.#pool.gateways;
    this.#cap = Math.min(this.#cap, this.#base + (exact ? Math.floor(share) : share));
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
    // Meanwhile it may have gone away: then nobody waits for a lease any more.
    if (asks && (this.#shares || !this.#pool.joined)) return;
    this.#telling = this.#say(asks).finally(() => {
      this.#telling = undefined;
    });
    await this.#telling;
  }

  async #say(asks: boolean): Promise<void> {
    const need = asks ? this.#waiting : 0;
    const own = this.#own;
    const held = this.#held();
    // From here on, others hear of it and tell of theirs: that is no news that came late.
    if (this.#shares) this.#sharesBefore = 0;
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
      this.#sharesSince = this.#pool.monotonic();
      this.#sharesBefore = Math.min(this.#sharesBefore, answer.revision);
    }
    this.#told = true;
    this.#toldOwn = own;
    this.#toldHeld = held + answer.granted;
    this.#others = answer.total - own;
    this.#elsewhere = answer.others;
    if (answer.revision > this.#revision) {
      this.#revision = answer.revision;
      this.#taken = answer.total + answer.others + held + answer.granted;
    }
    this.#cap += answer.granted;
    if (need > 0 && answer.granted === 0 && !answer.lost) {
      this.#refusedUntil = this.#pool.monotonic() + REFUSED_MS;
    }
  }
}
