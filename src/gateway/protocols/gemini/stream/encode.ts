/**
 * Canonical events as a stream of `GenerateContentResponse`s. Text and thoughts go out as they
 * come; calls wait for their last argument, because the wire has them whole; a finish waits for
 * the usage, because clients look for it on the last element.
 */

import { PorticoError } from "../../../common/errors.ts";
import type { ChatEvent, Signature, TokenLogprob, Usage } from "../../chat.ts";
import type { Framing, ReplyContext, StreamEncoder } from "../../codec.ts";
import { Grounding } from "../citations.ts";
import { errorBody } from "../errors.ts";
import { encodeFinish } from "../finish.ts";
import { encodeLogprobs } from "../logprobs.ts";
import { CUT_CALL, callPart, replyParts } from "../reply/encode.ts";
import { signatureOf } from "../signature.ts";
import { encodeUsage } from "../usage.ts";
import type { Json } from "../values.ts";

interface OpenText {
  choice: number;
  thought: boolean;
  /** Where the text began within the candidate's text; `undefined` once it is no longer all ASCII. */
  offset: number | undefined;
}

interface OpenCall {
  choice: number;
  callId: string;
  name: string;
  /** Pieces of the arguments, joined once. */
  input: string[];
}

interface Choice {
  grounding: Grounding;
  signed: boolean;
  refused: boolean;
  /** Length of the text so far, while it is all ASCII. */
  length: number | undefined;
}

/** Elements of a JSON array, or server-sent events. */
class Frames {
  readonly #framing: Framing;
  #opened = false;
  #closed = false;

  constructor(framing: Framing) {
    this.#framing = framing;
  }

