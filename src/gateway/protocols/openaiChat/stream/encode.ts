/** Canonical events as `chat.completion.chunk`s. */
import { PorticoError } from "../../../common/errors.ts";
import type { ChatEvent, Usage } from "../../chat.ts";
import type { ReplyContext, StreamEncoder } from "../../codec.ts";
import { encodeStreamError } from "../errors.ts";
import { encodeCitation } from "../reply/citations.ts";
import { completionId, encodeAudio, encodeImage, warnUnshown } from "../reply/encode.ts";
import { encodeFinish } from "../reply/finish.ts";
import { encodeLogprobs } from "../reply/logprobs.ts";
import { encodeUsage } from "../reply/usage.ts";
import { signatureToDetail, signatureToExtra } from "../signatures.ts";
import type { Json } from "../values.ts";

interface Choice {
  index: number;
  begun: boolean;
  /** Characters of text and of reasoning sent so far: citations and signatures name spans of them. */
  text: number;
  reasoning: number;
  details: number;
  calls: number;
  /** Was any text of a refusal sent? */
  refused: boolean;
}

interface OpenPart {
  choice: Choice;
  kind: "text" | "refusal" | "reasoning" | "function" | "custom";
  /** Where the part began in its choice's text or reasoning. */
  start: number;
  /** Text and calls of its choice before it. */
  text: number;
  call: number;
  empty: boolean;
  /** Its signature went out with its first chunk. */
  signed: boolean;
  about: { itemId?: string; summary?: boolean };
}

class Encoder implements StreamEncoder {
  readonly #context: ReplyContext;
  readonly #choices = new Map<number, Choice>();
  readonly #parts = new Map<string, OpenPart>();
  readonly #legacy: boolean;
  #head = "";
  #tail = "";
  #id: string | undefined;
  #created: number;
  #usage: Usage | undefined;
  #finished = false;
  #failed = false;

  constructor(context: ReplyContext) {
    this.#context = context;
    this.#legacy = context.request.legacyFunctions === true;
    this.#created = Math.floor(context.now / 1000);
  }

