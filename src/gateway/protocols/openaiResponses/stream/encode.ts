/** Canonical events as the stream of a response. */

import { type Fields, fieldsOf, isRecord, textOf } from "../../../common/json.ts";
import type { ChatEvent, FinishReason, Signature, Usage } from "../../chat.ts";
import type { ReplyContext, StreamEncoder } from "../../codec.ts";
import { ownFields } from "../../extra.ts";
import { joinSearches } from "../../webSearch.ts";
import { CALL_TYPE, hasItem } from "../clientCalls.ts";
import { failureEvents, showError, sse } from "../errors.ts";
import { ID_PREFIX, ownId } from "../ids.ts";
import { foreignItems, PROVIDER_PROGRESS } from "../reply/providerTools.ts";
import { responseHead, responseObject, type Status, statusOf } from "../reply/responseObject.ts";
import { carry } from "../signatures.ts";
import {
  CallWriter,
  ClientCallWriter,
  type ItemStatus,
  MessageWriter,
  ReasoningWriter,
  type Sink,
  type TextWriter,
} from "./itemWriter.ts";

const PROTOCOL = "openai-responses" as const;

/** The encoder of this protocol also gives the whole response, for those who store it. */
export interface ResponsesStreamEncoder extends StreamEncoder {
  /** The final response object, as it was streamed; `undefined` until the stream has ended. */
  response(): Fields | undefined;
}

type Part =
  | { kind: "text"; writer: TextWriter; message: MessageWriter }
  | { kind: "reasoning"; writer: ReasoningWriter; summary: boolean }
  | { kind: "call"; writer: CallWriter | ClientCallWriter };

type PartEvent = Extract<ChatEvent, { type: "part" }>["part"];
type Start = Extract<ChatEvent, { type: "start" }>;
type ToolStart = Extract<ChatEvent, { type: "tool-start" }>;

class Encoder implements ResponsesStreamEncoder, Sink {
  readonly #context: ReplyContext;
  readonly #parts = new Map<string, Part>();
  readonly #output: (Fields | undefined)[] = [];
  readonly #ids = new Set<string>();
  readonly #callIds = new Set<string>();
  #text = "";
  #sequence = 0;
  #head: Fields | undefined;
  #message: MessageWriter | undefined;
  /** Signatures of texts, shown once their message is closed. */
  readonly #pending = new Map<MessageWriter, Signature>();
  #reasoning: { writer: ReasoningWriter; itemId: string } | undefined;
  #finish: FinishReason | undefined;
  #usage: Usage | undefined;
  /** What the provider said at the start, which may be the input alone. */
  #startUsage: Usage | undefined;
  #refused = false;
  #response: Fields | undefined;
  #otherChoices = false;

  constructor(context: ReplyContext) {
    this.#context = context;
  }

  push(event: ChatEvent): string {
    this.#event(event);
    return this.#take();
  }

  end(): string {
    if (this.#response === undefined) {
      this.#begin({ type: "start" });
      if (this.#finish === undefined) {
        this.#fail({ kind: "upstream", message: "The reply ended before it was complete." });
      } else this.#conclude(this.#finish);
    }
    return this.#take();
  }

  response(): Fields | undefined {
    return this.#response;
  }

