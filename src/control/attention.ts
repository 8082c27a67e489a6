/** Which problems a person is to be told about: each account and cause once. Pure. */
import type { Problem } from "./contract.ts";

/** Connected clients that a change of port or key has cut off: no error, yet nobody else tells. */
export const OUTDATED = "clients-outdated";

export interface Attention {
  /** Absent: all of them. */
  account?: string;
  cause: string;
  message: string;
}

/** What interrupts a person: errors, and what nobody else tells. */
const interrupts = ({ severity, cause }: Problem): boolean => severity === "error" || cause === OUTDATED;

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
      const { account, cause, message } = problem;
      if (cause === undefined || !this.#concerns(problem)) continue;
      const key = `${account ?? ""} ${cause}`;
      const whose = account === undefined ? {} : { account };
      if (now.size < MAX_TOLD && !now.has(key)) now.set(key, { ...whose, cause, message });
    }
    const fresh = [...now].filter(([key]) => !this.#told.has(key)).map(([, attention]) => attention);
    const same = fresh.length === 0 && now.size === this.#told.size;
    this.#told = new Set(now.keys());
    if (!same) this.#memory.set([...this.#told]);
    return fresh;
  }
}
