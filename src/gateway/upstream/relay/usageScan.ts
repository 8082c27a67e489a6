/**
 * Finds the objects in which a reply tells its usage while its bytes pass, wherever they stand in it. Chunks are
 * searched natively; only such an object itself is looked at byte by byte, and parsed when it is asked for.
 *
 * A key of JSON cannot be mistaken for text: within a text its quotes would be escaped.
 */
import type { Usage } from "../../protocols/chat.ts";
import type { UsageFormat, UsageReader } from "../../protocols/wire.ts";

/** Bytes of one object; what is longer is none that tells usage. */
const OBJECT_BYTES = 16 * 1024;
/** Objects that wait to be read: some providers restate their counts in every event. */
const WAITING = 16;
/** Bytes between a key and its value: white space and a colon. */
const GAP_BYTES = 64;

const BACKSLASH = 0x5c;
const CLOSE = 0x7d;
const COLON = 0x3a;
const OPEN = 0x7b;
const QUOTE = 0x22;
const isSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

export class UsageScan {
  readonly #format: UsageFormat;
  readonly #reader: UsageReader;
  readonly #marks: readonly Buffer[];
  /** The end of what came, where a key may have begun in it. */
  #torn: Buffer | undefined;
  #object: ObjectBytes | undefined;
  #waiting: string[] = [];

  constructor(format: UsageFormat) {
    this.#format = format;
    this.#reader = format.reader();
    this.#marks = format.keys.map((key) => Buffer.from(`"${key}"`));
  }

  push(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#torn !== undefined) {
      bytes = Buffer.concat([this.#torn, chunk]);
      this.#torn = undefined;
    }
    let at = this.#object === undefined ? 0 : this.#through(bytes, 0);
    while (at >= 0 && at < bytes.length) at = this.#seek(bytes, at);
  }

  /** What was told so far; `undefined`: nothing. */
  get usage(): Usage | undefined {
    this.#read();
    return this.#reader.usage;
  }

  /** @returns where to go on; -1: nothing more here */
  #seek(bytes: Buffer, from: number): number {
    let found = -1;
    let size = 0;
    for (const mark of this.#marks) {
      const at = bytes.indexOf(mark, from);
      if (at < 0 || (found >= 0 && at > found)) continue;
      found = at;
      size = mark.length;
    }
    if (found < 0) {
      this.#keepEnd(bytes, from);
      return -1;
    }
    let at = found + size;
    while (isSpace(bytes[at])) at++;
    if (bytes[at] === COLON) at++;
    while (isSpace(bytes[at])) at++;
    if (at >= bytes.length) {
      if (at - found - size <= GAP_BYTES) this.#torn = Buffer.from(bytes.subarray(found));
      return -1;
    }
    if (bytes[at] !== OPEN) return found + size;
    this.#object = new ObjectBytes();
    return this.#through(bytes, at);
  }

  /** Goes on with the object that is open. */
  #through(bytes: Buffer, from: number): number {
    const object = this.#object;
    if (object === undefined) return from;
    const end = object.take(bytes, from);
    if (end < 0) return end;
    this.#object = undefined;
    if (object.tooLong) return end;
    this.#waiting.push(object.text());
    if (this.#waiting.length >= WAITING) this.#read();
    return end;
  }

  /** Keeps the end of a chunk where it is the beginning of a key. */
  #keepEnd(bytes: Buffer, from: number): void {
    for (const mark of this.#marks) {
      const first = Math.max(from, bytes.length - mark.length + 1);
      for (let at = first; at < bytes.length; at++) {
        if (bytes[at] !== QUOTE || bytes.compare(mark, 0, bytes.length - at, at) !== 0) continue;
        if (this.#torn === undefined || this.#torn.length < bytes.length - at) {
          this.#torn = Buffer.from(bytes.subarray(at));
        }
        break;
      }
    }
  }

  #read(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    if (!this.#format.restated) {
      for (const text of waiting) this.#reader.add(parsed(text));
      return;
    }
    // Only the last one that counts anything matters, and mostly that is the very last.
    for (const text of waiting.reverse()) {
      const own = this.#format.reader();
      const counts = parsed(text);
      own.add(counts);
      if (own.usage === undefined) continue;
      this.#reader.add(counts);
      return;
    }
  }
}

/** The bytes of a JSON object that may come in several chunks. */
class ObjectBytes {
  #pieces: Buffer[] = [];
  #size = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;

  get tooLong(): boolean {
    return this.#size > OBJECT_BYTES;
  }

  /** @returns the place behind the object's end, or behind what is too much of it; -1: that is still to come */
  take(bytes: Buffer, from: number): number {
    const limit = Math.min(bytes.length, from + OBJECT_BYTES - this.#size + 1);
    for (let at = from; at < limit; at++) {
      const byte = bytes[at];
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inString = false;
      } else if (byte === QUOTE) this.#inString = true;
      else if (byte === OPEN) this.#depth++;
      else if (byte === CLOSE && --this.#depth === 0) {
        this.#pieces.push(bytes.subarray(from, at + 1));
        return at + 1;
      }
    }
    // A copy: a view would keep the whole read buffer.
    this.#pieces.push(Buffer.from(bytes.subarray(from, limit)));
    this.#size += limit - from;
    return this.tooLong ? limit : -1;
  }

  text(): string {
    const [first, ...others] = this.#pieces;
    return first !== undefined && others.length === 0
      ? first.toString("utf8")
      : Buffer.concat(this.#pieces).toString("utf8");
  }
}

/** `undefined`: not JSON, or torn. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Spread over several `data` lines of one event.
    return text.includes("\ndata:") || text.includes("\rdata:") ? joinedLines(text) : undefined;
  }
}

function joinedLines(text: string): unknown {
  try {
    return JSON.parse(text.replace(/(\r\n|\n|\r)data: ?/g, "\n"));
  } catch {
    return undefined;
  }
}
