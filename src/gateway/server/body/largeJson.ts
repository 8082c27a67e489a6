/**
 * Large JSON in slices. `JSON.parse` holds the thread that all requests share until it is done, which for ten
 * megabytes of brackets are seconds; nesting and values beyond all reason are refused before anything is built.
 */
import { setImmediate } from "node:timers/promises";
import { badRequest } from "../../common/errors.ts";

/** Bytes from which a body is looked at before it is parsed. */
export const LARGE_BYTES = 128 * 1024;
/** Arrays and objects within each other; schemas of tools have some twenty. */
export const MAX_DEPTH = 1000;
/** Values in one body. The largest lists that providers take are 300,000 tokens. */
export const MAX_VALUES = 2_000_000;
/** Values up to which `JSON.parse` takes but milliseconds, however long their texts are. */
const FEW_VALUES = 50_000;
/** Steps of one slice; a step is a token, or a kibibyte of text. */
const SLICE_STEPS = 20_000;

/** Lets others have the thread. */
export type Pause = () => Promise<unknown>;

class Slices {
  #steps = 0;
  readonly #pause: Pause;

  constructor(pause: Pause) {
    this.#pause = pause;
  }

  /** @returns what to wait for, where this slice is over */
  step(steps = 1): Promise<unknown> | undefined {
    this.#steps += steps;
    if (this.#steps < SLICE_STEPS) return undefined;
    this.#steps = 0;
    return this.#pause();
  }
}

/**
 * The same value as `JSON.parse(body.toString("utf8"))`.
 * @throws PorticoError `invalid_request` for what is nested more than 1,000 deep, holds more than 2,000,000
 *   values, or is no JSON
 */
export async function parseLargeJson(body: Buffer, pause: Pause = setImmediate): Promise<unknown> {
  const slices = new Slices(pause);
  const values = await survey(body, slices);
  const text = body.toString("utf8");
  if (values > FEW_VALUES) return await new Parser(text, slices).parse();
  try {
    return JSON.parse(text);
  } catch (error) {
    throw notParsed(error);
  }
}

/** @returns about how many values there are; of text that is no JSON, anything */
async function survey(body: Buffer, slices: Slices): Promise<number> {
  let depth = 0;
  let values = 1;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === 0x22) {
      const end = endOfString(body, at);
      const wait = slices.step(1 + ((end - at) >> 10));
      if (wait !== undefined) await wait;
      at = end;
    } else if (byte === 0x5b || byte === 0x7b) {
      values++;
      if (++depth > MAX_DEPTH) {
        throw badRequest(`The body is nested more than ${MAX_DEPTH} levels deep, which no provider takes.`);
      }
    } else if (byte === 0x5d || byte === 0x7d) depth--;
    else if (byte === 0x2c) values++;
    else continue;
    if (values > MAX_VALUES) {
      throw badRequest(`The body holds more than ${MAX_VALUES} JSON values, which no provider takes.`);
    }
    const wait = slices.step();
    if (wait !== undefined) await wait;
  }
  return values;
}

/** Position of the quote that ends the string which begins at `start`; the last byte where none does. */
function endOfString(body: Buffer, start: number): number {
  for (let at = start; ; ) {
    at = body.indexOf(0x22, at + 1);
    if (at === -1) return body.length - 1;
    let before = at - 1;
    while (body[before] === 0x5c) before--;
    if ((at - before) % 2 === 1) return at;
  }
}

/** What `JSON.parse` says of a body. V8 quotes the text; a conversation does not belong into an error or a log. */
export function notParsed(error: unknown): Error {
  return notJson(Number(/position (\d+)/.exec(String(error))?.[1] ?? Number.NaN));
}

function notJson(position: number): Error {
  return badRequest(
    `The body is not valid JSON: ${Number.isNaN(position) ? "it ends too early or has a stray character" : `unexpected character at position ${position}`}.`,
  );
}

type Container = { array: unknown[] } | { object: Record<string, unknown>; key: string };

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /-?\d[\d.eE+-]*|true|false|null/y;

