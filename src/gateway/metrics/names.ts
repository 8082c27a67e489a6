/** Labels never have more different values than a time-series database can bear. */

/** Stands for every name beyond the limit. */
export const OTHER = "other";
/** Characters of a label's value. */
const MAX_LENGTH = 120;

/** Lets the first `max` different names through; clients can make up any number of them. */
export class BoundedNames {
  readonly #max: number;
  readonly #known = new Set<string>();

  constructor(max: number) {
    this.#max = max;
  }

  of(name: string): string {
    if (this.#known.has(name)) return name;
    if (name.length > MAX_LENGTH || this.#known.size >= this.#max) return OTHER;
    this.#known.add(name);
    return name;
  }
}
