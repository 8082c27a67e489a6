/**
 * What belongs to the account that made it (stored responses, encrypted reasoning, uploaded files), and to the
 * client key that asked for it: bounded, the oldest goes first.
 */
import * as z from "zod";
import { setLatest } from "../common/latest.ts";
import { validEntries } from "./snapshot.ts";

const LIMIT = 20_000;

const entrySchema = z.tuple([z.string().max(500), z.string().max(100), z.string().max(100).optional()]);

/** @param client id of the key; absent: the owner */
export type Binding = readonly [id: string, account: string, client?: string | undefined];

interface Maker {
  readonly account: string;
  readonly client: string | undefined;
}

class All {
  readonly makers = new Map<string, Maker>();
  onSet: ((...binding: Binding) => void) | undefined;
  onMade: ((...binding: Binding) => void) | undefined;
  readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }
}

export class Bindings {
  readonly #all: All;
  readonly #client: string | undefined;

  constructor(limit = LIMIT, all = new All(limit), client?: string) {
    this.#all = all;
    this.#client = client;
  }

  /** The same as a client key sees it: what another made is not there. */
  of(client: string | undefined): Bindings {
    return new Bindings(this.#all.limit, this.#all, client);
  }

  get size(): number {
    return this.#all.makers.size;
  }

  /** Told of each that is set, whoever sets it. */
  set onSet(listener: (...binding: Binding) => void) {
    this.#all.onSet = listener;
  }

  /** Told of each that is made here. */
  set onMade(listener: (...binding: Binding) => void) {
    this.#all.onMade = listener;
  }

  /** What another made stays that one's. */
  set(id: string, account: string): void {
    if (this.learn(id, account)) this.#all.onMade?.(...bindingOf(id, account, this.#client));
  }

  /** The same of what another gateway knows. @returns whether it is so now */
  learn(id: string, account: string): boolean {
    const maker = this.#all.makers.get(id);
    if (maker !== undefined && maker.client !== this.#client) return false;
    this.#put(id, account, this.#client);
    return true;
  }

  /** Whose ids are seen here: a client key's; `undefined`: the owner's. */
  get client(): string | undefined {
    return this.#client;
  }

  /** The account's id. */
  get(id: string): string | undefined {
    const maker = this.#all.makers.get(id);
    return maker?.client === this.#client ? maker?.account : undefined;
  }

  /**
   * May whoever looks ask providers for it? What a client key has not made itself it may not, as accounts serve
   * others as well; the owner may, unless a key made it.
   */
  isOpen(id: string): boolean {
    const maker = this.#all.makers.get(id);
    return maker === undefined ? this.#client === undefined : maker.client === this.#client;
  }

  delete(id: string): void {
    if (this.get(id) !== undefined) this.#all.makers.delete(id);
  }

  /** Plain data, as `restore` takes it. */
  snapshot(): Binding[] {
    return [...this.#all.makers].map(([id, { account, client }]) => bindingOf(id, account, client));
  }

  /** What is no such data is passed over. */
  restore(snapshot: unknown): void {
    for (const entry of validEntries(snapshot, entrySchema, this.#all.limit)) this.#put(...entry);
  }

  #put(...[id, account, client]: Binding): void {
    setLatest(this.#all.makers, id, { account, client }, this.#all.limit);
    this.#all.onSet?.(...bindingOf(id, account, client));
  }
}

/** An owner's has two entries, as ever. */
const bindingOf = (id: string, account: string, client: string | undefined): Binding =>
  client === undefined ? [id, account] : [id, account, client];
