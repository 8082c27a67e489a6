/**
 * Most events of a stream are the one before with another text. What stands around the text is compared, and its event
 * made from the one before: reading all of it again was half of what translating a stream cost.
 */
import type { ChatEvent } from "../../protocols/chat.ts";
import type { StreamDecoder, WireEvent } from "../../protocols/codec.ts";

/** Characters: of a longer event the text is most. */
const MOST = 2048;
/** Events in a row to which what was learned of the one before did not apply: the next ones differ in more as well. */
const TRIES = 8;
/** What a text has where it is written otherwise in JSON, or ends. */
const NOT_AS_IS = /[^ !#-[\]-\uffff]/;

/**
 * A text of chance in each event of OpenAI's, so that its length on the wire tells nothing; it says nothing.
 * https://platform.openai.com/docs/api-reference/chat/create, `include_obfuscation`
 */
const PADDING = '"obfuscation":"';

type Delta = Extract<ChatEvent, { type: "text-delta" | "reasoning-delta" }>;

export class RepeatedText {
  #delta: Delta | undefined;
  #event: string | undefined;
  /** Around the text, its quotes included; behind it up to `PADDING`, where there is that. */
  #before = "";
  #after = "";
  /** Behind the padding. */
  #last: string | undefined;
  #missed = 0;

  /** @returns the event that the decoder would make of this one; `undefined`: ask it, and `learn` */
  deltaOf({ event, data }: WireEvent): Delta | undefined {
    const delta = this.#delta;
    if (delta === undefined || event !== this.#event) return undefined;
    const begin = this.#before.length;
    // Slices are compared in half the time of `startsWith` and `endsWith`.
    if (data.slice(0, begin) !== this.#before) return undefined;
    const end = this.#last === undefined ? this.#endOf(data) : this.#endOfPadded(data, this.#last);
    if (end <= begin) return undefined;
    const text = data.slice(begin, end);
    if (NOT_AS_IS.test(text)) return undefined;
    this.#missed = 0;
    return delta.type === "text-delta"
      ? { type: "text-delta", id: delta.id, text }
      : { type: "reasoning-delta", id: delta.id, text };
  }

  /** @returns where the text ends; -1: what follows is another */
  #endOf(data: string): number {
    const end = data.length - this.#after.length;
    return end >= this.#before.length && data.slice(end) === this.#after ? end : -1;
  }

  #endOfPadded(data: string, last: string): number {
    const end = data.indexOf('"', this.#before.length);
    const from = end + this.#after.length;
    if (end === -1 || data.slice(end, from) !== this.#after) return -1;
    const to = data.indexOf('"', from);
    return to !== -1 && data.slice(to) === last ? end : -1;
  }

  /** To be told of each event that the decoder was asked about, and what it made of it. */
  learn({ event, data }: WireEvent, events: readonly ChatEvent[], decoder: StreamDecoder): void {
    if (this.#delta !== undefined) this.#missed++;
    this.#delta = undefined;
    if (this.#missed >= TRIES || data.length > MOST) return;
    const [delta] = events;
    if (delta === undefined || events.length > 1 || !isDelta(delta) || !isPlain(decoder)) return;
    // A text without escapes that stands there once, in quotes, is the one.
    const quoted = `"${delta.text}"`;
    const at = data.indexOf(quoted);
    if (NOT_AS_IS.test(delta.text) || at === -1 || data.indexOf(quoted, at + 1) !== -1) return;
    this.#event = event;
    this.#before = data.slice(0, at + 1);
    this.#after = data.slice(at + quoted.length - 1);
    this.#last = undefined;
    const mark = this.#after.indexOf(PADDING);
    if (mark !== -1) {
      const from = mark + PADDING.length;
      this.#last = this.#after.slice(this.#after.indexOf('"', from));
      this.#after = this.#after.slice(0, from);
    }
    this.#delta = delta;
  }
}

const isPlain = ({ stage, handsOn }: StreamDecoder): boolean => stage === "open" && handsOn === true;

/** Nothing but a text. */
const isDelta = (event: ChatEvent): event is Delta =>
  (event.type === "reasoning-delta" || (event.type === "text-delta" && event.logprobs === undefined)) &&
  event.text !== "";
