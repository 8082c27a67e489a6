/** One choice of a streamed completion: which of its parts are open. */
import { isRecord, listOf, textOf } from "../../../common/json.ts";
import { traitsOf } from "../../../models/traitsOf.ts";
import type { ChatEvent, ChatRequest, Signature, TokenLogprob } from "../../chat.ts";
import type { ProviderReplyContext } from "../../codec.ts";
import { cutsCalls } from "../../cutCalls.ts";
import { decodeAnnotations } from "../reply/citations.ts";
import { decodeAudio, decodeImage } from "../reply/decode.ts";
import { decodeFinish } from "../reply/finish.ts";
import { decodeLogprobs } from "../reply/logprobs.ts";
import { thinkingText } from "../request/decodeParts.ts";
import { detailSignature, detailText, signatureFromExtra } from "../signatures.ts";
import { type Piece, ThinkTags } from "../thinkTags.ts";
import { type Json, record } from "../values.ts";
import { CallDecoder, type StreamIds } from "./decodeCalls.ts";

interface OpenReasoning {
  id: string;
  /** `index` of OpenRouter's entry. */
  block: unknown;
  signature?: Signature;
}

/** Base64 of a spoken reply; OpenAI's longest is far below. */
const MAX_AUDIO = 64 * 1024 * 1024;
/** Characters beside it that are compared with its transcript. */
const MAX_SAID = 64 * 1024;

export class ChoiceDecoder {
  readonly #ids: StreamIds;
  readonly #request: ChatRequest;
  readonly #choice: { choice?: number };
  readonly #index: number;
  readonly #calls: CallDecoder;
  #text: { id: string; refusal: boolean; signature?: Signature } | undefined;
  #reasoning: OpenReasoning | undefined;
  /** Until it is known that what follows is the answer. */
  #tags: { tags: ThinkTags; logprobs: TokenLogprob[] } | undefined;
  #audio: { about: Json; pieces: string[]; size: number; transcript: string } | undefined;
  /** The text so far, of a model that speaks. */
  #said: string | undefined;
  #raw: string | undefined;
  /** It said more after it had said why it ended. */
  #wentOn = false;

  constructor(index: number, ids: StreamIds, { request, thinkTags }: ProviderReplyContext) {
    this.#index = index;
    this.#choice = index === 0 ? {} : { choice: index };
    this.#ids = ids;
    this.#request = request;
    this.#calls = new CallDecoder(ids, index);
    if (traitsOf(request.model).output.audio) this.#said = "";
    if (thinkTags) this.#tags = { tags: new ThinkTags(), logprobs: [] };
  }

  /** Did the provider say why this choice ended? */
  get ended(): boolean {
    return this.#raw !== undefined;
  }

  /** The same, and there is no sign that this was not meant. */
  get settled(): boolean {
    return this.ended && !this.#wentOn;
  }

  /** See `StreamDecoder`. */
  get handsOn(): boolean {
    const keeps = this.#tags !== undefined || this.#said !== undefined || this.#audio !== undefined;
    return !keeps && !this.ended;
  }

  /** Is it in the midst of a call? */
  get isCalling(): boolean {
    return !this.#calls.whole;
  }

  push(choice: Json, out: ChatEvent[]): void {
    // A few servers send whole messages where deltas belong.
    const delta = record(choice.delta) ?? record(choice.message);
    const before = out.length;
    if (delta !== undefined) this.#delta(delta, decodeLogprobs(choice.logprobs), out);
    this.#wentOn ||= this.ended && out.length > before;
    this.#raw = textOf(choice.finish_reason) ?? this.#raw;
  }

