/**
 * Responses kept in memory for targets that have no `/v1/responses` of their own: retrieval,
 * deletion, input items, and the items that come before a request that names
 * `previous_response_id` or `conversation`. Bounded by count, bytes and age.
 */
import { PorticoError } from "../../errors.ts";
import { ID_PREFIX, ownId } from "./ids.ts";
import { type Fields, isFields, listOf, numberOf, textOf } from "./values.ts";

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
}

/** Query of `GET /v1/responses/{id}/input_items`. */
export interface PageQuery {
  after?: string;
  /** 1 to 100; 20 by default. */
  limit?: number;
  /** `desc` by default. */
  order?: "asc" | "desc";
}

export interface ItemPage {
  object: "list";
  data: Fields[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
}

interface Entry {
  response: Fields;
  /** The request's own input, with ids. */
  input: Fields[];
  previousId: string | undefined;
  conversationId: string | undefined;
  bytes: number;
  usedAt: number;
}

interface Conversation {
  items: Fields[];
  bytes: number;
  usedAt: number;
}

export interface Preceding {
  previousResponseId?: string;
  conversationId?: string;
}

const PAGE = { least: 1, most: 100, usual: 20 };
/** A chain of responses longer than this is cut off with an error. */
const CHAIN_LIMIT = 10_000;

function sizeOf(value: unknown): number {
  return JSON.stringify(value)?.length ?? 0;
}

function missing(message: string, field: string, code: string, status: number): PorticoError {
  return new PorticoError("not_found", message, { status, field, code, retryable: false });
}

export class ResponseStore {
  readonly #options: StoreOptions;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();
  readonly #conversations = new Map<string, Conversation>();
  /** For `item_reference`: items of stored responses by id. */
  readonly #items = new Map<string, Fields>();
  #bytes = 0;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Keeps a response with the input of its request (a text or items; what came before is not part
   * of it), and adds both to its conversation. One that is larger than the store is not kept.
   */
  put(response: Fields, input: unknown, preceding: Preceding = {}): void {
    const id = textOf(response.id);
    if (id === undefined) return;
    this.delete(id);
    const items = this.#withIds(input);
    const bytes = sizeOf(response) + sizeOf(items);
    if (bytes > this.#options.limits.bytes) return;
    const entry: Entry = {
      response,
      input: items,
      previousId: preceding.previousResponseId,
      conversationId: preceding.conversationId,
      bytes,
      usedAt: this.#options.now(),
    };
    this.#entries.set(id, entry);
    this.#bytes += bytes;
    for (const item of this.#ownItems(entry)) this.#items.set(String(item.id), item);
    if (preceding.conversationId !== undefined) this.#append(preceding.conversationId, entry);
    this.sweep();
  }

  /** The stored response; `undefined`: unknown, deleted or expired. */
  get(id: string): Fields | undefined {
    return this.#use(id)?.response;
  }

  /** `false`: there was none. Responses that continue it lose what came before them. */
  delete(id: string): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    this.#entries.delete(id);
    this.#bytes -= entry.bytes;
    for (const item of this.#ownItems(entry)) {
      if (this.#items.get(String(item.id)) === item) this.#items.delete(String(item.id));
    }
    return true;
  }

  /** Makes an empty conversation, so that requests may name it. */
  createConversation(id: string = ownId("conv", this.#options.newId())): string {
    this.#conversations.set(id, { items: [], bytes: 0, usedAt: this.#options.now() });
    this.sweep();
    return id;
  }

  hasConversation(id: string): boolean {
    return this.#conversations.has(id);
  }

  deleteConversation(id: string): boolean {
    const conversation = this.#conversations.get(id);
    if (conversation === undefined) return false;
    this.#conversations.delete(id);
    this.#bytes -= conversation.bytes;
    return true;
  }

  /**
   * The items before a request's own input, oldest first.
   * @throws PorticoError `not_found` as the API answers it.
   */
  preceding({ previousResponseId, conversationId }: Preceding): Fields[] {
    if (previousResponseId !== undefined && conversationId !== undefined) {
      throw new PorticoError(
        "invalid_request",
        "'previous_response_id' cannot be used together with 'conversation'.",
        { field: "previous_response_id", retryable: false },
      );
    }
    if (conversationId !== undefined) return this.#conversationItems(conversationId);
    return previousResponseId === undefined ? [] : this.#chain(previousResponseId);
  }

  /**
   * The whole input of a request as items: what precedes it, then its own with references
   * (`item_reference`) resolved where the item is known.
   */
  resolve(input: unknown, preceding: Preceding): Fields[] {
    const own = typeof input === "string" ? [message(input)] : listOf(input).filter(isFields);
    const resolved = own.map((item) => {
      const id = item.type === undefined || item.type === "item_reference" ? textOf(item.id) : undefined;
      if (id === undefined || item.role !== undefined) return item;
      const known = this.#items.get(id);
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
    const items = [...before, ...entry.input];
    if (query.order !== "asc") items.reverse();
    const limit = Math.min(PAGE.most, Math.max(PAGE.least, Math.trunc(numberOf(query.limit) ?? PAGE.usual)));
    let start = 0;
    if (query.after !== undefined) {
      start = items.findIndex((item) => item.id === query.after) + 1;
      if (start === 0)
        throw missing(`Item with id '${query.after}' not found.`, "after", "item_not_found", 404);
    }
    const data = items.slice(start, start + limit);
    return {
      object: "list",
      data,
      first_id: textOf(data[0]?.id) ?? null,
      last_id: textOf(data.at(-1)?.id) ?? null,
      has_more: start + limit < items.length,
    };
  }

  /** Drops what is too old or too much; also done at each `put`. */
  sweep(): void {
    const { count, bytes, ageMs } = this.#options.limits;
    const oldest = this.#options.now() - ageMs;
    for (const [id, entry] of this.#entries) {
      if (entry.usedAt >= oldest && this.#entries.size <= count && this.#bytes <= bytes) break;
      this.delete(id);
    }
    for (const [id, conversation] of this.#conversations) {
      const fits = this.#conversations.size <= count && this.#bytes <= bytes;
      if (conversation.usedAt >= oldest && fits) break;
      this.deleteConversation(id);
    }
  }

  #ownItems(entry: Entry): Fields[] {
    const output = listOf(entry.response.output).filter(isFields);
    return [...entry.input, ...output].filter((item) => typeof item.id === "string");
  }

  #use(id: string): Entry | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    if (entry.usedAt < this.#options.now() - this.#options.limits.ageMs) {
      this.delete(id);
      return undefined;
    }
    entry.usedAt = this.#options.now();
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    return entry;
  }

  #chain(last: string): Fields[] {
    const parts: Fields[][] = [];
    let id: string | undefined = last;
    while (id !== undefined) {
      const entry: Entry | undefined = parts.length < CHAIN_LIMIT ? this.#use(id) : undefined;
      if (entry === undefined) {
        throw missing(
          `Previous response with id '${id}' not found.`,
          "previous_response_id",
          "previous_response_not_found",
          400,
        );
      }
      parts.push([...entry.input, ...listOf(entry.response.output).filter(isFields)]);
      if (entry.conversationId !== undefined) break;
      id = entry.previousId;
    }
    return parts.reverse().flat();
  }

  #conversationItems(id: string): Fields[] {
    const conversation = this.#conversations.get(id);
    const oldest = this.#options.now() - this.#options.limits.ageMs;
    if (conversation === undefined || conversation.usedAt < oldest) {
      this.deleteConversation(id);
      throw missing(`Conversation with id '${id}' not found.`, "conversation", "conversation_not_found", 404);
    }
    conversation.usedAt = this.#options.now();
    this.#conversations.delete(id);
    this.#conversations.set(id, conversation);
    return [...conversation.items];
  }

  #append(id: string, entry: Entry): void {
    const conversation = this.#conversations.get(id);
    if (conversation === undefined) return;
    const items = [...entry.input, ...listOf(entry.response.output).filter(isFields)];
    const bytes = sizeOf(items);
    for (const item of items) conversation.items.push(item);
    conversation.bytes += bytes;
    this.#bytes += bytes;
    conversation.usedAt = this.#options.now();
    this.#conversations.delete(id);
    this.#conversations.set(id, conversation);
  }

  #withIds(input: unknown): Fields[] {
    const items = typeof input === "string" ? [message(input)] : listOf(input).filter(isFields);
    return items.map((item) => {
      const type = textOf(item.type) ?? "message";
      if (textOf(item.id) !== undefined) return item;
      return { ...item, type, id: ownId(ID_PREFIX[type] ?? "item", this.#options.newId()) };
    });
  }
}

function message(text: string): Fields {
  return { type: "message", role: "user", content: [{ type: "input_text", text }] };
}
