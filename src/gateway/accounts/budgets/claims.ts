/** What requests under way may use of budgets, until it is known what they used. */

/** Tokens that a request may use. */
export interface Expected {
  readonly input: number;
  readonly output: number;
}

/** Below this a sum of claims is what adding and taking away left of nothing. */
const NOTHING = 1e-9;

export class Claims {
  /** By the budget's key. */
  readonly #sums = new Map<string, number>();
  /** By request, as long as it is under way. */
  readonly #requests = new Map<object, { key: string; amount: number }[]>();

  /** Claimed by all requests together. */
  of(key: string): number {
    return this.#sums.get(key) ?? 0;
  }

  add(request: object, key: string, amount: number): void {
    if (amount <= 0) return;
    this.#change(key, amount);
    const claims = this.#requests.get(request);
    if (claims === undefined) this.#requests.set(request, [{ key, amount }]);
    else claims.push({ key, amount });
  }

  /** Gives back all that a request claims. */
  release(request: object): void {
    const claims = this.#requests.get(request);
    if (claims === undefined) return;
    this.#requests.delete(request);
    for (const { key, amount } of claims) this.#change(key, -amount);
  }

  #change(key: string, by: number): void {
    const sum = this.of(key) + by;
    if (sum < NOTHING) this.#sums.delete(key);
    else this.#sums.set(key, sum);
  }
}