  element(value: Json): string {
    if (this.#closed) return "";
    const text = JSON.stringify(value);
    if (this.#framing === "sse") return `data: ${text}\r\n\r\n`;
    const before = this.#opened ? ",\r\n" : "[";
    this.#opened = true;
    return before + text;
  }

  close(): string {
    if (this.#closed) return "";
    this.#closed = true;
    if (this.#framing === "sse") return "";
    return this.#opened ? "]" : "[]";
  }
}

class GeminiStreamEncoder implements StreamEncoder {
  readonly #context: ReplyContext;
  readonly #frames: Frames;
  readonly #texts = new Map<string, OpenText>();
  readonly #calls = new Map<string, OpenCall>();
  readonly #choices = new Map<number, Choice>();
  #waiting: Json[] = [];
  #id: string | undefined;
  #usage: Usage | undefined;
  #usageSent = false;

  constructor(context: ReplyContext) {
    this.#context = context;
    this.#frames = new Frames(context.framing);
  }

  push(event: ChatEvent): string {
    switch (event.type) {
      case "start":
        this.#id = event.id;
        return "";
      case "text-start":
      case "reasoning-start": {
        const choice = event.choice ?? 0;
        const thought = event.type === "reasoning-start";
        if (event.type === "text-start" && event.refusal === true) this.#choice(choice).refused = true;
        this.#texts.set(event.id, { choice, thought, offset: this.#choice(choice).length });
        return "";
      }
      case "text-delta":
        return this.#text(event.id, event.text, event.logprobs);
      case "reasoning-delta":
        return this.#text(event.id, event.text, undefined);
      case "text-end":
      case "reasoning-end":
        return this.#textEnd(event.id, event.signature);
      case "citation":
        this.#cite(event);
        return "";
      case "tool-start": {
        const { id, callId, name } = event;
        this.#calls.set(id, { choice: event.choice ?? 0, callId, name, input: [] });
        return "";
      }
      case "tool-delta":
        this.#calls.get(event.id)?.input.push(event.delta);
        return "";
      case "tool-end":
        if (!event.cut) return this.#call(event.id, event.signature);
        this.#calls.delete(event.id);
        this.#context.warn(...CUT_CALL);
        return "";
      case "part": {
        const choice = event.choice ?? 0;
        const parts = replyParts(event.part, this.#choice(choice).grounding, this.#context.warn);
        return parts.length === 0 ? "" : this.#content(choice, parts);
      }
      case "finish":
        return this.#finish(event);
      case "usage":
        this.#usage = event.usage;
        return this.#flush();
      case "error": {
        const error = new PorticoError(event.error.kind, event.error.message, event.error);
        return this.#flush() + this.#frames.element(errorBody(error, "")) + this.#frames.close();
      }
    }
  }

  end(): string {
    let out = this.#flush();
    if (this.#usage !== undefined && !this.#usageSent) out += this.#element({ candidates: [] });
    return out + this.#frames.close();
  }

  #choice(index: number): Choice {
    let choice = this.#choices.get(index);
    if (choice === undefined) {
      choice = { grounding: new Grounding(), signed: false, refused: false, length: 0 };
      this.#choices.set(index, choice);
    }
    return choice;
  }

  #element(fields: Json): string {
    this.#id ??= this.#context.newId();
    const usage = this.#usage === undefined ? {} : { usageMetadata: encodeUsage(this.#usage) };
    if (this.#usage !== undefined) this.#usageSent = true;
    const tail = { modelVersion: this.#context.model, responseId: this.#id };
    return this.#frames.element({ ...fields, ...usage, ...tail });
  }

  #content(index: number, parts: Json[], more: Json = {}): string {
    return this.#element({ candidates: [{ content: { parts, role: "model" }, index, ...more }] });
  }

  #text(id: string, text: string, logprobs: TokenLogprob[] | undefined): string {
    const open = this.#texts.get(id);
    if (open === undefined) return "";
    if (!open.thought) {
      const choice = this.#choice(open.choice);
      const ascii = choice.length !== undefined && Buffer.byteLength(text) === text.length;
      choice.length = ascii && choice.length !== undefined ? choice.length + text.length : undefined;
    }
    if (text === "" && logprobs === undefined) return "";
    const more = logprobs === undefined ? {} : { logprobsResult: encodeLogprobs(logprobs) };
    return this.#content(open.choice, [open.thought ? { text, thought: true } : { text }], more);
  }

  #textEnd(id: string, signature: Signature | undefined): string {
    const open = this.#texts.get(id);
    this.#texts.delete(id);
    const signed = signatureOf(signature);
    if (open === undefined || signed.thoughtSignature === undefined) return "";
    return this.#content(open.choice, [{ text: "", ...(open.thought ? { thought: true } : {}), ...signed }]);
  }

  #cite({ id, citation }: Extract<ChatEvent, { type: "citation" }>): void {
    const open = this.#texts.get(id);
    const choice = this.#choice(open?.choice ?? 0);
    const { start = 0, end } = citation;
    const offset = choice.length === undefined ? undefined : open?.offset;
    const span =
      offset === undefined || end === undefined ? {} : { startIndex: offset + start, endIndex: offset + end };
    choice.grounding.add(citation, { partIndex: 0, ...span });
  }

  #call(id: string, signature: Signature | undefined): string {
    const call = this.#calls.get(id);
    if (call === undefined) return "";
    this.#calls.delete(id);
    const choice = this.#choice(call.choice);
    const part = { callId: call.callId, name: call.name, input: call.input.join("") };
    const wire = callPart(
      signature === undefined ? part : { ...part, signature },
      choice.signed,
      this.#context.warn,
    );
    choice.signed = true;
    return this.#content(call.choice, [wire]);
  }

  #finish(event: Extract<ChatEvent, { type: "finish" }>): string {
    const index = event.choice ?? 0;
    this.#waiting.push({
      content: { parts: [{ text: "" }], role: "model" },
      finishReason: encodeFinish(event, this.#choice(index).refused),
      index,
      ...this.#choice(index).grounding.field(),
    });
    return this.#usage === undefined ? "" : this.#flush();
  }

  #flush(): string {
    let out = "";
    for (const candidate of this.#waiting) out += this.#element({ candidates: [candidate] });
    this.#waiting = [];
    return out;
  }
}

export function streamEncoder(context: ReplyContext): StreamEncoder {
  return new GeminiStreamEncoder(context);
}

/** White space between elements; a comment between events. */
export function heartbeat(framing: Framing): string {
  return framing === "sse" ? ": keep-alive\n\n" : "\r\n";
}
