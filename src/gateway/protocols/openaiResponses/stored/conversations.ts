/**
 * Conversations kept in memory, for targets that have none: their items and metadata. How many and
 * how large they may be all together is the business of `ResponseStore`, which holds them.
 */
import * as z from "zod";
import { badRequest } from "../../../common/errors.ts";
import { type Fields, textOf } from "../../../common/json.ts";
import { ID_PREFIX, ownId } from "../ids.ts";
import { type ItemPage, itemPage, listed, missing, type PageQuery, sizeOf, withIds } from "./itemPage.ts";
import { madeBy, scoped } from "./ownership.ts";

/** Items that one request may add, as the API has it. */
const ITEMS_AT_ONCE = 20;

/** Pairs, characters of a name, characters of a value: as the API has them. */
const METADATA = { pairs: 16, name: 64, value: 512 };

interface Conversation {
  readonly id: string;
  /** Id of the key that made it; absent: the owner. */
  readonly client: string | undefined;
  /** Seconds since 1970. */
  readonly createdAt: number;
  metadata: Fields;
  items: Fields[];
  bytes: number;
  /** Milliseconds since 1970. */
  usedAt: number;
}

export interface ConversationsOptions {
  limits: { readonly bytes: number; readonly ageMs: number };
  now: () => number;
  newId: () => string;
  /** An item of a response that is kept, for references. */
  itemOf: (id: string) => Fields | undefined;
  /** There is more to keep than before. */
  onGrow: () => void;
  /** Something changed. */
  onChange: () => void;
}

const fieldsSchema = z.record(z.string(), z.unknown());

/** As it comes from the disk. */
const savedSchema = z.object({
  id: z.string().min(1).max(200),
  createdAt: z.number(),
  metadata: fieldsSchema,
  items: z.array(fieldsSchema),
  usedAt: z.number(),
});

const itemsSchema = z
  .array(z.looseObject({}), { error: "'items' must be an array of items." })
  .max(ITEMS_AT_ONCE, { error: `'items' may hold ${ITEMS_AT_ONCE} items at a time.` });

const metadataSchema = z
  .record(
    z
      .string()
      .max(METADATA.name, { error: `'metadata' has a name of more than ${METADATA.name} characters.` }),
    z
      .string({ error: "'metadata' takes text values only." })
      .max(METADATA.value, { error: `'metadata' has a value of more than ${METADATA.value} characters.` }),
    { error: "'metadata' must be an object." },
  )
  .refine((pairs) => Object.keys(pairs).length <= METADATA.pairs, {
    error: `'metadata' may hold ${METADATA.pairs} pairs.`,
  });

/** What all clients together have: each sees its own. */
class All {
  /** Least recently used first. */
  readonly kept = new Map<string, Conversation>();
  bytes = 0;
}

export class Conversations {
  readonly #options: ConversationsOptions;
  readonly #client: string | undefined;
  readonly #all: All;

  constructor(options: ConversationsOptions, client?: string, all = new All()) {
    this.#options = options;
    this.#client = client;
    this.#all = all;
  }

