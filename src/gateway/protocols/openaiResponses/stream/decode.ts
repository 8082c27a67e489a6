/** A provider's stream of response events as canonical events. Keeps ids and flags, no text. */

import {
  type Fields,
  fieldsOf,
  isRecord,
  listOf,
  numberOf,
  parseJson,
  textOf,
} from "../../../common/json.ts";
import type { ChatError, ChatEvent, ChatRequest } from "../../chat.ts";
import { callRestorer, type ToolNames, toolNames } from "../../clientTools.ts";
import type { StreamDecoder, StreamStage, WireEvent } from "../../codec.ts";
import { usageIn } from "../../wire.ts";
import { decodeAnnotation } from "../citations.ts";
import { decodeError } from "../errors.ts";
import { decodeLogprobs } from "../logprobs.ts";
import { failureOf, finishOf } from "../reply/decode.ts";
import { argumentsOf, callPart, decodeOutputItem, isClientCall } from "../reply/outputItems.ts";
import { keepTool } from "../request/encodeTools.ts";
import { uncarry } from "../signatures.ts";
import { wire } from "../wire.ts";
import { partEvents } from "./partEvents.ts";

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
  /** The last open part of reasoning, which waits for the item's proof. */
  waiting?: OpenPart;
}

class Decoder implements StreamDecoder {
  readonly #names: ToolNames;
  readonly #restore: (event: ChatEvent) => ChatEvent[];
  readonly #items = new Map<string, OpenItem>();
  #out: ChatEvent[] = [];
  #count = 0;
  #started = false;
  #ended = false;
  #anything = false;
  #calls = false;
  #refusal = false;

  constructor(request: ChatRequest) {
    this.#names = toolNames(request.tools, keepTool);
    this.#restore = callRestorer(this.#names);
  }

  get stage(): StreamStage {
    return this.#ended ? "over" : "open";
  }

  push(event: WireEvent): ChatEvent[] {
    if (this.#ended || event.data === "[DONE]" || event.data === "") return [];
    // Some servers lose the last brace of an event.
    const data = parseJson(event.data) ?? parseJson(`${event.data}}`);
    if (isRecord(data)) this.#event(textOf(data.type) ?? event.event ?? "", data);
    return this.#take();
  }

  end(excuse?: () => void): ChatEvent[] {
    if (this.#ended) return [];
    const calls = [...this.#items.values()].some(({ call }) => call !== undefined);
    if (excuse !== undefined && this.#anything && !calls) {
      excuse();
      this.#finish({}, "response.completed");
      return this.#take();
    }
    this.#fail({
      kind: "upstream",
      message: "The provider's stream ended before the response was complete.",
    });
    return this.#take();
  }

  #take(): ChatEvent[] {
    const events = this.#out.flatMap(this.#restore);
    this.#out = [];
    return events;
  }

