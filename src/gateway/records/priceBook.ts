/** Prices that were asked for, so that the next request of a model finds them at once. */

import type { Clock } from "../common/ports.ts";
import type { Rates } from "./price.ts";
import type { PriceQuestion } from "./prices.ts";

type Answer = Rates | undefined | Promise<Rates | undefined>;

/** Milliseconds: some prices depend on the hour. */
const HOLDS_MS = 3_600_000;
const REMEMBERED = 500;

export class PriceBook {
  readonly #ask: (question: PriceQuestion) => Promise<Rates | undefined>;
  readonly #clock: Pick<Clock, "now">;
  readonly #known = new Map<string, Answer>();
  #hour = -1;

  constructor(ask: (question: PriceQuestion) => Promise<Rates | undefined>, clock: Pick<Clock, "now">) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /** The person changed their own. */
  forget(): void {
    this.#known.clear();
  }

  /** A price that is known, or the promise of one; rejects where it could not be asked for. */
  rates(question: PriceQuestion): Answer {
    const hour = Math.floor(this.#clock.now() / HOLDS_MS);
    if (hour !== this.#hour || this.#known.size >= REMEMBERED) this.#known.clear();
    this.#hour = hour;
    const { account, provider, base, model } = question;
    const key = JSON.stringify([account, provider, base, model]);
    if (this.#known.has(key)) return this.#known.get(key);
    const asked = this.#ask(question);
    this.#known.set(key, asked);
    const settle = (keep: () => void): void => {
      if (this.#known.get(key) === asked) keep();
    };
    asked.then(
      (rates) => settle(() => this.#known.set(key, rates)),
      () => settle(() => this.#known.delete(key)),
    );
    return asked;
  }
}
