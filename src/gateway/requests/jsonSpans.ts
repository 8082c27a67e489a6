/**
 * Finds where the `model` of a request stands in its bytes, so that passthrough can replace that alone
 * and leave every other byte as the client sent it.
 */
import { badRequest } from "../common/errors.ts";
import type { SpanPath } from "../protocols/client.ts";

/** Bytes `[start, end)` of a JSON value. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Spans of the string values at `paths`, in order of the bytes.
 * @param json valid JSON (it has been parsed already)
 * @throws PorticoError `invalid_request` when an object on the way has such a key twice: parsers
 *   disagree on which of the two counts
 */
export function findSpans(json: Buffer, paths: readonly SpanPath[]): Span[] {
  const spans: Span[] = [];
  const scanner = new Scanner(json);
  scanner.walk(scanner.space(0), paths, spans, "");
  return spans;
}

/**
 * Could a key stand in this JSON more than once in one object? Cheap and on the safe side: `false`
 * is certain. (An ASCII letter of a key may also be written as an escape, `\u006d`.)
 */
export function mayRepeat(json: Buffer, key: string): boolean {
  const quoted = `"${key}"`;
  const first = json.indexOf(quoted);
  if (first !== -1 && json.indexOf(quoted, first + quoted.length) !== -1) return true;
  const escaped = json.indexOf("\\u00");
  if (escaped === -1) return false;
  const halves = new Set(Array.from(key, (letter) => letter.charCodeAt(0) >> 4));
  return [...halves].some((half) => json.includes(`\\u00${half.toString(16)}`, escaped));
}

/** `json` with the values at `spans` replaced by `value` as a JSON string. */
export function splice(json: Buffer, spans: readonly Span[], value: string): Buffer {
  const text = Buffer.from(JSON.stringify(value));
  const parts: Buffer[] = [];
  let at = 0;
  for (const span of spans) {
    parts.push(json.subarray(at, span.start), text);
    at = span.end;
  }
  parts.push(json.subarray(at));
  return Buffer.concat(parts);
}

class Scanner {
  readonly #json: Buffer;

  constructor(json: Buffer) {
    this.#json = json;
  }

  /** Walks the value at `at` and returns the position behind it. */
  walk(at: number, paths: readonly SpanPath[], spans: Span[], where: string): number {
    const byte = this.#json[at];
    if (paths.length === 0) return this.#skip(at);
    if (byte === QUOTE) {
      const end = this.#string(at);
      if (paths.some((path) => path.length === 0)) spans.push({ start: at, end });
      return end;
    }
    if (byte === 0x7b) return this.#object(at, paths, spans, where);
    if (byte === 0x5b) return this.#array(at, paths, spans, where);
    return this.#skip(at);
  }

  space(at: number): number {
    let i = at;
    for (;;) {
      const byte = this.#json[i];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return i;
      i++;
    }
  }

  #object(start: number, paths: readonly SpanPath[], spans: Span[], where: string): number {
    const seen = new Set<string>();
    let at = this.space(start + 1);
    while (this.#json[at] === QUOTE) {
      const keyEnd = this.#string(at);
      const key = this.#text(at, keyEnd);
      at = this.space(this.space(keyEnd) + 1);
      const inner = paths.filter((path) => path[0] === key).map((path) => path.slice(1));
      const here = where === "" ? key : `${where}.${key}`;
      if (inner.length > 0) {
        if (seen.has(key)) throw badRequest(`"${here}" stands in the request twice; send it once.`, here);
        seen.add(key);
      }
      at = this.space(this.walk(at, inner, spans, here));
      if (this.#json[at] === 0x2c) at = this.space(at + 1);
    }
    return at + 1;
  }

  #array(start: number, paths: readonly SpanPath[], spans: Span[], where: string): number {
    const inner = paths.filter((path) => path[0] === "[]").map((path) => path.slice(1));
    let at = this.space(start + 1);
    let index = 0;
    while (at < this.#json.length && this.#json[at] !== 0x5d) {
      at = this.space(this.walk(at, inner, spans, `${where}[${index++}]`));
      if (this.#json[at] === 0x2c) at = this.space(at + 1);
    }
    return at + 1;
  }

  #text(start: number, end: number): string {
    const raw = this.#json.toString("utf8", start + 1, end - 1);
    return raw.includes("\\") ? String(JSON.parse(`"${raw}"`)) : raw;
  }

  /** Position behind the string that begins at `start`. */
  #string(start: number): number {
    let at = start;
    for (;;) {
      at = this.#json.indexOf(QUOTE, at + 1);
      if (at === -1) return this.#json.length;
      let before = at - 1;
      while (this.#json[before] === BACKSLASH) before--;
      if ((at - before) % 2 === 1) return at + 1;
    }
  }

  /** Position behind any value; strings inside are skipped natively. */
  #skip(start: number): number {
    const json = this.#json;
    let at = start;
    let depth = 0;
    while (at < json.length) {
      const byte = json[at];
      if (byte === QUOTE) {
        at = this.#string(at);
        if (depth === 0) return at;
        continue;
      }
      if (byte === 0x7b || byte === 0x5b) depth++;
      else if (byte === 0x7d || byte === 0x5d) {
        if (depth === 0) return at;
        depth--;
        if (depth === 0) return at + 1;
      } else if (
        depth === 0 &&
        (byte === 0x2c || byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09)
      ) {
        return at;
      }
      at++;
    }
    return at;
  }
}
