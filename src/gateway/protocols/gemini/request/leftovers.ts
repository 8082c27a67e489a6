/** Collects what a request says that has no canonical place, so that it can be put back or warned about. */
export class Leftovers {
  readonly #fields = new Map<string, unknown>();

  /** A top-level field, or, named by its path, one deeper down that cannot be put back. */
  field(name: string, value: unknown): void {
    if (value !== undefined && value !== null) this.#fields.set(name, value);
  }

  /** A field of a top-level object. */
  nested(parent: string, name: string, value: unknown): void {
    if (value === undefined || value === null) return;
    const before = this.#fields.get(parent);
    this.#fields.set(parent, { ...(typeof before === "object" ? before : {}), [name]: value });
  }

  fields(): Record<string, unknown> | undefined {
    return this.#fields.size === 0 ? undefined : Object.fromEntries(this.#fields);
  }
}
