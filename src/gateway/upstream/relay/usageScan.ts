/**
 * Finds the objects in which a reply tells its usage while its bytes pass, at the places that its protocol has for
 * them: what the model says or hands to a tool may have keys of the same name. Chunks are searched natively; only an
 * event that has such a key is looked at byte by byte, and that where counts are restated mostly once: at the end.
 */
import { parseJson } from "../../common/json.ts";
import type { Usage } from "../../protocols/chat.ts";
import type { Framing } from "../../protocols/codec.ts";
import type { UsageFormat, UsageReader } from "../../protocols/wire.ts";
import { JsonObjects } from "./jsonObjects.ts";

/** Objects, or chunks, that wait to be read: some providers restate their counts in every event. */
const WAITING = 16;
/** Bytes of a chunk that waits; a longer one is read at once. */
const WAITING_BYTES = 4 * 1024;

const COLON = 0x3a;
const CR = 0x0d;
const LF = 0x0a;
const OPEN = 0x7b;
const OPEN_LIST = 0x5b;
const DATA = Buffer.from("data:");
/** Ends an event where lines end in LF, as nearly everywhere. */
const BLANK = Buffer.from("\n\n");
const isSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === LF || byte === CR || byte === 0x09;

const formatMarks = new WeakMap<UsageFormat, readonly Buffer[]>();

/** The keys of its objects, in quotes. */
function marksOf(format: UsageFormat): readonly Buffer[] {
  let marks = formatMarks.get(format);
  if (marks === undefined) {
    marks = usageKeys(format).map((name) => Buffer.from(`"${name}"`));
    formatMarks.set(format, marks);
  }
  return marks;
}

/** The keys under which its objects stand, wherever. */
export function usageKeys({ places }: UsageFormat): readonly string[] {
  return [...new Set(places.map((place) => place.slice(place.lastIndexOf(".") + 1)))];
}

export class UsageScan {
  readonly #format: UsageFormat;
  readonly #reader: UsageReader;
  readonly #marks: readonly Buffer[];
  readonly #objects: JsonObjects;
  readonly #sse: boolean;
  /** Of a body that is one text of JSON: has it begun, and as JSON? */
  #begun = false;
  #isJson = false;
  /** Of events: bytes of the open line that are those of `data:`; -1: it is another line. */
  #line = 0;
  #afterCr = false;
  /** Objects that were found, in their order. */
  #waiting: string[] = [];
  /** Whole events behind them, not looked at yet. */
  #unread: Buffer[] = [];

  /** @param framing of a stream; absent: the reply is one text */
  constructor(format: UsageFormat, framing: Framing | undefined) {
    this.#format = format;
    this.#reader = format.reader();
    this.#sse = framing === "sse";
    this.#marks = marksOf(format);
    this.#objects = new JsonObjects(format.places, (object) => this.#waiting.push(object));
  }

