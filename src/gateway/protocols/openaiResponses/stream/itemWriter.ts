/** The events of single output items: messages, reasoning and calls. */

import type { Fields } from "../../../common/json.ts";
import type { Citation, Signature, TokenLogprob } from "../../chat.ts";
import { encodeAnnotation } from "../citations.ts";
import { CALL_TYPE, callFields, type ItemToolKind } from "../clientCalls.ts";
import { encodeLogprobs } from "../logprobs.ts";
import { carry } from "../signatures.ts";

/** What an item needs of the stream it is part of. */
export interface Sink {
  /** Sends one event; the sequence number is added. */
  emit(type: string, fields: Fields): void;
  /** The next place in the output; `done` fills it. */
  open(item: Fields): number;
  done(index: number, item: Fields): void;
  /** The same for an item that will never be done: only the response holds it. */
  cut(index: number, item: Fields): void;
}

export type ItemStatus = "completed" | "incomplete";

/** One content part of a message. */
export class TextWriter {
  readonly #message: MessageWriter;
  readonly #index: number;
  readonly #refusal: boolean;
  readonly #annotations: Fields[] = [];
  readonly #logprobs: Fields[] = [];
  #text = "";
  #open = true;

  constructor(message: MessageWriter, index: number, refusal: boolean) {
    this.#message = message;
    this.#index = index;
    this.#refusal = refusal;
    message.emit("response.content_part.added", { content_index: index, part: this.part() });
  }

