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

const MAX_TOLD = 500;

export class AttentionWatch {
  readonly #memory: ToldMemory;
  readonly #concerns: (problem: Problem) => boolean;
  #told: Set<string>;

  /** @param concerns which problems are told at all */
  constructor(memory: ToldMemory, concerns = interrupts) {
    this.#memory = memory;
    this.#concerns = concerns;
    this.#told = new Set(memory.get());
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
    const fresh = [...now].filter(([key]) => !this.#told.has(key)).map(([, attention]) => attention);
    const same = fresh.length === 0 && now.size === this.#told.size;
    this.#told = new Set(now.keys());
    if (!same) this.#memory.set([...this.#told]);
    return fresh;
  }
}
