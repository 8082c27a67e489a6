/** Which problems a person is to be told about: each account or client key and cause once. Pure. */
import type { Problem } from "./contract.ts";

/** Connected clients that a change of port or key has cut off: no error, yet nobody else tells. */
export const OUTDATED = "clients-outdated";

/** A sign-in that one gateway of a pool alone can have, and another has as well. */
export const SIGN_IN_TWICE = "sign-in-twice";

/** Begins the causes of client keys that expire soon. */
export const KEY_EXPIRES = "key-expires";

export interface Attention {
  /** Absent: all of them. */
  account?: string;
  /** Id of a client key. */
  key?: string;
  cause: string;
  message: string;
}

/** What interrupts a person: errors, and what nobody else tells. */
const interrupts = ({ severity, cause }: Problem): boolean =>
  severity === "error" || cause === OUTDATED || cause?.startsWith(KEY_EXPIRES) === true;

/** Where it is remembered what was told, over reloads. */
export interface ToldMemory {
  get(): readonly string[];
  set(told: readonly string[]): void;
}

export interface WatchOptions {
  /** Which problems are told at all. */
  readonly concerns?: (problem: Problem) => boolean;
  /** Milliseconds. */
  readonly now?: () => number;
}

const MAX_TOLD = 500;
/**
 * Milliseconds from the first look in which what was told before may still turn up: whoever led until then hands over what
 * it knows of accounts, or was ended before it could, and then the next request finds it out once more.
 */
export const SETTLED_MS = 60_000;

export class AttentionWatch {
  readonly #memory: ToldMemory;
  readonly #concerns: (problem: Problem) => boolean;
  readonly #now: () => number;
  /** Of before the first look, and not seen since. */
  #awaited: Set<string> | undefined;
  #settledAt = Infinity;

  constructor(memory: ToldMemory, { concerns = interrupts, now = Date.now }: WatchOptions = {}) {
    this.#memory = memory;
    this.#concerns = concerns;
    this.#now = now;
  }

  /** @returns what is new. What is mended is forgotten, so that it is told if it comes back. */
  look(problems: readonly Problem[]): Attention[] {
    const now = new Map<string, Attention>();
    for (const problem of problems) {
      const { account, key, cause, message } = problem;
      if (cause === undefined || !this.#concerns(problem)) continue;
      const name = `${account ?? key ?? ""} ${cause}`;
      const whose = account !== undefined ? { account } : key === undefined ? {} : { key };
      if (now.size < MAX_TOLD && !now.has(name)) now.set(name, { ...whose, cause, message });
    }
    const before = this.#memory.get();
    const told = new Set(before);
    const awaited = this.#stillAwaited(told);
    for (const name of now.keys()) awaited.delete(name);
    const fresh = [...now].filter(([name]) => !told.has(name)).map(([, attention]) => attention);
    const next = new Set([...now.keys(), ...awaited].slice(0, MAX_TOLD));
    if (next.size !== before.length || before.some((name) => !next.has(name))) this.#memory.set([...next]);
    return fresh;
  }

  /** @param told loses what nobody saw in time */
  #stillAwaited(told: Set<string>): Set<string> {
    if (this.#awaited === undefined) {
      this.#awaited = new Set(told);
      this.#settledAt = this.#now() + SETTLED_MS;
    } else if (this.#now() >= this.#settledAt) {
      for (const name of this.#awaited) told.delete(name);
      this.#awaited.clear();
    }
    return this.#awaited;
  }
}