  /** The same as a client key sees it: what another made is not there. */
  of(client: string | undefined, options: ConversationsOptions): Conversations {
    return new Conversations(options, client, this.#all);
  }

  get size(): number {
    return this.#all.kept.size;
  }

  /** Of all, as JSON (UTF-16 units). */
  get bytes(): number {
    return this.#all.bytes;
  }

  /** The least recently used, with when that was. */
  get oldest(): { at: string; usedAt: number } | undefined {
    const next = this.#all.kept.entries().next();
    return next.done === true ? undefined : { at: next.value[0], usedAt: next.value[1].usedAt };
  }

  /**
   * @param body `{items, metadata}`, both optional
   * @returns the conversation as the API shows it
   * @throws PorticoError `invalid_request` naming the field
   */
  create(body: Fields = {}, id: string = ownId("conv", this.#options.newId())): Fields {
    const metadata = metadataOf(body.metadata);
    const items = body.items === undefined || body.items === null ? [] : this.#taken(body.items, []);
    const bytes = sizeOf(items) + sizeOf(metadata);
    this.#fits(bytes, body.items === undefined ? "metadata" : "items");
    const now = this.#options.now();
    const createdAt = Math.floor(now / 1000);
    const conversation = { id, client: this.#client, createdAt, metadata, items, bytes, usedAt: now };
    this.#put(conversation);
    this.#options.onGrow();
    this.#options.onChange();
    return shown(id, conversation);
  }

  has(id: string): boolean {
    return this.#find(id) !== undefined;
  }

  /** @throws PorticoError `not_found`, as all that follow */
  get(id: string): Fields {
    return shown(id, this.#used(id));
  }

  update(id: string, body: Fields): Fields {
    const conversation = this.#used(id);
    const metadata = metadataOf(body.metadata);
    const grows = sizeOf(metadata) - sizeOf(conversation.metadata);
    this.#fits(conversation.bytes + grows, "metadata");
    conversation.metadata = metadata;
    this.#grow(conversation, grows);
    return shown(id, conversation);
  }

  /** `false`: there was none. */
  delete(id: string): boolean {
    return this.drop(scoped(this.#client, id));
  }

  /** The same, whoever made it. @param at as `oldest` says it */
  drop(at: string): boolean {
    const conversation = this.#all.kept.get(at);
    if (conversation === undefined) return false;
    this.#all.kept.delete(at);
    this.#all.bytes -= conversation.bytes;
    this.#options.onChange();
    return true;
  }

  /** All items, oldest first. */
  items(id: string): Fields[] {
    return [...this.#used(id).items];
  }

  page(id: string, query: PageQuery): ItemPage {
    return itemPage(this.#used(id).items, query);
  }

  /** @returns what was added, as the API lists it */
  add(id: string, body: Fields): ItemPage {
    const conversation = this.#used(id);
    const items = this.#taken(body.items, conversation.items);
    this.#fits(conversation.bytes + sizeOf(items), "items");
    this.append(id, items);
    return listed(items);
  }

  /** What a response said and was asked; nothing where the conversation is gone. */
  append(id: string, items: readonly Fields[]): void {
    const conversation = this.#find(id);
    if (conversation === undefined) return;
    for (const item of items) conversation.items.push(item);
    this.#use(id, conversation);
    this.#grow(conversation, sizeOf(items));
  }

  item(id: string, itemId: string): Fields {
    const found = this.#used(id).items.find((item) => item.id === itemId);
    if (found === undefined) throw noItem(itemId);
    return found;
  }

  /** @returns the conversation, as the API does */
  deleteItem(id: string, itemId: string): Fields {
    const conversation = this.#used(id);
    const at = conversation.items.findIndex((item) => item.id === itemId);
    if (at < 0) throw noItem(itemId);
    const [removed] = conversation.items.splice(at, 1);
    this.#grow(conversation, -sizeOf(removed));
    return shown(id, conversation);
  }

  /** Plain data, as `restore` takes it, least recently used first. */
  snapshot(): (Conversation & { kind: "conversations" })[] {
    return [...this.#all.kept.values()].map((conversation) => ({ kind: "conversations", ...conversation }));
  }

  /**
   * What is no such data, or here already, is passed over.
   * @param oldest when it was used last, at the earliest; milliseconds since 1970
   */
  restore(given: unknown, oldest: number): void {
    const { client, saved } = madeBy(given);
    const { success, data } = savedSchema.safeParse(saved);
    if (!success || data.usedAt < oldest || this.#all.kept.has(scoped(client, data.id))) return;
    this.#put({ ...data, client, bytes: sizeOf(data.items) + sizeOf(data.metadata) });
  }

  #taken(given: unknown, present: readonly Fields[]): Fields[] {
    const parsed = itemsSchema.safeParse(given);
    if (!parsed.success) throw badRequest(parsed.error.issues[0]?.message ?? "'items' is wrong.", "items");
    const known = new Set(present.map((item) => item.id));
    return parsed.data.map((given) => {
      const [item = given] = withIds([this.#resolved(given)], this.#options.newId);
      const own = known.has(item.id) ? { ...item, id: this.#newItemId(item) } : item;
      known.add(own.id);
      return asKept(own);
    });
  }

  #newItemId(item: Fields): string {
    return ownId(ID_PREFIX[textOf(item.type) ?? "message"] ?? "item", this.#options.newId());
  }

  #resolved(item: Fields): Fields {
    if (item.type !== "item_reference") return item;
    const id = textOf(item.id) ?? "";
    const found = this.#options.itemOf(id);
    if (found === undefined) throw missing(`Item with id '${id}' not found.`, "items", "item_not_found", 400);
    return found;
  }

  #fits(bytes: number, field: string): void {
    if (bytes <= this.#options.limits.bytes) return;
    throw badRequest(
      "The conversation would be larger than what is kept here ('responses.maxBytes').",
      field,
    );
  }

  #find(id: string): Conversation | undefined {
    const conversation = this.#all.kept.get(scoped(this.#client, id));
    if (conversation === undefined) return undefined;
    if (conversation.usedAt >= this.#options.now() - this.#options.limits.ageMs) return conversation;
    this.delete(id);
    return undefined;
  }

  #used(id: string): Conversation {
    const conversation = this.#find(id);
    if (conversation === undefined) throw noConversation(id);
    this.#use(id, conversation);
    return conversation;
  }

  #use(id: string, conversation: Conversation): void {
    conversation.usedAt = this.#options.now();
    const at = scoped(this.#client, id);
    this.#all.kept.delete(at);
    this.#all.kept.set(at, conversation);
  }

  #put(conversation: Conversation): void {
    const at = scoped(conversation.client, conversation.id);
    this.#all.bytes += conversation.bytes - (this.#all.kept.get(at)?.bytes ?? 0);
    this.#all.kept.delete(at);
    this.#all.kept.set(at, conversation);
  }

  #grow(conversation: Conversation, bytes: number): void {
    conversation.bytes += bytes;
    this.#all.bytes += bytes;
    if (bytes > 0) this.#options.onGrow();
    this.#options.onChange();
  }
}

/** As the API says it of an id that it does not know. */
export function noConversation(id: string) {
  const shown = id.slice(0, 100);
  return missing(`Conversation with id '${shown}' not found.`, "conversation", "conversation_not_found", 404);
}

function noItem(id: string) {
  return missing(`Item with id '${id.slice(0, 100)}' not found.`, "item_id", "item_not_found", 404);
}

function metadataOf(given: unknown): Fields {
  if (given === undefined || given === null) return {};
  const parsed = metadataSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw badRequest(parsed.error.issues[0]?.message ?? "'metadata' is wrong.", "metadata");
}

function shown(id: string, { createdAt, metadata }: Conversation): Fields {
  return { id, object: "conversation", created_at: createdAt, metadata };
}

/** A message is given back with its content as parts and a status, however it was sent. */
function asKept(item: Fields): Fields {
  if (item.type !== "message") return item;
  const { content } = item;
  const parts =
    typeof content !== "string"
      ? content
      : item.role === "assistant"
        ? [{ type: "output_text", text: content, annotations: [] }]
        : [{ type: "input_text", text: content }];
  return { ...item, status: item.status ?? "completed", content: parts };
}
