/**
 * What belongs to the account that made it (stored responses, encrypted reasoning, uploaded files):
 * bounded, the oldest goes first.
 */
import * as z from "zod";
import { setLatest } from "../common/latest.ts";

const LIMIT = 20_000;

const entrySchema = z.tuple([z.string().max(500), z.string().max(100)]);

export class Bindings {
  readonly #accounts = new Map<string, string>();
  readonly #limit: number;
  /** Told of each that is set. */
  onSet: ((id: string, account: string) => void) | undefined;

  constructor(limit = LIMIT) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#accounts.size;
  }

  set(id: string, account: string): void {
    setLatest(this.#accounts, id, account, this.#limit);
    this.onSet?.(id, account);
  }

  /** The account's id. */
  get(id: string): string | undefined {
    return this.#accounts.get(id);
  }

  delete(id: string): void {
    this.#accounts.delete(id);
  }

  /** Plain data, as `restore` takes it. */
  snapshot(): [id: string, account: string][] {
    return [...this.#accounts];
  }

  /** What is no such data is passed over. */
  restore(snapshot: unknown): void {
    if (!Array.isArray(snapshot)) return;
    for (const entry of snapshot.slice(-this.#limit)) {
      const { success, data } = entrySchema.safeParse(entry);
      if (success) this.set(data[0], data[1]);
    }
  }
}