  #take(): string {
    const text = this.#text;
    this.#text = "";
    return text;
  }

  emit(type: string, fields: Fields): void {
    this.#text += sse({ type, sequence_number: this.#sequence, ...fields });
    this.#sequence++;
  }

  open(item: Fields): number {
    const index = this.#output.length;
    this.#output.push(undefined);
    this.emit("response.output_item.added", { output_index: index, item });
    return index;
  }

  done(index: number, item: Fields): void {
    this.#output[index] = item;
    this.emit("response.output_item.done", { output_index: index, item });
  }

  cut(index: number, item: Fields): void {
    this.#output[index] = item;
  }

  #event(event: ChatEvent): void {
    if (this.#response !== undefined) return;
    if ("choice" in event && event.choice) {
      if (!this.#otherChoices) this.#context.warn("n", "only the first choice can be shown");
      this.#otherChoices = true;
      return;
    }
    this.#begin(event.type === "start" ? event : { type: "start" });
    switch (event.type) {
      case "start":
        this.#startUsage ??= event.usage;
        return;
      case "text-start": {
        const message = this.#currentMessage();
        const writer = message.add(event.refusal === true);
        if (event.refusal === true) this.#refused = true;
        this.#parts.set(event.id, { kind: "text", writer, message });
        return;
      }
      case "reasoning-start":
        this.#startReasoning(event);
        return;
      case "tool-start":
        this.#startCall(event);
        return;
      case "text-delta": {
        const part = this.#parts.get(event.id);
        if (part?.kind === "text") part.writer.delta(event.text, event.logprobs);
        return;
      }
      case "reasoning-delta": {
        const part = this.#parts.get(event.id);
        if (part?.kind === "reasoning") part.writer.delta(event.id, part.summary, event.text);
        return;
      }
      case "tool-delta": {
        const part = this.#parts.get(event.id);
        if (part?.kind === "call") part.writer.delta(event.delta);
        return;
      }
      case "citation": {
        const part = this.#parts.get(event.id);
        if (part?.kind === "text" && part.writer.cite(event.citation)) return;
        this.#context.warn("citations", "a citation has no form in this protocol");
        return;
      }
      case "text-end":
      case "reasoning-end":
        this.#endPart(event.id, event.signature);
        return;
      case "tool-end":
        this.#endPart(event.id, event.signature, event.cut);
        return;
      case "part":
        this.#whole(event.part);
        return;
      case "finish":
        this.#finish ??= event.reason;
        if (this.#usage !== undefined) this.#conclude(this.#finish);
        return;
      case "usage":
        this.#usage = event.usage;
        if (this.#finish !== undefined) this.#conclude(this.#finish);
        return;
      case "error":
        this.#fail(event.error);
        return;
    }
  }

  #begin(start: Start): void {
    if (this.#head !== undefined) return;
    const { now, model, request } = this.#context;
    const id = start.id?.startsWith("resp_") ? start.id : ownId("resp", this.#context.newId());
    const created = start.created ?? Math.floor(now / 1000);
    this.#head = responseHead(request, { id, model, created, serviceTier: start.serviceTier });
    const response = this.#object("in_progress");
    this.emit("response.created", { response });
    this.emit("response.in_progress", { response });
  }

  #object(status: Status, incomplete: string | null = null): Fields {
    const output = this.#output.filter((item) => item !== undefined);
    const usage = status === "in_progress" ? undefined : (this.#usage ?? this.#startUsage);
    const { now, clock } = this.#context;
    const time = Math.floor((clock?.() ?? now) / 1000);
    return responseObject(this.#head ?? {}, { status, output, usage, incomplete, time });
  }

  /** The id the provider gave the item, or a new one. */
  #id(type: string, given?: string): string {
    const prefix = ID_PREFIX[type] ?? "item";
    const id = given?.startsWith(`${prefix}_`) && !this.#ids.has(given) ? given : undefined;
    const chosen = id ?? ownId(prefix, this.#context.newId());
    this.#ids.add(chosen);
    return chosen;
  }

  #currentMessage(): MessageWriter {
    this.#sealReasoning();
    if (this.#message !== undefined && !this.#message.sealed) return this.#message;
    const message: MessageWriter = new MessageWriter(this, this.#id("message"), () => this.#closed(message));
    this.#message = message;
    return message;
  }

  #closed(message: MessageWriter): void {
    const signature = this.#pending.get(message);
    this.#pending.delete(message);
    if (signature !== undefined) this.#carrier(signature, "text");
  }

  #sealReasoning(): void {
    this.#reasoning?.writer.seal();
    this.#reasoning = undefined;
  }

  /** Another item begins. */
  #seal(): void {
    this.#sealReasoning();
    this.#message?.seal();
    this.#message = undefined;
  }

  #startReasoning(event: Extract<ChatEvent, { type: "reasoning-start" }>): void {
    const summary = event.summary !== false;
    const same = event.itemId !== undefined && this.#reasoning?.itemId === event.itemId;
    let writer = same && !this.#reasoning?.writer.sealed ? this.#reasoning?.writer : undefined;
    if (writer === undefined) {
      this.#seal();
      writer = new ReasoningWriter(this, this.#id("reasoning", event.itemId));
      if (event.itemId === undefined) writer.sealed = true;
      else this.#reasoning = { writer, itemId: event.itemId };
    }
    writer.begin();
    this.#parts.set(event.id, { kind: "reasoning", writer, summary });
  }

  #startCall(event: ToolStart): void {
    this.#seal();
    const client = hasItem(event.clientTool) ? event.clientTool : undefined;
    const type =
      client === undefined
        ? `${event.kind === "custom" ? "custom_tool" : "function"}_call`
        : CALL_TYPE[client];
    const free = event.callId !== "" && !this.#callIds.has(event.callId);
    const callId = free ? event.callId : `call_${this.#context.newId()}`;
    this.#callIds.add(callId);
    const head = { id: this.#id(type, event.itemId), callId, name: event.name, namespace: event.namespace };
    const writer =
      client === undefined
        ? new CallWriter(this, head, event.kind === "custom")
        : new ClientCallWriter(this, head, client);
    this.#parts.set(event.id, { kind: "call", writer });
  }

  #endPart(id: string, signature: Signature | undefined, cut = false): void {
    const part = this.#parts.get(id);
    this.#parts.delete(id);
    switch (part?.kind) {
      case "text":
        if (signature !== undefined) this.#pending.set(part.message, signature);
        part.writer.end();
        if (signature !== undefined && this.#message === part.message) this.#seal();
        return;
      case "reasoning":
        part.writer.end(id, signature);
        return;
      case "call":
        if (cut) part.writer.cut();
        else part.writer.end();
        if (signature !== undefined && !cut) this.#carrier(signature, `call:${part.writer.callId}`);
        return;
    }
  }

  /** A signature that has no field of its own here rides in an empty reasoning item after its part. */
  #carrier(signature: Signature, target: string): void {
    const id = this.#id("reasoning");
    const item = { id, type: "reasoning", summary: [] };
    this.done(this.open(item), { ...item, encrypted_content: carry(signature, target) });
  }

  #whole(part: PartEvent): void {
    this.#seal();
    if (part.type === "audio") {
      this.#context.warn("audio", "audio cannot be shown; its transcript was");
      if (part.transcript) this.#say(part.transcript);
      return;
    }
    if (part.type === "image") {
      this.#image(part);
      return;
    }
    const raw = fieldsOf(part.raw);
    if (part.protocol === PROTOCOL && isRecord(part.raw) && textOf(raw.type) !== undefined) {
      this.#item({ ...raw, id: this.#id(String(raw.type), textOf(raw.id)) });
      return;
    }
    const items = foreignItems(part, this.#context.request);
    for (const item of items) this.#item({ ...item, id: this.#id(String(item.type)) });
    if (items.length > 0) return;
    this.#context.warn(
      part.type === "provider-tool" ? part.tool : "content",
      "a part that only its own provider understands cannot be shown",
    );
  }

  #say(text: string): void {
    const writer = this.#currentMessage().add(false);
    writer.delta(text, undefined);
    writer.end();
  }

  #image(part: Extract<PartEvent, { type: "image" }>): void {
    const own = ownFields(PROTOCOL, part);
    const { source } = part;
    if (source.kind === "url") {
      this.#say(`![image](${source.url})`);
      return;
    }
    if (source.kind !== "base64") {
      this.#context.warn("images", "an image without its data cannot be shown");
      return;
    }
    const format = source.mediaType.replace(/^image\//, "").replace("svg+xml", "svg");
    this.#item({
      type: "image_generation_call",
      output_format: format,
      ...own,
      id: this.#id("image_generation_call", textOf(own.id)),
      status: "completed",
      result: source.data,
    });
  }

  /** An item that is there at once, with the progress its type usually shows. */
  #item(item: Fields): void {
    const type = String(item.type);
    const progress = PROVIDER_PROGRESS[type];
    const before = progress === undefined ? item : { ...item, ...progress.before };
    const index = this.open(before);
    const failed = item.status === "failed" || (typeof item.error === "object" && item.error !== null);
    for (const step of progress?.steps ?? []) {
      const name = step === "completed" && failed && progress?.fails ? "failed" : step;
      this.emit(`response.${type}.${name}`, { output_index: index, item_id: item.id });
    }
    this.done(index, item);
  }

  /** Ends whatever is still open. */
  #cut(status: ItemStatus): void {
    for (const part of this.#parts.values()) {
      if (part.kind === "call") part.writer.cut();
      else if (part.kind === "reasoning") part.writer.cut();
      else part.message.cut(status);
    }
    this.#parts.clear();
    this.#sealReasoning();
    this.#message?.seal(status);
    this.#message = undefined;
  }

  #conclude(reason: FinishReason): void {
    const { status, incomplete } = statusOf(reason, this.#refused);
    if (status === "failed") {
      this.#fail({ kind: "upstream", message: "The provider ended the reply with an error." });
      return;
    }
    this.#cut(status === "incomplete" ? "incomplete" : "completed");
    this.#response = this.#object(status, incomplete);
    this.emit(`response.${status}`, { response: this.#response });
  }

  #fail(error: Parameters<typeof showError>[0]): void {
    this.#cut("incomplete");
    const events = failureEvents(showError(error), this.#object("failed"), this.#sequence);
    this.#sequence += events.length;
    this.#text += events.map(sse).join("");
    this.#response = fieldsOf(events.at(-1)?.response);
  }
}

export function streamEncoder(context: ReplyContext): ResponsesStreamEncoder {
  const encoder = new Encoder(context);
  return { ...joinSearches(encoder), response: () => encoder.response() };
}
