/** The output items that are open in a provider's stream of response events. Keeps ids and flags, no text. */

import { type Fields, fieldsOf, isRecord, numberOf, textOf } from "../../../common/json.ts";
import type { ChatEvent } from "../../chat.ts";
import type { ToolNames } from "../../clientTools.ts";
import { argumentsOf, callPart, isClientCall } from "../callItems.ts";
import { decodeAnnotation } from "../citations.ts";
import { decodeLogprobs } from "../logprobs.ts";
import { decodeOutputItem } from "../reply/outputItems.ts";
import { uncarry } from "../signatures.ts";
import { SearchPairs } from "../toolSearch.ts";
import { partEvents } from "./partEvents.ts";

type PartList = "content" | "summary";

/** A part of an item that is open, by the content or summary index it has there. */
interface OpenPart {
  id: string;
  kind: "text" | "reasoning";
  filled: boolean;
}

interface OpenItem {
  id: string | undefined;
  /** The canonical id of a call that was started. */
  call?: { id: string; filled: boolean };
  parts: Map<string, OpenPart>;
  /** Canonical events were sent for this item. */
  shown: boolean;
  /** The last open part of reasoning, which waits for the item's signature. */
  waiting?: OpenPart;
}

function partKey(data: Fields, list: PartList): string {
  return `${list}:${numberOf(list === "content" ? data.content_index : data.summary_index) ?? 0}`;
}

export interface OpenItemsOptions {
  readonly names: ToolNames;
  emit(event: ChatEvent): void;
  /** An item has come, though nothing may have been emitted yet. */
  begin(): void;
}

export class OpenItems {
  readonly #options: OpenItemsOptions;
  readonly #items = new Map<string, OpenItem>();
  readonly #searches = new SearchPairs();
  #count = 0;
  /** Something that a client can read or run has come. */
  anything = false;
  /** The client was asked to run a tool. */
  calls = false;
  refusal = false;

  constructor(options: OpenItemsOptions) {
    this.#options = options;
  }

  /** Is an item open whose call was not ended? */
  get hasOpenCall(): boolean {
    return [...this.#items.values()].some(({ call }) => call !== undefined);
  }

  #emit(event: ChatEvent): void {
    this.#options.emit(event);
  }

