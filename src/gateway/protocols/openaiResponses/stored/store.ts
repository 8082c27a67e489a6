/**
 * Responses kept in memory for targets that have no `/v1/responses` of their own: retrieval,
 * deletion, input items, and the items that come before a request that names
 * `previous_response_id` or `conversation`. Bounded by count, bytes and age.
 */
import * as z from "zod";
import { badRequest } from "../../../common/errors.ts";
import { type Fields, isRecord, listOf, textOf } from "../../../common/json.ts";
import { Conversations, type ConversationsOptions } from "./conversations.ts";
import { type ItemPage, itemPage, itemsOf, missing, type PageQuery, sizeOf, withIds } from "./itemPage.ts";
import { madeBy, ofClient, scoped } from "./ownership.ts";

export interface StoreLimits {
  /** Responses, and as many conversations. */
  count: number;
  /** Of all items and responses together, as JSON (UTF-16 units). */
  bytes: number;
  /** Milliseconds since the last use. */
  ageMs: number;
}

export interface StoreOptions {
  limits: StoreLimits;
  /** Milliseconds. */
  now: () => number;
  /** Random id part: 24 letters and digits, unique at each call. */
  newId: () => string;
  /** Something is kept that was not, or gone. */
  onChange?: () => void;
}

/** A stored response as it comes from the disk. */
const entrySchema = z.object({
  response: z.record(z.string(), z.unknown()),
  input: z.array(z.record(z.string(), z.unknown())),
  previousId: z.string().optional(),
  conversationId: z.string().optional(),
  usedAt: z.number(),
});

interface Entry {
  /** Id of the key that asked for it; absent: the owner. */
  client: string | undefined;
  response: Fields;
  /** The request's own input, with ids. */
  input: Fields[];
  previousId: string | undefined;
  conversationId: string | undefined;
  bytes: number;
  usedAt: number;
}

export interface Preceding {
  previousResponseId?: string;
  conversationId?: string;
}

/** A chain of responses longer than this is cut off with an error. */
const CHAIN_LIMIT = 10_000;

/** What all clients together have: each sees its own. */
class Kept {
  /** Least recently used first. */
  readonly entries = new Map<string, Entry>();
  /** For `item_reference`: items of stored responses by id. */
  readonly items = new Map<string, Fields>();
  bytes = 0;
}

export class ResponseStore {
  readonly #options: StoreOptions;
  readonly #client: string | undefined;
  readonly #kept: Kept;
  readonly conversations: Conversations;

  constructor(options: StoreOptions);
  constructor(options: StoreOptions, client: string | undefined, all: ResponseStore);
  constructor(options: StoreOptions, client?: string, all?: ResponseStore) {
    this.#options = options;
    this.#client = client;
    this.#kept = all === undefined ? new Kept() : all.#kept;
    const conversations: ConversationsOptions = {
      ...options,
      itemOf: (id) => this.#kept.items.get(this.#at(id)),
      onGrow: () => this.sweep(),
      onChange: () => this.#options.onChange?.(),
    };
    this.conversations = all?.conversations.of(client, conversations) ?? new Conversations(conversations);
  }

