/** Lists of items, page by page, as the API gives them. */
import { lasting, type PorticoError } from "../../../common/errors.ts";
import { type Fields, isRecord, listOf, numberOf, textOf } from "../../../common/json.ts";
import { ID_PREFIX, ownId } from "../ids.ts";

/** Query of a list of items: of a response's input, of a conversation. */
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

const PAGE = { least: 1, most: 100, usual: 20 };

/** What is not kept here, as the API says it. */
export function missing(message: string, field: string, code: string, status: number): PorticoError {
  return lasting("not_found", message, { status, field, code });
}

/**
 * @param all oldest first
 * @throws PorticoError `not_found` for an unknown `after`
 */
export function itemPage(all: readonly Fields[], query: PageQuery = {}): ItemPage {
  const items = query.order === "asc" ? all : all.toReversed();
  const limit = Math.min(PAGE.most, Math.max(PAGE.least, Math.trunc(numberOf(query.limit) ?? PAGE.usual)));
  let start = 0;
  if (query.after !== undefined) {
    start = items.findIndex((item) => item.id === query.after) + 1;
    if (start === 0)
      throw missing(`Item with id '${query.after}' not found.`, "after", "item_not_found", 404);
  }
  return listed(items.slice(start, start + limit), start + limit < items.length);
}

/** Items as one whole page. */
export function listed(data: Fields[], hasMore = false): ItemPage {
  return {
    object: "list",
    data,
    first_id: textOf(data[0]?.id) ?? null,
    last_id: textOf(data.at(-1)?.id) ?? null,
    has_more: hasMore,
  };
}

/** An input, which is a text or items, as items. */
export function itemsOf(input: unknown): Fields[] {
  return typeof input === "string" ? [userMessage(input)] : listOf(input).filter(isRecord);
}

/** The same as items that have ids. */
export function withIds(input: unknown, newId: () => string): Fields[] {
  return itemsOf(input).map((item) => {
    const type = textOf(item.type) ?? "message";
    if (textOf(item.id) !== undefined) return item;
    return { ...item, type, id: ownId(ID_PREFIX[type] ?? "item", newId()) };
  });
}

export function userMessage(text: string): Fields {
  return { type: "message", role: "user", content: [{ type: "input_text", text }] };
}

/** UTF-16 units of a value as JSON. */
export function sizeOf(value: unknown): number {
  return JSON.stringify(value)?.length ?? 0;
}