  #key(data: Fields): string {
    const index = numberOf(data.output_index);
    return index === undefined ? `id:${textOf(data.item_id) ?? ""}` : `index:${index}`;
  }

  #item(data: Fields): OpenItem {
    this.#options.begin();
    const key = this.#key(data);
    const known = this.#items.get(key);
    if (known !== undefined) return known;
    const item: OpenItem = {
      id: textOf(data.item_id) ?? textOf(fieldsOf(data.item).id),
      parts: new Map(),
      shown: false,
    };
    this.#items.set(key, item);
    return item;
  }

  added(data: Fields): void {
    const raw = fieldsOf(data.item);
    const item = this.#item(data);
    if ((raw.type !== "function_call" && raw.type !== "custom_tool_call") || item.call !== undefined) return;
    this.#startCall(item, raw);
  }

  #startCall(item: OpenItem, raw: Fields): { id: string; filled: boolean } {
    const part = callPart(raw, false);
    const call = { id: this.#nextId(), filled: false };
    item.call = call;
    item.shown = true;
    this.anything = true;
    this.calls = true;
    const namespace = part?.namespace;
    this.#emit({
      type: "tool-start",
      id: call.id,
      callId: part?.callId ?? "",
      name: part?.name ?? "",
      ...(namespace === undefined ? {} : { namespace }),
      kind: part?.kind ?? "function",
      ...(part?.itemId === undefined ? {} : { itemId: part.itemId }),
    });
    return call;
  }

  #nextId(): string {
    this.#count++;
    return `p${this.#count}`;
  }

  /** The open part at an index of an item; opened where the provider did not say so. */
  part(data: Fields, list: PartList, kind: OpenPart["kind"], flag: boolean): OpenPart {
    const item = this.#item(data);
    const key = partKey(data, list);
    const known = item.parts.get(key);
    if (known !== undefined) return known;
    this.#endWaiting(item);
    const part: OpenPart = { id: this.#nextId(), kind, filled: false };
    item.parts.set(key, part);
    item.shown = true;
    this.anything = true;
    if (kind === "text") {
      if (flag) this.refusal = true;
      this.#emit({ type: "text-start", id: part.id, ...(flag ? { refusal: true as const } : {}) });
    } else {
      const itemId = item.id === undefined ? {} : { itemId: item.id };
      this.#emit({ type: "reasoning-start", id: part.id, summary: flag, ...itemId });
    }
    return part;
  }

  #endWaiting(item: OpenItem): void {
    if (item.waiting === undefined) return;
    this.#emit({ type: "reasoning-end", id: item.waiting.id });
    delete item.waiting;
  }

  text(data: Fields, text: unknown, refusal: boolean, delta: boolean): void {
    if (typeof text !== "string") return;
    const part = this.part(data, "content", "text", refusal);
    if (text === "" || (!delta && part.filled)) return;
    part.filled = true;
    const logprobs = decodeLogprobs(data.logprobs);
    this.#emit({ type: "text-delta", id: part.id, text, ...(logprobs ? { logprobs } : {}) });
  }

  think(data: Fields, text: unknown, list: PartList, delta: boolean): void {
    if (typeof text !== "string") return;
    const part = this.part(data, list, "reasoning", list === "summary");
    if (text === "" || (!delta && part.filled)) return;
    part.filled = true;
    this.#emit({ type: "reasoning-delta", id: part.id, text });
  }

  annotation(data: Fields): void {
    if (!isRecord(data.annotation)) return;
    const part = this.part(data, "content", "text", false);
    this.#emit({ type: "citation", id: part.id, citation: decodeAnnotation(data.annotation) });
  }

  close(data: Fields, list: PartList): void {
    const item = this.#items.get(this.#key(data));
    const key = partKey(data, list);
    const part = item?.parts.get(key);
    if (item === undefined || part === undefined) return;
    item.parts.delete(key);
    if (part.kind === "text") this.#emit({ type: "text-end", id: part.id });
    else {
      this.#endWaiting(item);
      item.waiting = part;
    }
  }

  callInput(data: Fields, value: unknown, delta: boolean): void {
    const item = this.#item(data);
    const call = item.call;
    const text = argumentsOf(value);
    if (call === undefined || text === "" || (!delta && call.filled)) return;
    call.filled = true;
    this.#emit({ type: "tool-delta", id: call.id, delta: text });
  }

  done(data: Fields): void {
    const raw = fieldsOf(data.item);
    const key = this.#key(data);
    const item = this.#item(data);
    this.#items.delete(key);
    if (raw.type === "function_call" || raw.type === "custom_tool_call") {
      const call = item.call ?? this.#startCall(item, raw);
      const whole = argumentsOf(raw.type === "function_call" ? raw.arguments : raw.input);
      if (!call.filled && whole !== "") this.#emit({ type: "tool-delta", id: call.id, delta: whole });
      // Closes the call, and whatever else was streamed under its index.
      this.#closeItem(item, raw, raw.status === "incomplete");
      return;
    }
    this.#closeItem(item, raw);
    if (!item.shown) this.whole(raw);
  }

  /**
   * Ends what an item has open; the last reasoning part gets the item's signature.
   * @param cut the response ended, by its own limit, before the item was whole
   */
  #closeItem(item: OpenItem, raw: Fields, cut = false): void {
    if (item.call !== undefined) {
      this.#emit({ type: "tool-end", id: item.call.id, ...(cut ? { cut } : {}) });
    }
    delete item.call;
    for (const part of item.parts.values()) {
      if (part.kind === "text") this.#emit({ type: "text-end", id: part.id });
      else {
        this.#endWaiting(item);
        item.waiting = part;
      }
    }
    item.parts.clear();
    if (item.waiting === undefined) return;
    const encrypted = textOf(raw.encrypted_content);
    const signature = encrypted === undefined ? undefined : uncarry(encrypted)?.signature;
    this.#emit({ type: "reasoning-end", id: item.waiting.id, ...(signature ? { signature } : {}) });
    delete item.waiting;
  }

  /** An item of which nothing was streamed. */
  whole(raw: Fields): void {
    if (textOf(raw.type) === undefined) return;
    const { parts, logprobs } = decodeOutputItem(raw, this.#options.names);
    if (isClientCall(raw)) this.calls = true;
    for (const [index, one] of parts.entries()) {
      const part = this.#searches.pair(one);
      this.anything = true;
      if (part.type === "refusal") this.refusal = true;
      if (part.type === "tool-call") this.calls = true;
      const events = partEvents(part, this.#nextId(), index === 0 ? logprobs : undefined);
      for (const event of events) this.#emit(event);
    }
  }

  /** @param cut the response ended, by its own limit, before the items were whole */
  closeAll(cut = false): void {
    for (const item of this.#items.values()) this.#closeItem(item, {}, cut);
    this.#items.clear();
  }

  /** Ends all but calls. */
  closeWords(): void {
    for (const item of this.#items.values()) delete item.call;
    this.closeAll();
  }
}