  push(chunk: Buffer): void {
    if (this.#sse) {
      const whole = this.between && endsEvent(chunk);
      const events = whole ? this.#fromFirstMark(chunk) : chunk;
      if (events === undefined) return;
      if (whole && this.#format.restated && events.length <= WAITING_BYTES) {
        if (this.#unread.length >= WAITING) this.#read();
        // A copy: a view would keep the whole read buffer.
        this.#unread.push(Buffer.from(events));
        return;
      }
      if (this.#unread.length > 0) this.#read();
      this.#events(events);
    } else this.#text(chunk);
    if (this.#waiting.length >= WAITING) this.#read();
  }

  /** Of events: has the last one ended? Whole ones without any of the keys need not be shown then. */
  get between(): boolean {
    return this.#line === 0 && !this.#afterCr && this.#objects.idle;
  }

  /** Of whole events: the first that has an object under one of the keys, and what follows it. */
  #fromFirstMark(events: Buffer): Buffer | undefined {
    let first = -1;
    for (const mark of this.#marks) {
      const at = objectAt(events, mark);
      if (at >= 0 && (first < 0 || at < first)) first = at;
    }
    if (first < 0) return undefined;
    const before = events.lastIndexOf(BLANK, first);
    return before < 0 ? events : events.subarray(before + BLANK.length);
  }

  /** Reads a piece of a reply that is one text. */
  #text(chunk: Buffer): void {
    if (!this.#begun) {
      const first = chunk.find((byte) => !isSpace(byte));
      if (first === undefined) return;
      this.#begun = true;
      this.#isJson = first === OPEN || first === OPEN_LIST;
    }
    if (this.#isJson) this.#objects.push(chunk, 0, chunk.length);
  }

  /** What was told so far; `undefined`: nothing. */
  get usage(): Usage | undefined {
    this.#read();
    return this.#reader.usage;
  }

  /** Reads the `data` lines of events. */
  #events(chunk: Buffer): void {
    const hasCr = chunk.includes(CR);
    for (let at = 0; at < chunk.length; ) {
      const byte = chunk[at];
      if (byte === LF || byte === CR) {
        // An empty line ends an event; the LF of CRLF is no line of its own.
        if (this.#line === 0 && !(byte === LF && this.#afterCr)) this.#objects.reset();
        this.#objects.endLine();
        this.#line = 0;
        this.#afterCr = byte === CR;
        at++;
        continue;
      }
      this.#afterCr = false;
      if (this.#line >= 0 && this.#line < DATA.length) {
        this.#line = byte === DATA[this.#line] ? this.#line + 1 : -1;
        at++;
        continue;
      }
      const end = lineEnd(chunk, at, hasCr);
      if (this.#line > 0) this.#objects.push(chunk, at, end);
      at = end;
    }
  }

  #read(): void {
    const objects = this.#taken();
    if (!this.#format.restated) {
      for (const text of objects) this.#reader.add(parseJson(text));
      return;
    }
    // Only the last one that counts anything matters, and mostly that is the very last.
    const unread = this.#unread;
    this.#unread = [];
    for (const chunk of unread.reverse()) {
      this.#events(chunk);
      if (this.#readLast(this.#taken())) return;
    }
    this.#readLast(objects);
  }

  #taken(): string[] {
    const objects = this.#waiting;
    this.#waiting = [];
    return objects;
  }

  /** @returns did one count anything? */
  #readLast(objects: readonly string[]): boolean {
    for (const text of objects.toReversed()) {
      const own = this.#format.reader();
      const counts = parseJson(text);
      own.add(counts);
      if (own.usage === undefined) continue;
      this.#reader.add(counts);
      return true;
    }
    return false;
  }
}

/** Does a chunk end with an empty line? */
function endsEvent(chunk: Buffer): boolean {
  const last = chunk[chunk.length - 1];
  const previous = chunk[chunk.length - 2];
  if (last === LF) return previous === LF || (previous === CR && chunk[chunk.length - 3] === LF);
  return last === CR && previous === CR;
}

/** Where a key stands with an object, in a text perhaps; -1: nowhere. */
function objectAt(chunk: Buffer, mark: Buffer): number {
  for (let found = chunk.indexOf(mark); found >= 0; found = chunk.indexOf(mark, found + mark.length)) {
    let at = found + mark.length;
    while (isSpace(chunk[at])) at++;
    if (chunk[at] === COLON) at++;
    while (isSpace(chunk[at])) at++;
    // Behind a line's end its value may stand in the event's next line.
    if (chunk[at] === OPEN || chunk[at - 1] === LF || chunk[at - 1] === CR) return found;
  }
  return -1;
}

function lineEnd(chunk: Buffer, from: number, hasCr: boolean): number {
  const lf = chunk.indexOf(LF, from);
  const end = lf < 0 ? chunk.length : lf;
  const cr = hasCr ? chunk.subarray(from, end).indexOf(CR) : -1;
  return cr < 0 ? end : from + cr;
}