/** Takes what `JSON.parse` takes. Its stack is its own, and strings and numbers are `JSON.parse`'s. */
class Parser {
  readonly #text: string;
  readonly #slices: Slices;
  #at = 0;

  constructor(text: string, slices: Slices) {
    this.#text = text;
    this.#slices = slices;
  }

  async parse(): Promise<unknown> {
    const stack: Container[] = [];
    for (;;) {
      const wait = this.#slices.step();
      if (wait !== undefined) await wait;
      let value = this.#begin();
      if (value instanceof Opened) {
        stack.push(value.container);
        if (!value.empty) continue;
        value = close(stack);
      }
      for (;;) {
        const parent = stack.at(-1);
        if (parent === undefined) {
          this.#space();
          if (this.#at < this.#text.length) throw notJson(this.#at);
          return value;
        }
        put(parent, value);
        if (this.#more(parent)) break;
        value = close(stack);
      }
    }
  }

  /** A scalar, or a container that was opened, in objects up to the first value. */
  #begin(): unknown {
    this.#space();
    const character = this.#text[this.#at];
    if (character === '"') return this.#string();
    if (character === "[") {
      this.#at++;
      return new Opened({ array: [] }, this.#take("]"));
    }
    if (character === "{") {
      this.#at++;
      if (this.#take("}")) return new Opened({ object: {}, key: "" }, true);
      return new Opened({ object: {}, key: this.#key() }, false);
    }
    return this.#scalar();
  }

  /** @returns whether another value follows in `parent`; else it is closed */
  #more(parent: Container): boolean {
    if (this.#take(",")) {
      if ("object" in parent) parent.key = this.#key();
      return true;
    }
    if (!this.#take("array" in parent ? "]" : "}")) throw notJson(this.#at);
    return false;
  }

  #key(): string {
    this.#space();
    const key = this.#string();
    if (!this.#take(":")) throw notJson(this.#at);
    return key;
  }

  #string(): string {
    const text = this.#text;
    if (text[this.#at] !== '"') throw notJson(this.#at);
    for (let end = this.#at; ; ) {
      end = text.indexOf('"', end + 1);
      if (end === -1) throw notJson(text.length);
      let before = end - 1;
      while (text[before] === "\\") before--;
      if ((end - before) % 2 === 1) return String(this.#natively(text.slice(this.#at, end + 1)));
    }
  }

  #scalar(): unknown {
    SCALAR.lastIndex = this.#at;
    const found = SCALAR.exec(this.#text)?.[0];
    if (found === undefined) throw notJson(this.#at);
    return this.#natively(found);
  }

  /** Escapes, control characters and numbers are as `JSON.parse` has them; nothing holds on to the whole text. */
  #natively(token: string): unknown {
    try {
      const value: unknown = JSON.parse(token);
      this.#at += token.length;
      return value;
    } catch {
      throw notJson(this.#at);
    }
  }

  #take(character: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #space(): void {
    SPACE.lastIndex = this.#at;
    SPACE.test(this.#text);
    this.#at = SPACE.lastIndex;
  }
}

class Opened {
  readonly container: Container;
  readonly empty: boolean;

  constructor(container: Container, empty: boolean) {
    this.container = container;
    this.empty = empty;
  }
}

function put(parent: Container, value: unknown): void {
  if ("array" in parent) parent.array.push(value);
  // An own property like any other: assigning would set the prototype.
  else if (parent.key === "__proto__") {
    Object.defineProperty(parent.object, parent.key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  } else parent.object[parent.key] = value;
}

function close(stack: Container[]): unknown {
  const container = stack.pop();
  if (container === undefined) throw new Error("nothing is open");
  return "array" in container ? container.array : container.object;
}

/** Is it worth a look before `JSON.parse`? */
export function isLargeJson(body: Buffer): boolean {
  if (body.length < LARGE_BYTES) return false;
  const first = body.toString("latin1", 0, 100).trimStart()[0];
  return first === "{" || first === "[";
}