  #emit(event: ChatEvent): void {
    this.#out.push(event);
  }

  #event(type: string, data: Fields): void {
    switch (type) {
      case "response.created":
      case "response.queued":
      case "response.in_progress":
        this.#start(fieldsOf(data.response));
        return;
      case "response.output_item.added":
        this.#itemAdded(data);
        return;
      case "response.output_item.done":
        this.#itemDone(data);
        return;
      case "response.content_part.added": {
        const part = fieldsOf(data.part);
        if (part.type === "reasoning_text") this.#part(data, "content", "reasoning", false);
        else if (part.type === "refusal") this.#part(data, "content", "text", true);
        else this.#part(data, "content", "text", false);
        return;
      }
      case "response.output_text.delta":
        this.#text(data, data.delta, false, true);
        return;
      case "response.output_text.done":
        this.#text(data, data.text, false, false);
        return;
      case "response.refusal.delta":
        this.#text(data, data.delta, true, true);
        return;
      case "response.refusal.done":
        this.#text(data, data.refusal, true, false);
        return;
      case "response.content_part.done":
        this.#close(data, "content");
        return;
      case "response.output_text.annotation.added":
        this.#annotation(data);
        return;
      case "response.reasoning_summary_part.added":
        this.#part(data, "summary", "reasoning", true);
        return;
      case "response.reasoning_summary_text.delta":
        this.#think(data, data.delta, "summary", true);
        return;
      case "response.reasoning_summary_text.done":
        this.#think(data, data.text, "summary", false);
        return;
      case "response.reasoning_summary_part.done":
        this.#close(data, "summary");
        return;
      case "response.reasoning_text.delta":
        this.#think(data, data.delta, "content", true);
        return;
      case "response.reasoning_text.done":
        this.#think(data, data.text, "content", false);
        return;
      case "response.function_call_arguments.delta":
      case "response.custom_tool_call_input.delta":
        this.#callInput(data, data.delta, true);
        return;
      case "response.function_call_arguments.done":
        this.#callInput(data, data.arguments, false);
        return;
      case "response.custom_tool_call_input.done":
        this.#callInput(data, data.input, false);
        return;
      case "response.completed":
      case "response.incomplete":
        this.#finish(fieldsOf(data.response), type);
        return;
      case "response.done":
        this.#done(fieldsOf(data.response));
        return;
      case "response.failed":
      case "response.cancelled":
        this.#say(fieldsOf(data.response));
        this.#fail(failureOf(fieldsOf(data.response)));
        return;
      case "error":
        this.#fail(
          decodeError(numberOf(data.status) ?? 500, data) ?? {
            kind: "upstream",
            message: "The provider reported an error without words.",
          },
        );
        return;
      default:
        // Progress of tools the provider runs comes again, whole, with the item's end.
        if (type === "" && data.error !== undefined) this.#fail(decodeError(500, data) ?? failureOf({}));
    }
  }

  /** Some relays end every response so, whatever became of it. */
  #done(response: Fields): void {
    const status = textOf(response.status);
    if (status === "failed" || status === "cancelled") this.#fail(failureOf(response));
    else this.#finish(response, "response.completed");
  }

  #start(response: Fields): void {
    if (this.#started) return;
    this.#started = true;
    const id = textOf(response.id);
    const model = textOf(response.model);
    const created = numberOf(response.created_at);
    const serviceTier = textOf(response.service_tier);
    this.#emit({
      type: "start",
      ...(id === undefined ? {} : { id }),
      ...(model === undefined ? {} : { model }),
      ...(created === undefined ? {} : { created }),
      ...(serviceTier === undefined ? {} : { serviceTier }),
    });
  }

  #key(data: Fields): string {
    const index = numberOf(data.output_index);
    return index === undefined ? `id:${textOf(data.item_id) ?? ""}` : `index:${index}`;
  }

  #item(data: Fields): OpenItem {
    this.#start({});
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

  #itemAdded(data: Fields): void {
    const raw = fieldsOf(data.item);
    const item = this.#item(data);
    if ((raw.type !== "function_call" && raw.type !== "custom_tool_call") || item.call !== undefined) return;
    this.#startCall(item, raw);
  }

  #startCall(item: OpenItem, raw: Fields): { id: string; filled: boolean } {
    const part = callPart(raw);
    const call = { id: this.#nextId(), filled: false };
    item.call = call;
    item.shown = true;
    this.#anything = true;
    this.#calls = true;
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
  #part(data: Fields, list: "content" | "summary", kind: OpenPart["kind"], flag: boolean): OpenPart {
    const item = this.#item(data);
    const key = `${list}:${numberOf(list === "content" ? data.content_index : data.summary_index) ?? 0}`;
    const known = item.parts.get(key);
    if (known !== undefined) return known;
    this.#endWaiting(item);
    const part: OpenPart = { id: this.#nextId(), kind, filled: false };
    item.parts.set(key, part);
    item.shown = true;
    this.#anything = true;
    if (kind === "text") {
      if (flag) this.#refusal = true;
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

  #text(data: Fields, text: unknown, refusal: boolean, delta: boolean): void {
    if (typeof text !== "string") return;
    const part = this.#part(data, "content", "text", refusal);
    if (text === "" || (!delta && part.filled)) return;
    part.filled = true;
    const logprobs = decodeLogprobs(data.logprobs);
    this.#emit({ type: "text-delta", id: part.id, text, ...(logprobs ? { logprobs } : {}) });
  }

  #think(data: Fields, text: unknown, list: "content" | "summary", delta: boolean): void {
    if (typeof text !== "string") return;
    const part = this.#part(data, list, "reasoning", list === "summary");
    if (text === "" || (!delta && part.filled)) return;
    part.filled = true;
    this.#emit({ type: "reasoning-delta", id: part.id, text });
  }

  #annotation(data: Fields): void {
    if (!isRecord(data.annotation)) return;
    const part = this.#part(data, "content", "text", false);
    this.#emit({ type: "citation", id: part.id, citation: decodeAnnotation(data.annotation) });
  }

  #close(data: Fields, list: "content" | "summary"): void {
    const item = this.#items.get(this.#key(data));
    const key = `${list}:${numberOf(list === "content" ? data.content_index : data.summary_index) ?? 0}`;
    const part = item?.parts.get(key);
    if (item === undefined || part === undefined) return;
    item.parts.delete(key);
    if (part.kind === "text") this.#emit({ type: "text-end", id: part.id });
    else {
      this.#endWaiting(item);
      item.waiting = part;
    }
  }

  #callInput(data: Fields, value: unknown, delta: boolean): void {
    const item = this.#item(data);
    const call = item.call;
    const text = argumentsOf(value);
    if (call === undefined || text === "" || (!delta && call.filled)) return;
    call.filled = true;
    this.#emit({ type: "tool-delta", id: call.id, delta: text });
  }

  #itemDone(data: Fields): void {
    const raw = fieldsOf(data.item);
    const key = this.#key(data);
    const item = this.#item(data);
    this.#items.delete(key);
    if (raw.type === "function_call" || raw.type === "custom_tool_call") {
      const call = item.call ?? this.#startCall(item, raw);
      const whole = argumentsOf(raw.type === "function_call" ? raw.arguments : raw.input);
      if (!call.filled && whole !== "") this.#emit({ type: "tool-delta", id: call.id, delta: whole });
      // Closes the call, and whatever else was streamed under its index.
      this.#closeItem(item, raw);
      return;
    }
    this.#closeItem(item, raw);
    if (!item.shown) this.#whole(raw);
  }

  /** Ends what an item has open; the last reasoning part gets the item's proof. */
  #closeItem(item: OpenItem, raw: Fields): void {
    if (item.call !== undefined) this.#emit({ type: "tool-end", id: item.call.id });
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
    const proof = encrypted === undefined ? undefined : uncarry(encrypted)?.proof;
    this.#emit({ type: "reasoning-end", id: item.waiting.id, ...(proof ? { proof } : {}) });
    delete item.waiting;
  }

  /** An item of which nothing was streamed. */
  #whole(raw: Fields): void {
    if (textOf(raw.type) === undefined) return;
    const { parts, logprobs } = decodeOutputItem(raw, this.#names);
    if (isClientCall(raw)) this.#calls = true;
    for (const [index, part] of parts.entries()) {
      this.#anything = true;
      if (part.type === "refusal") this.#refusal = true;
      if (part.type === "tool-call") this.#calls = true;
      const events = partEvents(part, this.#nextId(), index === 0 ? logprobs : undefined);
      for (const event of events) this.#emit(event);
    }
  }

  #closeAll(): void {
    for (const item of this.#items.values()) this.#closeItem(item, {});
    this.#items.clear();
  }

  #finish(response: Fields, type: string): void {
    this.#start(response);
    this.#closeAll();
    if (!this.#anything) for (const item of listOf(response.output).filter(isRecord)) this.#whole(item);
    this.#say(response);
    const status = textOf(response.status) ?? type.replace("response.", "");
    const finish = finishOf({ ...response, status }, { calls: this.#calls, refusal: this.#refusal });
    this.#emit({ type: "finish", ...finish });
    this.#ended = true;
  }

  #say(response: Fields): void {
    const usage = usageIn(wire.usage, response.usage);
    if (usage !== undefined) this.#emit({ type: "usage", usage });
  }

  #fail(error: ChatError): void {
    this.#closeAll();
    this.#emit({ type: "error", error });
    this.#ended = true;
  }
}

export function streamDecoder(context: { request: ChatRequest }): StreamDecoder {
  return new Decoder(context.request);
}