  part(): Fields {
    if (this.#refusal) return { type: "refusal", refusal: this.#text };
    return {
      type: "output_text",
      annotations: [...this.#annotations],
      logprobs: [...this.#logprobs],
      text: this.#text,
    };
  }

  delta(delta: string, logprobs: readonly TokenLogprob[] | undefined): void {
    if (!this.#open || delta === "") return;
    this.#text += delta;
    if (this.#refusal) {
      this.#message.emit("response.refusal.delta", { content_index: this.#index, delta });
      return;
    }
    const encoded = logprobs === undefined ? [] : encodeLogprobs(logprobs);
    for (const entry of encoded) this.#logprobs.push(entry);
    this.#message.emit("response.output_text.delta", {
      content_index: this.#index,
      delta,
      logprobs: encoded,
    });
  }

  /** `false`: this protocol has no form for the citation. */
  cite(citation: Citation): boolean {
    const annotation = encodeAnnotation(citation);
    if (annotation === undefined || this.#refusal || !this.#open) return false;
    this.#message.emit("response.output_text.annotation.added", {
      content_index: this.#index,
      annotation_index: this.#annotations.length,
      annotation,
    });
    this.#annotations.push(annotation);
    return true;
  }

  end(): void {
    if (!this.#open) return;
    this.#open = false;
    const at = { content_index: this.#index };
    if (this.#refusal) this.#message.emit("response.refusal.done", { ...at, refusal: this.#text });
    else {
      this.#message.emit("response.output_text.done", {
        ...at,
        text: this.#text,
        logprobs: [...this.#logprobs],
      });
    }
    this.#message.emit("response.content_part.done", { ...at, part: this.part() });
    this.#message.ended();
  }
}

/** A message; its content parts may be open at once. Closes when sealed and nothing is open. */
export class MessageWriter {
  readonly #sink: Sink;
  readonly #id: string;
  readonly #index: number;
  readonly #parts: TextWriter[] = [];
  readonly #closed: () => void;
  #open = 0;
  sealed = false;

  constructor(sink: Sink, id: string, closed: () => void) {
    this.#sink = sink;
    this.#id = id;
    this.#closed = closed;
    this.#index = sink.open({ id, type: "message", status: "in_progress", content: [], role: "assistant" });
  }

  emit(type: string, fields: Fields): void {
    this.#sink.emit(type, { item_id: this.#id, output_index: this.#index, ...fields });
  }

  add(refusal: boolean): TextWriter {
    const part = new TextWriter(this, this.#parts.length, refusal);
    this.#parts.push(part);
    this.#open++;
    return part;
  }

  ended(): void {
    this.#open--;
    if (this.sealed && this.#open === 0) this.#close("completed");
  }

  /** No further part. */
  seal(status: ItemStatus = "completed"): void {
    if (this.sealed) return;
    this.sealed = true;
    if (this.#open === 0) this.#close(status);
  }

  /** Ends whatever is open. */
  cut(status: ItemStatus): void {
    for (const part of this.#parts) part.end();
    this.seal(status);
  }

  #close(status: ItemStatus): void {
    const content = this.#parts.map((part) => part.part());
    this.#sink.done(this.#index, { id: this.#id, type: "message", status, content, role: "assistant" });
    this.#closed();
  }
}

/** One text of a reasoning item, shown from its first character on. */
class ThoughtWriter {
  readonly #item: ReasoningWriter;
  readonly #summary: boolean;
  readonly #at: Fields;
  text = "";
  #open = true;

  constructor(item: ReasoningWriter, summary: boolean, index: number) {
    this.#item = item;
    this.#summary = summary;
    this.#at = summary ? { summary_index: index } : { content_index: index };
    const added = summary ? "response.reasoning_summary_part.added" : "response.content_part.added";
    item.emit(added, { ...this.#at, part: this.part() });
  }

  part(): Fields {
    return { type: this.#summary ? "summary_text" : "reasoning_text", text: this.text };
  }

  delta(delta: string): void {
    this.text += delta;
    const type = this.#summary ? "response.reasoning_summary_text.delta" : "response.reasoning_text.delta";
    this.#item.emit(type, { ...this.#at, delta });
  }

  end(): void {
    if (!this.#open) return;
    this.#open = false;
    const done = this.#summary ? "response.reasoning_summary_text.done" : "response.reasoning_text.done";
    this.#item.emit(done, { ...this.#at, text: this.text });
    const closed = this.#summary ? "response.reasoning_summary_part.done" : "response.content_part.done";
    this.#item.emit(closed, { ...this.#at, part: this.part() });
  }
}

/** A reasoning item. It appears with its first text or signature; one without either never does. */
export class ReasoningWriter {
  readonly #sink: Sink;
  readonly #id: string;
  readonly #summary: ThoughtWriter[] = [];
  readonly #content: ThoughtWriter[] = [];
  readonly #current = new Map<string, ThoughtWriter>();
  #index = -1;
  #signature: Signature | undefined;
  /** Parts that were begun and not ended. */
  #open = 0;
  #done = false;
  sealed = false;

  constructor(sink: Sink, id: string) {
    this.#sink = sink;
    this.#id = id;
  }

  emit(type: string, fields: Fields): void {
    this.#sink.emit(type, { item_id: this.#id, output_index: this.#index, ...fields });
  }

  #appear(): void {
    if (this.#index >= 0) return;
    this.#index = this.#sink.open({ id: this.#id, type: "reasoning", summary: [] });
  }

  begin(): void {
    this.#open++;
  }

  delta(part: string, summary: boolean, delta: string): void {
    if (delta === "" || this.#done) return;
    this.#appear();
    let writer = this.#current.get(part);
    if (writer === undefined) {
      const list = summary ? this.#summary : this.#content;
      writer = new ThoughtWriter(this, summary, list.length);
      list.push(writer);
      this.#current.set(part, writer);
    }
    writer.delta(delta);
  }

  end(part: string, signature: Signature | undefined): void {
    this.#current.get(part)?.end();
    this.#current.delete(part);
    this.#open--;
    if (signature !== undefined) {
      this.#signature = signature;
      this.sealed = true;
    }
    if (this.sealed && this.#open === 0) this.#close();
  }

  seal(): void {
    this.sealed = true;
    if (this.#open === 0) this.#close();
  }

  cut(): void {
    for (const writer of this.#current.values()) writer.end();
    this.#open = 0;
    this.seal();
  }

  #close(): void {
    if (this.#done) return;
    this.#done = true;
    if (this.#signature !== undefined) this.#appear();
    if (this.#index < 0) return;
    this.#sink.done(this.#index, {
      id: this.#id,
      type: "reasoning",
      summary: this.#summary.map((writer) => writer.part()),
      ...(this.#content.length ? { content: this.#content.map((writer) => writer.part()) } : {}),
      ...(this.#signature === undefined ? {} : { encrypted_content: carry(this.#signature) }),
    });
  }
}

export interface CallHead {
  id: string;
  callId: string;
  name: string;
  namespace: string | undefined;
}

/** A call of a function or free-text tool, streamed. */
export class CallWriter {
  readonly #sink: Sink;
  readonly #head: CallHead;
  readonly #custom: boolean;
  readonly #index: number;
  #input = "";
  #open = true;

  constructor(sink: Sink, head: CallHead, custom: boolean) {
    this.#sink = sink;
    this.#head = head;
    this.#custom = custom;
    this.#index = sink.open(this.#item("in_progress"));
  }

  get callId(): string {
    return this.#head.callId;
  }

  #item(status: string): Fields {
    const { id, callId, name, namespace } = this.#head;
    const input = this.#custom ? { input: this.#input } : { arguments: this.#input };
    const type = this.#custom ? "custom_tool_call" : "function_call";
    return { id, type, status, ...input, call_id: callId, name, ...(namespace ? { namespace } : {}) };
  }

  #emit(what: "delta" | "done", fields: Fields): void {
    const kind = this.#custom ? "custom_tool_call_input" : "function_call_arguments";
    this.#sink.emit(`response.${kind}.${what}`, {
      item_id: this.#head.id,
      output_index: this.#index,
      ...fields,
    });
  }

  delta(delta: string): void {
    if (delta === "" || !this.#open) return;
    this.#input += delta;
    this.#emit("delta", { delta });
  }

  /** The reply ended in its midst: clients run what they are told is done, so that is never said of it. */
  cut(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#sink.cut(this.#index, this.#item("incomplete"));
  }

  end(): void {
    if (!this.#open) return;
    if (!this.#custom && this.#input.trim() === "") this.delta("{}");
    this.#open = false;
    this.#emit("done", this.#custom ? { input: this.#input } : { arguments: this.#input });
    this.#sink.done(this.#index, this.#item("completed"));
  }
}

/** A call of a client-run tool: its item needs the whole input, so it waits for it. */
export class ClientCallWriter {
  readonly #sink: Sink;
  readonly #head: CallHead;
  readonly #kind: ItemToolKind;
  #input = "";
  #open = true;

  constructor(sink: Sink, head: CallHead, kind: ItemToolKind) {
    this.#sink = sink;
    this.#head = head;
    this.#kind = kind;
  }

  get callId(): string {
    return this.#head.callId;
  }

  delta(delta: string): void {
    if (this.#open) this.#input += delta;
  }

  /** The reply ended in its midst: half a command has no item. */
  cut(): void {
    this.#open = false;
  }

  end(): void {
    if (!this.#open) return;
    this.#open = false;
    const { id, callId } = this.#head;
    const environment = this.#kind === "shell" ? { environment: { type: "local" } } : {};
    const item = (json: string, state: string) => ({
      id,
      type: CALL_TYPE[this.#kind],
      status: state,
      call_id: callId,
      ...callFields(this.#kind, json),
      ...environment,
    });
    const index = this.#sink.open(item("{}", "in_progress"));
    this.#sink.done(index, item(this.#input, "completed"));
  }
}
