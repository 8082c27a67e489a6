/**
 * Keeps a request from models whose context window it clearly exceeds, while there is a larger one:
 * the refusal would only cost time. It is an estimate, so the largest window is always asked.
 */
import type { Planned } from "../../accounts/schedule/scheduler.ts";
import type { Candidate } from "../../routing/candidate.ts";

/** Characters per token that hardly any text exceeds: prose has four or five, code three. */
const MOST_CHARACTERS_PER_TOKEN = 6;
/** Tokens below which no window is worth a look. */
const SMALLEST_WINDOW = 2048;
/** Characters of a string in which text has white space somewhere; base64 has none. */
const WORD_LIMIT = 1000;

/** How large a request is at least; measured only when it might matter. */
export class RequestSize {
  readonly #json: unknown;
  readonly #bytes: number;
  #characters: number | undefined;

  /** @param bytes of the whole body, which its texts cannot exceed */
  constructor(json: unknown, bytes: number) {
    this.#json = json;
    this.#bytes = bytes;
  }

  /** @param window tokens */
  exceeds(window: number): boolean {
    if (this.#bytes <= window * MOST_CHARACTERS_PER_TOKEN) return false;
    this.#characters ??= charactersOf(this.#json);
    return this.#characters > window * MOST_CHARACTERS_PER_TOKEN;
  }
}

/** A candidate that was passed over. */
export interface TooSmall {
  readonly candidate: Candidate;
  readonly reason: string;
}

export interface Guarded {
  readonly plan: readonly Planned[];
  readonly tooSmall: readonly TooSmall[];
}

/** @param windowOf tokens, where they are known */
export function guardWindows(
  plan: readonly Planned[],
  windowOf: (candidate: Candidate) => number | undefined,
  size: RequestSize | undefined,
): Guarded {
  if (size === undefined || plan.length < 2 || !size.exceeds(SMALLEST_WINDOW)) return { plan, tooSmall: [] };
  const windows = new Map(plan.map((each) => [each, windowOf(each.candidate) ?? Number.POSITIVE_INFINITY]));
  const largest = Math.max(
    ...plan.map((each) => (each.withheld === undefined ? windowIn(windows, each) : 0)),
  );
  const isSmall = (each: Planned) => {
    const window = windowIn(windows, each);
    return each.withheld === undefined && window < largest && size.exceeds(window);
  };
  return {
    plan: plan.filter((each) => !isSmall(each)),
    tooSmall: plan.filter(isSmall).map((each) => ({
      candidate: each.candidate,
      reason: `the request is too long for its ${windowIn(windows, each).toLocaleString("en-US")} tokens`,
    })),
  };
}

const windowIn = (windows: ReadonlyMap<Planned, number>, planned: Planned): number =>
  windows.get(planned) ?? Number.POSITIVE_INFINITY;

/** Characters of a token in most texts. */
const USUAL_CHARACTERS_PER_TOKEN = 4;

/** About how many tokens a request has, at once: counting them would keep the reply waiting. */
export function roughTokens(json: unknown): number {
  return Math.max(1, Math.ceil(charactersOf(json) / USUAL_CHARACTERS_PER_TOKEN));
}

/** Of all texts; media and what is encrypted count for nothing. */
function charactersOf(json: unknown): number {
  let sum = 0;
  const waiting: unknown[] = [json];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value === "string") {
      if (value.length <= WORD_LIMIT || /\s/.test(value.slice(0, WORD_LIMIT))) sum += value.length;
    } else if (Array.isArray(value)) {
      for (const each of value as readonly unknown[]) waiting.push(each);
    } else if (typeof value === "object" && value !== null) {
      for (const each of Object.values(value)) waiting.push(each);
    }
  }
  return sum;
}
