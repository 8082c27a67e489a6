/**
 * Leaving out of a request's body what only the account (or model) that made it can read: encrypted
 * reasoning, signatures of thinking.
 */
import { type Fields, isRecord } from "../common/json.ts";

/** What a protocol knows of such state in bodies as they came. */
export interface BoundState {
  /**
   * Does the body have state that Portico put there for another protocol? Looks without copying anything:
   * nearly every request has none. Absent: the protocol's own field carries nothing.
   */
  hasCarried?(body: Fields): boolean;
  /** A word that all such state has. Where it is told, bodies without it are not looked through. */
  readonly carriedWord?: string;
  /** A copy without it; counts what was removed. */
  strip(body: Fields, counter: Counter): Fields;
}

export interface Counter {
  removed: number;
  /** Only what Portico itself put into a client's opaque field. */
  readonly carriedOnly: boolean;
}

/** Marks of signatures that travel through a client's field: `openaiResponses/signatures.ts`, `anthropic/signature.ts`, `openaiChat/signatures.ts`. */
const CARRIED = /^portico[.:]/;

export const isCarried = (value: unknown): boolean => typeof value === "string" && CARRIED.test(value);

export function someOf(list: unknown, test: (entry: Fields) => boolean): boolean {
  return Array.isArray(list) && list.some((entry: unknown) => isRecord(entry) && test(entry));
}

export function counted<T>(counter: Counter, value: T): T {
  counter.removed++;
  return value;
}

/** A list with each object replaced; `undefined` drops it. What is no list stays as it is. */
export function eachOf(list: unknown, replace: (entry: Fields) => Fields | undefined): unknown {
  if (!Array.isArray(list)) return list;
  return list.flatMap((entry: unknown) => {
    if (!isRecord(entry)) return [entry];
    const replaced = replace(entry);
    return replaced === undefined ? [] : [replaced];
  });
}
