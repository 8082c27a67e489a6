/** What providers have told of models by refusing something of them, until the next start. */

import { setLatest } from "../common/latest.ts";
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
    setLatest(this.#taught, key, { ...this.#taught.get(key), ...known }, MOST_TAUGHT);
  }

  get size(): number {
    return this.#taught.size;
  }
}