  #delta(delta: Json, logprobs: TokenLogprob[] | undefined, out: ChatEvent[]): void {
    const plain = textOf(delta.reasoning_content) ?? textOf(delta.reasoning) ?? "";
    const details = listOf(delta.reasoning_details);
    if (details.length > 0) this.#details(details, plain, out);
    else if (plain !== "") this.#think(plain, undefined, out);
    if (typeof delta.content === "string") this.#content(delta.content, logprobs, out);
    else for (const part of listOf(delta.content)) if (isRecord(part)) this.#part(part, out);
    if (textOf(delta.refusal) !== undefined) this.#say(String(delta.refusal), true, undefined, out);
    const signature = signatureFromExtra(delta.extra_content);
    if (signature !== undefined) this.#signText(signature, out);
    for (const citation of decodeAnnotations(delta.annotations)) {
      out.push({ type: "citation", id: this.#textOpen(false, out), citation });
    }
    for (const image of listOf(delta.images)) this.#whole(decodeImage(image), out);
    if (Array.isArray(delta.tool_calls) && delta.tool_calls.length > 0) {
      this.#closeTags(out);
      this.#closeWords(out);
      this.#calls.push(delta.tool_calls, out);
    }
    const legacy = record(delta.function_call);
    if (legacy !== undefined) {
      this.#closeTags(out);
      this.#closeWords(out);
      this.#calls.pushLegacy(legacy, out);
    }
    const audio = record(delta.audio);
    if (audio !== undefined) this.#hear(audio, out);
  }

  #content(words: string, logprobs: TokenLogprob[] | undefined, out: ChatEvent[]): void {
    if (this.#tags === undefined) this.#say(words, false, logprobs, out);
    else {
      if (logprobs !== undefined) this.#tags.logprobs.push(...logprobs);
      this.#pieces(this.#tags.tags.push(words), out);
    }
  }

  #pieces(pieces: readonly Piece[], out: ChatEvent[]): void {
    for (const { kind, text } of pieces) {
      const logprobs = this.#tags?.logprobs.splice(0) ?? [];
      if (kind === "reasoning") this.#think(text, undefined, out);
      else this.#say(text, false, logprobs.length > 0 ? logprobs : undefined, out);
    }
    if (this.#tags?.tags.over) this.#tags = undefined;
  }

  #textOpen(refusal: boolean, out: ChatEvent[]): string {
    if (this.#text !== undefined && this.#text.refusal === refusal) return this.#text.id;
    this.#closeWords(out);
    const id = this.#ids.next();
    this.#text = { id, refusal };
    out.push({ type: "text-start", id, ...(refusal ? { refusal: true } : {}), ...this.#choice });
    return id;
  }

  #say(words: string, refusal: boolean, logprobs: TokenLogprob[] | undefined, out: ChatEvent[]): void {
    if (words === "" && logprobs === undefined) return;
    if (this.#said !== undefined && this.#said.length < MAX_SAID) this.#said += words;
    const id = this.#textOpen(refusal, out);
    out.push({ type: "text-delta", id, text: words, ...(logprobs === undefined ? {} : { logprobs }) });
  }

  #signText(signature: Signature, out: ChatEvent[]): void {
    this.#textOpen(false, out);
    if (this.#text !== undefined) this.#text.signature = signature;
  }

  #think(words: string, block: unknown, out: ChatEvent[], summary = false): void {
    if (this.#reasoning === undefined || (block !== undefined && this.#reasoning.block !== block)) {
      this.#closeWords(out);
      const id = this.#ids.next();
      this.#reasoning = { id, block };
      out.push({ type: "reasoning-start", id, ...(summary ? { summary: true } : {}), ...this.#choice });
    }
    if (words !== "") out.push({ type: "reasoning-delta", id: this.#reasoning.id, text: words });
  }

  /** `plain` is the same text once more, where the provider sends both. */
  #details(details: readonly unknown[], plain: string, out: ChatEvent[]): void {
    let told = plain === "";
    for (const entry of details) {
      if (!isRecord(entry)) continue;
      const words = detailText(entry);
      const signature = detailSignature(entry);
      const block = entry.index ?? entry.id ?? 0;
      if (signature?.kind === "encrypted") {
        this.#closeWords(out);
        const id = this.#ids.next();
        out.push({ type: "reasoning-start", id, ...this.#choice }, { type: "reasoning-end", id, signature });
        continue;
      }
      if (words !== "" || (signature !== undefined && this.#reasoning === undefined)) {
        this.#think(words, block, out, entry.type === "reasoning.summary");
        told = true;
      }
      if (signature !== undefined && this.#reasoning !== undefined) this.#reasoning.signature = signature;
    }
    if (!told) this.#think(plain, undefined, out);
  }

  /** Mistral's content is a list of parts. */
  #part(part: Json, out: ChatEvent[]): void {
    if (part.type === "text") this.#say(textOf(part.text) ?? "", false, undefined, out);
    else if (part.type === "thinking") {
      const words = thinkingText(part);
      if (words !== "") this.#think(words, undefined, out);
    } else if (part.type === "image_url") this.#whole(decodeImage(part), out);
    else this.#whole({ type: "provider", protocol: "openai-chat", raw: part }, out);
  }

  #whole(part: ReturnType<typeof decodeImage>, out: ChatEvent[]): void {
    if (part?.type === "image" || part?.type === "provider")
      out.push({ type: "part", part, ...this.#choice });
  }

  /** Sound is one part of the reply, so its pieces wait for the last one. */
  #hear(delta: Json, out: ChatEvent[]): void {
    this.#audio ??= { about: {}, pieces: [], size: 0, transcript: "" };
    const audio = this.#audio;
    if (textOf(delta.id) !== undefined) audio.about = { ...audio.about, id: delta.id };
    audio.transcript += textOf(delta.transcript) ?? "";
    const piece = textOf(delta.data);
    if (piece === undefined) return;
    audio.size += piece.length;
    if (audio.size <= MAX_AUDIO) audio.pieces.push(piece);
    else if (audio.size - piece.length <= MAX_AUDIO)
      this.#say("[the rest of the audio was too long]", false, undefined, out);
  }

  /** What may have become a tag did not. */
  #closeTags(out: ChatEvent[]): void {
    if (this.#tags !== undefined) this.#pieces(this.#tags.tags.flush(), out);
  }

  #closeWords(out: ChatEvent[]): void {
    if (this.#reasoning !== undefined) {
      const { id, signature } = this.#reasoning;
      out.push({ type: "reasoning-end", id, ...(signature === undefined ? {} : { signature }) });
      this.#reasoning = undefined;
    }
    if (this.#text !== undefined) {
      const { id, signature } = this.#text;
      out.push({ type: "text-end", id, ...(signature === undefined ? {} : { signature }) });
      this.#text = undefined;
    }
  }

  /** Ends all that is open, once nothing more can come: some providers go on after a finish reason. */
  close(out: ChatEvent[]): void {
    this.closeWords(out);
    this.#calls.close(out, cutsCalls(decodeFinish(this.#raw, false).reason));
  }

  /** Ends all but calls. */
  closeWords(out: ChatEvent[]): void {
    this.#closeTags(out);
    this.#closeWords(out);
    if (this.#audio === undefined) return;
    const { about, pieces, transcript } = this.#audio;
    const data = Buffer.concat(pieces.map((piece) => Buffer.from(piece, "base64"))).toString("base64");
    const part = decodeAudio(about, data, transcript, this.#said ?? "", this.#request);
    out.push({ type: "part", part, ...this.#choice });
    this.#audio = undefined;
  }

  finish(): ChatEvent {
    return {
      type: "finish",
      ...decodeFinish(this.#raw, this.#calls.seen),
      ...(this.#index === 0 ? {} : { choice: this.#index }),
    };
  }
}