  push(event: ChatEvent): string {
    if (this.#failed) return "";
    switch (event.type) {
      case "start":
        this.#id ??= completionId(event.id, this.#context.newId);
        this.#created = event.created ?? this.#created;
        if (event.serviceTier !== undefined)
          this.#tail = `,"service_tier":${JSON.stringify(event.serviceTier)}`;
        this.#usage ??= event.usage;
        return "";
      case "text-start":
        return this.#open(event.id, event.refusal ? "refusal" : "text", event.choice);
      case "reasoning-start": {
        const { itemId, summary } = event;
        return this.#open(event.id, "reasoning", event.choice, {
          ...(itemId === undefined ? {} : { itemId }),
          ...(summary === undefined ? {} : { summary }),
        });
      }
      case "tool-start":
        return this.#toolStart(event);
      case "text-delta":
        return this.#textDelta(event);
      case "reasoning-delta":
        return this.#reasoningDelta(event.id, event.text);
      case "tool-delta":
        return this.#toolDelta(event.id, event.delta);
      case "citation":
        return this.#citation(event);
      case "text-end":
      case "reasoning-end":
      case "tool-end":
        return this.#close(event);
      case "part":
        return this.#whole(event);
      case "finish": {
        this.#finished = true;
        const choice = this.#choice(event.choice);
        const begin = this.#begin(choice);
        const { calls, refused } = choice;
        const reason = encodeFinish(event.reason, calls > 0, { legacy: this.#legacy, refused });
        return begin + this.#chunk(choice, {}, reason);
      }
      case "usage":
        this.#usage = event.usage;
        return "";
      case "error":
        this.#failed = true;
        return encodeStreamError(new PorticoError(event.error.kind, event.error.message, event.error));
    }
  }

  end(): string {
    if (this.#failed) return "";
    this.#failed = true;
    if (!this.#finished) {
      return encodeStreamError(new PorticoError("upstream", "The reply broke off before its end."));
    }
    let out = "";
    if (this.#context.request.includeUsage && this.#usage !== undefined) {
      const usage = JSON.stringify(encodeUsage(this.#usage));
      out = `data: ${this.#start()}[]${this.#tail},"usage":${usage}}\n\n`;
    }
    return `${out}data: [DONE]\n\n`;
  }

  /** The beginning of every chunk is the same text, so it is made once. */
  #start(): string {
    if (this.#head === "") {
      this.#id ??= completionId(undefined, this.#context.newId);
      const head = JSON.stringify({
        id: this.#id,
        object: "chat.completion.chunk",
        created: this.#created,
        model: this.#context.model,
      });
      this.#head = `${head.slice(0, -1)},"choices":`;
      if (this.#context.request.includeUsage) this.#usageNull = ',"usage":null';
    }
    return this.#head;
  }
  #usageNull = "";

  #chunk(choice: Choice, delta: Json, finish: string | null = null, logprobs: Json | null = null): string {
    return this.#framed(JSON.stringify([{ index: choice.index, delta, logprobs, finish_reason: finish }]));
  }

  /** `#chunk` of a delta that is a text: most of a stream, and so written by hand. */
  #words({ index }: Choice, name: string, words: string): string {
    const delta = `{"${name}":${JSON.stringify(words)}}`;
    return this.#framed(`[{"index":${index},"delta":${delta},"logprobs":null,"finish_reason":null}]`);
  }

  #framed(choices: string): string {
    return `data: ${this.#start()}${choices}${this.#tail}${this.#usageNull}}\n\n`;
  }

  #choice(index = 0): Choice {
    let choice = this.#choices.get(index);
    if (choice === undefined) {
      choice = { index, begun: false, text: 0, reasoning: 0, details: 0, calls: 0, refused: false };
      this.#choices.set(index, choice);
    }
    return choice;
  }

