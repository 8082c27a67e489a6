/**
 * Which account a conversation was served by: bounded. Forgotten after an hour of silence, unless that account alone can
 * read what the model thought there.
 */
import * as z from "zod";
import { PROTOCOLS, type Protocol } from "../../../control/protocol.ts";
import { setLatest } from "../../common/latest.ts";
import type { Clock } from "../../common/ports.ts";
import { validEntries } from "../snapshot.ts";

/** Milliseconds of silence after which a provider's prompt cache is surely gone. */
export const IDLE_MS = 60 * 60_000;
export const MAX_SESSIONS = 10_000;

const entrySchema = z.object({
  session: z.string(),
  model: z.string(),
  account: z.string(),
  at: z.number(),
  /** By which of its account's endpoints it was served. */
  protocol: z.enum(PROTOCOLS).optional().catch(undefined),
  /** The account keeps more than a cache: its thinking. */
  holdsThinking: z.literal(true).optional().catch(undefined),
});
export type StickyEntry = Readonly<z.output<typeof entrySchema>>;

export class StickySessions {
  /** Told of each conversation that is served here. */
  onSet: ((entry: StickyEntry) => void) | undefined;
  readonly #clock: Pick<Clock, "now">;
  readonly #limit: number;
  /** The longest unused first. */
  readonly #entries = new Map<string, StickyEntry>();

  constructor(clock: Pick<Clock, "now">, limit = MAX_SESSIONS) {
    this.#clock = clock;
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The account's id. Caches belong to a model, so a conversation may have one for each. */
  get(session: string, model: string): string | undefined {
    const key = keyOf(session, model);
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (this.#isKept(entry)) return entry.account;
    this.#entries.delete(key);
    return undefined;
  }

  /** The endpoint of that account where the conversation is, idle or not: elsewhere its encrypted reasoning is lost. */
  protocol(session: string, model: string, account: string): Protocol | undefined {
    const entry = this.#entries.get(keyOf(session, model));
    return entry?.account === account ? entry.protocol : undefined;
  }

  set(
    session: string,
    model: string,
    account: string,
    { protocol, holdsThinking }: Pick<StickyEntry, "protocol" | "holdsThinking"> = {},
  ): void {
    const entry = this.#entry(session, model, account, { protocol, holdsThinking });
    this.#put(entry);
    this.onSet?.(entry);
  }

  /** Another gateway served it, so far. */
  learn(
    session: string,
    model: string,
    account: string,
    more: Pick<StickyEntry, "protocol" | "holdsThinking">,
  ): void {
    if (this.get(session, model) === undefined) this.#put(this.#entry(session, model, account, more));
  }

  #entry(
    session: string,
    model: string,
    account: string,
    { protocol, holdsThinking }: Pick<StickyEntry, "protocol" | "holdsThinking">,
  ): StickyEntry {
    const at = this.#clock.now();
    return {
      ...{ session, model, account, at },
      ...(protocol && { protocol }),
      ...(holdsThinking && { holdsThinking }),
    };
  }

  /** Forgets all other accounts. */
  retain(accounts: ReadonlySet<string>): void {
    for (const [key, { account }] of this.#entries) if (!accounts.has(account)) this.#entries.delete(key);
  }

  /** Plain data, as `restore` takes it; without caches that are gone. */
  snapshot(): StickyEntry[] {
    return [...this.#entries.values()].filter((entry) => this.#isKept(entry));
  }

  /** What is no such data is passed over. */
  restore(snapshot: unknown): void {
    for (const entry of validEntries(snapshot, entrySchema, this.#limit)) this.#put(entry);
  }

  #isKept({ at, holdsThinking }: StickyEntry): boolean {
    return holdsThinking === true || this.#clock.now() - at <= IDLE_MS;
  }

  #put(entry: StickyEntry): void {
    setLatest(this.#entries, keyOf(entry.session, entry.model), entry, this.#limit);
  }
}

const keyOf = (session: string, model: string): string => `${session} ${model}`;
