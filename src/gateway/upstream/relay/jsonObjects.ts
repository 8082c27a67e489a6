/**
 * Finds the objects that stand at given places of a JSON text while its bytes pass, in pieces of any size. Keys of the
 * same name elsewhere (in the arguments of a tool, say) are passed over. Nothing is parsed; long strings are skipped
 * natively.
 */

/** Bytes of one object; what is longer is passed over. */
const OBJECT_BYTES = 16 * 1024;
/** Containers around the deepest place; strings further in are no names. */
const DEEPEST = 5;
/** Bytes of a name; what is longer is none that is looked for. */
const NAME_BYTES = 24;
/** In place of a name that is none of those, as its length tells. */
const OTHER = "?";
/** Bytes of a string that are looked at one by one before it is worth a native search. */
const SHORT = 64;

const BACKSLASH = 0x5c;
const CLOSE = 0x7d;
const CLOSE_LIST = 0x5d;
const COMMA = 0x2c;
const OPEN = 0x7b;
const OPEN_LIST = 0x5b;
const QUOTE = 0x22;
/** Outside of strings only these bytes say where one is. */
const TELLS = new Uint8Array(256);
for (const byte of [QUOTE, COMMA, OPEN, OPEN_LIST, CLOSE, CLOSE_LIST]) TELLS[byte] = 1;

export class JsonObjects {
  readonly #places: ReadonlySet<string>;
  readonly #found: (object: string) => void;
  #depth = 0;
  /** Under which names the open containers stand; `""` for elements and for the root. */
  #names: string[] = [];
  /** The last string of the member that is open: its key, until its value comes. */
  #name = "";
  #inString = false;
  #escaped = false;
  /** In a list of numbers: embeddings have long ones. */
  #inNumbers = false;
  /** A bit for each length that a sought name has. */
  #telling = 0;
  /** The object that is taken: what came of it in earlier pieces, and where it ends. */
  #pieces: Buffer[] = [];
  #size = 0;
  #taking: number | undefined;

  /** @param places names joined by dots, an element of a list has none: `choices..usage`. A list around all is ignored. */
  constructor(places: readonly string[], found: (object: string) => void) {
    this.#places = new Set(places);
    for (const name of places.join(".").split(".")) this.#telling |= 1 << Math.min(name.length, 31);
    this.#found = found;
  }

  /** Is nothing open? */
  get idle(): boolean {
    return this.#depth === 0 && !this.#inString;
  }

  /** The text is over, whole or not. */
  reset(): void {
    this.#depth = 0;
    this.#name = "";
    this.#drop();
    this.endLine();
  }

  /** No string of JSON goes over a line's end. */
  endLine(): void {
    this.#inString = false;
    this.#escaped = false;
    this.#inNumbers = false;
  }

  push(bytes: Buffer, from: number, to: number): void {
    let start = from;
    for (let at = this.#inNumbers ? this.#numbers(bytes, from, to) : from; at < to; ) {
      if (this.#inString) {
        at = this.#string(bytes, at, to);
        continue;
      }
      while (at < to && TELLS[bytes[at] ?? 0] === 0) at++;
      if (at >= to) break;
      switch (bytes[at++]) {
        case QUOTE:
          this.#inString = true;
          this.#name = "";
          break;
        case COMMA:
          this.#name = "";
          break;
        case OPEN:
          if (this.#open() && this.#isSought()) {
            this.#taking = this.#depth;
            start = at - 1;
          }
          break;
        case OPEN_LIST:
          this.#open();
          if (isNumeric(bytes[at])) at = this.#numbers(bytes, at, to);
          break;
        case CLOSE:
          if (this.#depth === this.#taking) this.#take(bytes.subarray(start, at));
          this.#close();
          break;
        case CLOSE_LIST:
          this.#close();
      }
    }
    if (this.#taking === undefined) return;
    this.#size += to - start;
    if (this.#size > OBJECT_BYTES) this.#drop();
    // A copy: a view would keep the whole read buffer.
    else this.#pieces.push(Buffer.from(bytes.subarray(start, to)));
  }

  /** @returns may what is looked for stand in or at this container? */
  #open(): boolean {
    const depth = this.#depth++;
    if (depth < DEEPEST) this.#names[depth] = this.#name;
    this.#name = "";
    return depth < DEEPEST && this.#taking === undefined;
  }

  /** Does the object that has begun stand at one of the places? */
  #isSought(): boolean {
    let place = "";
    for (let at = 0; at < this.#depth; at++) {
      const name = this.#names[at] ?? "";
      if (place !== "") place += `.${name}`;
      else place = name;
    }
    return this.#places.has(place);
  }

  #close(): void {
    if (this.#depth > 0) this.#depth--;
    this.#name = "";
  }

  #take(last: Buffer): void {
    const pieces = [...this.#pieces, last];
    const size = this.#size + last.length;
    this.#drop();
    if (size > OBJECT_BYTES) return;
    this.#found((pieces.length === 1 ? last : Buffer.concat(pieces)).toString("utf8"));
  }

  #drop(): void {
    this.#pieces = [];
    this.#size = 0;
    this.#taking = undefined;
  }

  /** Skips numbers natively. @returns their end: the bracket behind them, or `to` */
  #numbers(bytes: Buffer, from: number, to: number): number {
    const close = bytes.indexOf(CLOSE_LIST, from);
    const end = close < 0 || close > to ? to : close;
    const numbers = bytes.subarray(from, end);
    const only = !numbers.includes(QUOTE) && !numbers.includes(OPEN) && !numbers.includes(OPEN_LIST);
    this.#inNumbers = only && end === to;
    return only ? end : from;
  }

  /** Goes on in a string. @returns the place behind its end, or `to` */
  #string(bytes: Buffer, from: number, to: number): number {
    const end = this.#stringEnd(bytes, from, to);
    const inner = end < 0 ? to : end;
    if (end >= 0 && this.#name === "" && (this.#telling & (1 << Math.min(end - from, 31))) === 0) {
      this.#name = OTHER;
    } else if (this.#depth < DEEPEST && this.#name.length <= NAME_BYTES) {
      this.#name += bytes.toString("latin1", from, Math.min(inner, from + NAME_BYTES + 1));
    }
    if (end < 0) return to;
    this.#inString = false;
    return end + 1;
  }

  #stringEnd(bytes: Buffer, from: number, to: number): number {
    for (let at = from; at < to; ) {
      for (const near = Math.min(to, at + SHORT); at < near; at++) {
        const byte = bytes[at];
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) return at;
      }
      if (at >= to) return -1;
      if (this.#escaped) {
        this.#escaped = false;
        at++;
      }
      const quote = bytes.indexOf(QUOTE, at);
      const end = quote < 0 || quote >= to ? to : quote;
      let before = end;
      while (before > at && bytes[before - 1] === BACKSLASH) before--;
      const odd = (end - before) % 2 === 1;
      if (end === to) {
        this.#escaped = odd;
        return -1;
      }
      if (!odd) return end;
      at = end + 1;
    }
    return -1;
  }
}

/** Does a number begin so? */
const isNumeric = (byte: number | undefined): boolean =>
  byte === 0x2d || (byte !== undefined && byte >= 0x30 && byte <= 0x39);