  /** The first chunk of a choice names the role. */
  #begin(choice: Choice): string {
    if (choice.begun) return "";
    choice.begun = true;
    return this.#chunk(choice, { role: "assistant", content: "", refusal: null });
  }

  #open(
    id: string,
    kind: OpenPart["kind"],
    index: number | undefined,
    about: OpenPart["about"] = {},
  ): string {
    const choice = this.#choice(index);
    const start = kind === "reasoning" ? choice.reasoning : choice.text;
    const { text, calls: call } = choice;
    this.#parts.set(id, { choice, kind, start, text, call, empty: true, signed: false, about });
    return this.#begin(choice);
  }

  #toolStart(event: Extract<ChatEvent, { type: "tool-start" }>): string {
    const begin = this.#open(event.id, event.kind, event.choice);
    const choice = this.#choice(event.choice);
    const index = choice.calls++;
    if (this.#legacy) {
      if (index === 0)
        return begin + this.#chunk(choice, { function_call: { name: event.name, arguments: "" } });
      this.#context.warn("reply.tool_calls", "a client of `functions` is shown the first call only");
      return begin;
    }
    const body =
      event.kind === "custom"
        ? { type: "custom", custom: { name: event.name, input: "" } }
        : { type: "function", function: { name: event.name, arguments: "" } };
    const part = this.#parts.get(event.id);
    if (part !== undefined) part.signed = event.signature !== undefined;
    // Clients of the AI SDK look for the signature on a call's first chunk alone.
    const extra = event.signature === undefined ? {} : { extra_content: signatureToExtra(event.signature) };
    return begin + this.#chunk(choice, { tool_calls: [{ index, id: event.callId, ...body, ...extra }] });
  }

  #textDelta(event: Extract<ChatEvent, { type: "text-delta" }>): string {
    const part = this.#parts.get(event.id);
    if (part === undefined) return "";
    const { choice } = part;
    if (part.kind === "refusal") {
      choice.refused ||= event.text !== "";
      return this.#chunk(choice, { refusal: event.text });
    }
    choice.text += event.text.length;
    return event.logprobs === undefined
      ? this.#words(choice, "content", event.text)
      : this.#chunk(choice, { content: event.text }, null, encodeLogprobs(event.logprobs));
  }

  #reasoningDelta(id: string, words: string): string {
    const part = this.#parts.get(id);
    if (part === undefined || words === "") return "";
    part.choice.reasoning += words.length;
    return this.#words(part.choice, "reasoning_content", words);
  }

  #toolDelta(id: string, delta: string): string {
    const part = this.#parts.get(id);
    if (part === undefined || delta === "") return "";
    part.empty = false;
    if (this.#legacy) {
      return part.call === 0 ? this.#chunk(part.choice, { function_call: { arguments: delta } }) : "";
    }
    const body = part.kind === "custom" ? { custom: { input: delta } } : { function: { arguments: delta } };
    return this.#chunk(part.choice, { tool_calls: [{ index: part.call, ...body }] });
  }

  #citation(event: Extract<ChatEvent, { type: "citation" }>): string {
    const part = this.#parts.get(event.id);
    if (part === undefined) return "";
    const annotation = encodeCitation(event.citation, part.start, part.choice.text - part.start);
    if (annotation !== undefined) return this.#chunk(part.choice, { annotations: [annotation] });
    this.#context.warn("reply.citation", `chat completions cannot cite a ${event.citation.kind}`);
    return "";
  }

  #close(event: Extract<ChatEvent, { type: "text-end" | "reasoning-end" | "tool-end" }>): string {
    const part = this.#parts.get(event.id);
    if (part === undefined) return "";
    this.#parts.delete(event.id);
    const { choice } = part;
    const { signature } = event;
    if (event.type === "tool-end") {
      const cut = event.type === "tool-end" && event.cut;
      const empty = part.kind === "function" && part.empty && !cut ? this.#finishCall(part) : "";
      if (signature === undefined || part.signed || this.#legacy) return empty;
      // The AI SDK refuses a call's chunk without `function`.
      const body = part.kind === "custom" ? { custom: { input: "" } } : { function: { arguments: "" } };
      const extra_content = signatureToExtra(signature);
      return empty + this.#chunk(choice, { tool_calls: [{ index: part.call, ...body, extra_content }] });
    }
    if (signature === undefined) return "";
    if (event.type === "text-end") return this.#chunk(choice, { extra_content: signatureToExtra(signature) });
    const span = { start: part.start, length: choice.reasoning - part.start };
    const place = { text: part.text, calls: part.call };
    const detail = signatureToDetail({ ...part.about, signature }, span, choice.details, place);
    if (detail === undefined) return "";
    choice.details++;
    return this.#chunk(choice, { reasoning_details: [detail] });
  }

  /** A call without arguments is one with an empty object. */
  #finishCall(part: OpenPart): string {
    if (!this.#legacy) {
      return this.#chunk(part.choice, { tool_calls: [{ index: part.call, function: { arguments: "{}" } }] });
    }
    return part.call === 0 ? this.#chunk(part.choice, { function_call: { arguments: "{}" } }) : "";
  }

  #whole(event: Extract<ChatEvent, { type: "part" }>): string {
    const choice = this.#choice(event.choice);
    const begin = this.#begin(choice);
    const { part } = event;
    if (part.type === "audio")
      return begin + this.#chunk(choice, { audio: encodeAudio(part, this.#context) });
    const image = part.type === "image" ? encodeImage(part) : undefined;
    if (image !== undefined) return begin + this.#chunk(choice, { images: [image] });
    warnUnshown(part, this.#context);
    return begin;
  }
}

export function streamEncoder(context: ReplyContext): StreamEncoder {
  return new Encoder(context);
}
