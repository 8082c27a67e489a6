/** What a request cost, where the person has given a price; unknown otherwise, never guessed. */
import type { Usage } from "../../protocols/chat.ts";
import { matches, specificity } from "../../routing/wildcard.ts";

/** USD per million tokens. */
export interface Price {
  /** A model's name; `*` stands for anything. */
  readonly model: string;
  /** For this account alone. */
  readonly account?: string | undefined;
  readonly input: number;
  readonly output: number;
  /** Default: the price of input. */
  readonly cacheRead?: number | undefined;
  readonly cacheWrite?: number | undefined;
}

const MILLION = 1_000_000;

/** USD; `undefined` where no price is given. The price with the longest name that matches counts. */
export function costOf(
  prices: readonly Price[],
  account: string,
  model: string,
  usage: Usage,
): number | undefined {
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
  if (best === undefined) return undefined;
  const { input, output } = usage;
  return (
    (input.uncached * best.input +
      input.cacheRead * (best.cacheRead ?? best.input) +
      input.cacheWrite * (best.cacheWrite ?? best.input) +
      output.total * best.output) /
    MILLION
  );
}
