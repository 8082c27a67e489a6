/**
 * Most events of a stream are the one before with another text. What stands around the text is compared, and its event
 * made from the one before: reading all of it again was half of what translating a stream cost.
 */
import type { ChatEvent } from "../../protocols/chat.ts";
import type { StreamDecoder, WireEvent } from "../../protocols/codec.ts";

/** Characters: in a longer event most of it is the text. */
const MOST = 2048;
/** Events in a row to which what was learned of the one before did not apply: the next ones differ in more as well. */
const TRIES = 8;
/** Characters that JSON escapes or does not allow in a text, and the quote that ends it. */
const NOT_AS_IS = /[^ !#-[\]-\uffff]/;
/** What the protocols have a text of the reply under. */
const TEXT_FOLLOWS = /"(?:content|text|thinking|reasoning|reasoning_content)"\s*:\s*"$/;
/**
 * A random text in each event of OpenAI's, so that its length on the wire tells nothing; it means nothing.
 * https://platform.openai.com/docs/api-reference/chat/create, `include_obfuscation`
 */
const PADDING = '"obfuscation":"';
/** Characters up to which V8 copies a part of a text; a longer part keeps the whole. */
const COPIED = 12;

type Delta = Extract<ChatEvent, { type: "text-delta" | "reasoning-delta" }>;

export class RepeatedText {
  #delta: Delta | undefined;
  #event: string | undefined;
  /** Around the text, its quotes included; behind it up to `PADDING`, where there is that. */
  #before = "";
  #after = "";
  /** Behind the padding. */
  #last: string | undefined;
  /** The event asked about last is like the one before, but for characters that have to be read. */
  #alike = false;
  #missed = 0;

  /** @returns the event that the decoder would make of this one; `undefined`: ask it, and `learn` */
  deltaOf({ event, data }: WireEvent): Delta | undefined {
    this.#alike = false;
    const delta = this.#delta;
    if (delta === undefined || event !== this.#event) return undefined;
    const begin = this.#before.length;
    // Slices are compared in half the time of `startsWith` and `endsWith`.
    if (data.slice(0, begin) !== this.#before) return undefined;
    const end = this.#last === undefined ? this.#endOf(data) : this.#endOfPadded(data, this.#last);
    if (end <= begin) return undefined;
    this.#alike = NOT_AS_IS.test(data.slice(begin, end));
    if (this.#alike) return undefined;
    this.#missed = 0;
    // What is kept of a reply must not keep all that was read with it.
    const text =
      end - begin > COPIED ? String(JSON.parse(data.slice(begin - 1, end + 1))) : data.slice(begin, end);
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
    return to !== -1 && data.slice(to) === last && !NOT_AS_IS.test(data.slice(from, to)) ? end : -1;
  }

  /** To be told of each event that the decoder was asked about, and what it made of it. */
  learn({ event, data }: WireEvent, events: readonly ChatEvent[], decoder: StreamDecoder): void {
    const before = this.#delta;
    if (before !== undefined && !this.#alike) this.#missed++;
    this.#delta = undefined;
    if (this.#missed >= TRIES || data.length > MOST) return;
    const [delta] = events;
    if (delta === undefined || events.length > 1 || !isDelta(delta) || !isPlain(decoder)) return;
    if (this.#alike) {
      this.#delta = before;
      return;
    }
    // Where nothing is escaped, a text that stands there once, under such a name, is the one.
    const quoted = `"${delta.text}"`;
    const at = data.indexOf(quoted);
    if (at === -1 || data.includes("\\") || data.indexOf(quoted, at + 1) !== -1) return;
    const start = data.slice(0, at + 1);
    if (NOT_AS_IS.test(delta.text) || !TEXT_FOLLOWS.test(start)) return;
    this.#event = event;
    this.#before = copyOf(start);
    this.#after = copyOf(data.slice(at + quoted.length - 1));
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

/** Without all that it is a part of. */
const copyOf = (text: string): string => String(JSON.parse(JSON.stringify(text)));

const isPlain = ({ stage, handsOn }: StreamDecoder): boolean => stage === "open" && handsOn === true;

/** Nothing but a text. */
const isDelta = (event: ChatEvent): event is Delta =>
  (event.type === "reasoning-delta" || (event.type === "text-delta" && event.logprobs === undefined)) &&
  event.text !== "";
