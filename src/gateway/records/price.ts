/** What a request cost at given prices; the person's own prices. */

import { matches, specificity } from "../../control/wildcard.ts";
import type { Usage } from "../protocols/chat.ts";

/** USD per million tokens. */
export interface Rates {
  readonly input: number;
  readonly output: number;
  /** Default: the price of input. */
  readonly cacheRead?: number | undefined;
  readonly cacheWrite?: number | undefined;
  /** What all of a request costs whose input is longer than `over` tokens; shortest first. */
  readonly above?: readonly (Omit<Rates, "above"> & { readonly over: number })[];
}

/** A price, at once or later; `undefined`: not known. */
export type Published = Rates | undefined | Promise<Rates | undefined>;

/** A price that the person gave. */
export interface Price extends Omit<Rates, "above"> {
  /** A model's name; `*` stands for anything. */
  readonly model: string;
  /** For this account alone. */
  readonly account?: string | undefined;
}

/** Tokens as prices tell them apart; `input` is all of it, cached parts included. */
export interface PricedTokens {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** Reasoning included. */
  readonly output: number;
}

const MILLION = 1_000_000;

/** USD. */
export function costAt(rates: Rates, { input, cacheRead, cacheWrite, output }: PricedTokens): number {
  const at = rates.above?.findLast(({ over }) => input > over) ?? rates;
  const uncached = Math.max(0, input - cacheRead - cacheWrite);
  return (
    (uncached * at.input +
      cacheRead * (at.cacheRead ?? at.input) +
      cacheWrite * (at.cacheWrite ?? at.input) +
      output * at.output) /
    MILLION
  );
}

/** The price that the person gave; the one with the longest name that matches counts. */
export function ownPrice(prices: readonly Price[], account: string, model: string): Price | undefined {
  let best: Price | undefined;
  let rank = -1;
  for (const price of prices) {
    if (price.account !== undefined && price.account !== account) continue;
    if (!matches(price.model, model)) continue;
    const own = specificity(price.model) * 2 + (price.account === undefined ? 0 : 1);
    if (own <= rank) continue;
    best = price;
    rank = own;
  }
  return best;
}

/** Usage as prices tell it apart. */
export const pricedTokens = ({ input, output }: Usage): PricedTokens => ({
  input: input.total,
  cacheRead: input.cacheRead,
  cacheWrite: input.cacheWrite,
  output: output.total,
});
