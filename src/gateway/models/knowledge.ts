/** What providers have told of models by refusing something of them, until the next start. */
import type { ModelTraits } from "./traits.ts";

/** Models that are remembered; the one that taught nothing for longest is forgotten first. */
export const MOST_TAUGHT = 1000;

export class ModelKnowledge {
  readonly #taught = new Map<string, Partial<ModelTraits>>();

  /** @param key of endpoint and model */
  of(key: string): Partial<ModelTraits> | undefined {
    return this.#taught.get(key);
  }

  learn(key: string, known: Partial<ModelTraits>): void {
    const all = { ...this.#taught.get(key), ...known };
    this.#taught.delete(key);
    this.#taught.set(key, all);
    if (this.#taught.size <= MOST_TAUGHT) return;
    const oldest = this.#taught.keys().next();
    if (oldest.done !== true) this.#taught.delete(oldest.value);
  }

  get size(): number {
    return this.#taught.size;
  }
}
