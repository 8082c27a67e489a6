/** Requests in flight per account, with a limit where the account has one and a line for those who wait. */
import type { Clock } from "../../common/ports.ts";

/** Requests that wait for a free place, over all accounts; more are turned away at once. */
export const MAX_WAITING = 2000;

/** A place at an account; given back exactly once, whatever happened. */
export interface ConcurrencySlot {
  readonly account: string;
  release(): void;
}

interface Waiter {
  readonly accounts: ReadonlyMap<string, number | undefined>;
  readonly take: (place: ConcurrencySlot) => void;
}

export class Load {
  readonly #clock: Clock;
  readonly #counts = new Map<string, number>();
  /** First come, first served. */
  readonly #waiting = new Set<Waiter>();
  readonly #maxWaiting: number;

  constructor(clock: Clock, maxWaiting = MAX_WAITING) {
    this.#clock = clock;
    this.#maxWaiting = maxWaiting;
  }

  inFlight(account: string): number {
    return this.#counts.get(account) ?? 0;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** @param limit requests at once; `undefined`: no limit. @returns `undefined` when it is full */
  take(account: string, limit: number | undefined): ConcurrencySlot | undefined {
    const count = this.inFlight(account);
    if (limit !== undefined && count >= limit) return undefined;
    this.#counts.set(account, count + 1);
    let held = true;
    return {
      account,
      release: () => {
        if (!held) return;
        held = false;
        this.#release(account);
      },
    };
  }

  /**
   * Waits for a place at any of `accounts` (id and limit).
   * @param milliseconds at most
   * @returns `undefined` when none came free in time, the client went away, or too many wait already
   */
  wait(
    accounts: ReadonlyMap<string, number | undefined>,
    milliseconds: number,
    signal: AbortSignal,
  ): Promise<ConcurrencySlot | undefined> {
    for (const [account, limit] of accounts) {
      const place = this.take(account, limit);
      if (place !== undefined) return Promise.resolve(place);
    }
    if (milliseconds <= 0 || signal.aborted || this.#waiting.size >= this.#maxWaiting)
      return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const end = (place: ConcurrencySlot | undefined) => {
        this.#waiting.delete(waiter);
        timer.cancel();
        signal.removeEventListener("abort", giveUp);
        resolve(place);
      };
      const giveUp = () => end(undefined);
      const waiter: Waiter = { accounts, take: end };
      const timer = this.#clock.setTimeout(giveUp, milliseconds);
      signal.addEventListener("abort", giveUp);
      this.#waiting.add(waiter);
    });
  }

  #release(account: string): void {
    const left = this.inFlight(account) - 1;
    if (left > 0) this.#counts.set(account, left);
    else this.#counts.delete(account);
    for (const waiter of this.#waiting) {
      if (!waiter.accounts.has(account)) continue;
      const place = this.take(account, waiter.accounts.get(account));
      if (place === undefined) continue;
      waiter.take(place);
      return;
    }
  }
}