  /** The same as a client key sees it: what another made is not there. @param client id of the key; absent: the owner */
  of(client: string | undefined): ResponseStore {
    return new ResponseStore(this.#options, client, this);
  }

  #at(id: string): string {
    return scoped(this.#client, id);
  }

  get size(): number {
    return this.#kept.entries.size;
  }

  /** Of responses and conversations. */
  get bytes(): number {
    return this.#kept.bytes + this.conversations.bytes;
  }

  /**
   * Keeps a response with the input of its request (a text or items; what came before is not part
   * of it), and adds both to its conversation. One that is larger than the store is not kept.
   */
  put(response: Fields, input: unknown, preceding: Preceding = {}): void {
    const id = textOf(response.id);
    if (id === undefined) return;
    this.delete(id);
    const items = withIds(input, this.#options.newId);
    const bytes = sizeOf(response) + sizeOf(items);
    if (bytes > this.#options.limits.bytes) return;
    const entry: Entry = {
      client: this.#client,
      response,
      input: items,
      previousId: preceding.previousResponseId,
      conversationId: preceding.conversationId,
      bytes,
      usedAt: this.#options.now(),
    };
    this.#set(id, entry);
    if (preceding.conversationId !== undefined) {
      this.conversations.append(preceding.conversationId, partsOf(entry));
    }
    this.sweep();
    this.#options.onChange?.();
  }

  /** The stored response; `undefined`: unknown, deleted or expired. */
  get(id: string): Fields | undefined {
    return this.#use(id)?.response;
  }

  /** `false`: there was none. Responses that continue it lose what came before them. */
  delete(id: string): boolean {
    return this.#drop(this.#at(id));
  }

  /**
   * The items before a request's own input, oldest first.
   * @throws PorticoError `not_found` as the API answers it.
   */
  preceding({ previousResponseId, conversationId }: Preceding): Fields[] {
    if (previousResponseId !== undefined && conversationId !== undefined) {
      throw badRequest(
        "'previous_response_id' cannot be used together with 'conversation'.",
        "previous_response_id",
      );
    }
    if (conversationId !== undefined) return this.conversations.items(conversationId);
    return previousResponseId === undefined ? [] : this.#chain(previousResponseId);
  }

  /**
   * The whole input of a request as items: what precedes it, then its own with references
   * (`item_reference`) resolved where the item is known.
   */
  resolve(input: unknown, preceding: Preceding): Fields[] {
    const resolved = itemsOf(input).map((item) => {
      const id = item.type === undefined || item.type === "item_reference" ? textOf(item.id) : undefined;
      if (id === undefined || item.role !== undefined) return item;
      const known = this.#kept.items.get(this.#at(id));
      if (known !== undefined) return known;
      throw missing(`Item with id '${id}' not found.`, "input", "item_not_found", 400);
    });
    return [...this.preceding(preceding), ...resolved];
  }

  /** @throws PorticoError `not_found` for an unknown response or `after`. */
  inputItems(id: string, query: PageQuery = {}): ItemPage {
    const entry = this.#use(id);
    if (entry === undefined) {
      throw missing(`Response with id '${id}' not found.`, "response_id", "response_not_found", 404);
    }
    const before = this.preceding(
      entry.previousId === undefined ? {} : { previousResponseId: entry.previousId },
    );
    return itemPage([...before, ...entry.input], query);
  }

  /** Drops what is too old or too much; also done at each `put`. */
  sweep(): void {
    const { count, bytes, ageMs } = this.#options.limits;
    const oldest = this.#options.now() - ageMs;
    for (const [at, entry] of this.#kept.entries) {
      if (entry.usedAt >= oldest && this.size <= count && this.bytes <= bytes) break;
      this.#drop(at);
    }
    const { conversations } = this;
    for (let next = conversations.oldest; next !== undefined; next = conversations.oldest) {
      const fits = conversations.size <= count && this.bytes <= bytes;
      if (next.usedAt >= oldest && fits) break;
      conversations.drop(next.at);
    }
  }

  /**
   * Plain data, as `restore` takes it: the latest used, least recently used first.
   *
   * @param bytes of all together, as JSON (UTF-16 units)
   * @param ageMs since the last use
   */
  snapshot(bytes: number, ageMs: number): { responses: unknown[]; conversations: unknown[] } {
    const responses = [...this.#kept.entries.values()].map((entry) => ({
      kind: "responses" as const,
      ...entry,
    }));
    const conversations = this.conversations.snapshot();
    const oldest = this.#options.now() - ageMs;
    const out = { responses: [] as unknown[], conversations: [] as unknown[] };
    let size = 0;
    const latestFirst = [...responses, ...conversations].toReversed().toSorted((a, b) => b.usedAt - a.usedAt);
    for (const { kind, ...entry } of latestFirst) {
      // Ids, times and names of fields come on top.
      size += entry.bytes + 300;
      if (entry.usedAt < oldest || size > bytes) break;
      out[kind].unshift(ofClient(entry));
    }
    return out;
  }

  /** What is no such data, or too old, is passed over; what is here already stays. */
  restore(saved: { responses: readonly unknown[]; conversations: readonly unknown[] }, ageMs: number): void {
    const oldest = this.#options.now() - ageMs;
    for (const one of saved.responses) {
      const { client, saved } = madeBy(one);
      const { success, data } = entrySchema.safeParse(saved);
      if (!success || data.usedAt < oldest) continue;
      const id = textOf(data.response.id);
      if (id === undefined || this.#kept.entries.has(scoped(client, id))) continue;
      const { previousId, conversationId, ...rest } = data;
      this.#set(id, {
        ...rest,
        client,
        previousId,
        conversationId,
        bytes: sizeOf(rest.response) + sizeOf(rest.input),
      });
    }
    for (const one of saved.conversations) this.conversations.restore(one, oldest);
    this.sweep();
  }

  #set(id: string, entry: Entry): void {
    this.#kept.entries.set(scoped(entry.client, id), entry);
    this.#kept.bytes += entry.bytes;
    for (const item of this.#ownItems(entry))
      this.#kept.items.set(scoped(entry.client, String(item.id)), item);
  }

  #drop(at: string): boolean {
    const { entries, items } = this.#kept;
    const entry = entries.get(at);
    if (entry === undefined) return false;
    entries.delete(at);
    this.#kept.bytes -= entry.bytes;
    this.#options.onChange?.();
    for (const item of this.#ownItems(entry)) {
      const itemAt = scoped(entry.client, String(item.id));
      if (items.get(itemAt) === item) items.delete(itemAt);
    }
    return true;
  }

  #ownItems(entry: Entry): Fields[] {
    return partsOf(entry).filter((item) => typeof item.id === "string");
  }

  #use(id: string): Entry | undefined {
    const { entries } = this.#kept;
    const at = this.#at(id);
    const entry = entries.get(at);
    if (entry === undefined) return undefined;
    if (entry.usedAt < this.#options.now() - this.#options.limits.ageMs) {
      this.delete(id);
      return undefined;
    }
    entry.usedAt = this.#options.now();
    entries.delete(at);
    entries.set(at, entry);
    return entry;
  }

  #chain(last: string): Fields[] {
    const parts: Fields[][] = [];
    let id: string | undefined = last;
    while (id !== undefined) {
      const entry: Entry | undefined = parts.length < CHAIN_LIMIT ? this.#use(id) : undefined;
      if (entry === undefined) throw noResponse(id);
      parts.push(partsOf(entry));
      if (entry.conversationId !== undefined) break;
      id = entry.previousId;
    }
    return parts.reverse().flat();
  }
}

/** As the API says it of a `previous_response_id` that it does not know. */
export function noResponse(id: string) {
  const shown = id.slice(0, 100);
  const message = `Previous response with id '${shown}' not found.`;
  return missing(message, "previous_response_id", "previous_response_not_found", 400);
}

/** What was asked and answered. */
function partsOf({ input, response }: Entry): Fields[] {
  return [...input, ...listOf(response.output).filter(isRecord)];
}
