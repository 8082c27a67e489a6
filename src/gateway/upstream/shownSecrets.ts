/** What a request shows a provider of an account's own, to be taken out of what comes back: some quote it whole. */
import type { IncomingHttpHeaders } from "node:http";
import type { AccountKey } from "../providers/account.ts";

/** Characters; a shorter one is no secret, and would blank out ordinary words. The log's redaction has the same. */
const LEAST = 6;
const REDACTED = "[redacted]";

/** Written the same in JSON, in a URL and in a header. */
const PLAIN = /^[\w.~-]+$/;

/** `text` without the key and the headers of the account that it answers to, however they are written there. */
export function withoutShown(text: string, key: AccountKey | undefined): string {
  let clean = text;
  for (const form of formsOf(key)) clean = clean.replaceAll(form, REDACTED);
  return clean;
}

/** The same of bytes, any number of times; the very same buffer where it holds nothing of that. */
export function bytesCleaner(key: AccountKey | undefined): (bytes: Buffer) => Buffer {
  const forms = bytesOf(key);
  return (bytes) => {
    if (!isAmong(forms, bytes)) return bytes;
    // Every byte is a character, so that the others stay as they are.
    return Buffer.from(withoutShown(bytes.toString("latin1"), key), "latin1");
  };
}

/**
 * The same of bytes that come in pieces, of which a secret may lie across two: an end that may be the beginning of
 * one waits for what follows, fewer bytes than the longest of them. What is taken out is replaced by as many bytes,
 * for the reply's length may have been told.
 */
export class PiecesCleaner {
  readonly #forms: readonly Buffer[];
  #held: Buffer | undefined;

  constructor(key: AccountKey | undefined) {
    this.#forms = bytesOf(key);
  }

  /** @returns what may go on; the very same buffer where it holds nothing of that */
  push(piece: Buffer): Buffer {
    const bytes = this.#held === undefined ? piece : Buffer.concat([this.#held, piece]);
    this.#held = undefined;
    const next = this.#forms.map((form) => bytes.indexOf(form));
    let out: Buffer | undefined;
    let at = 0;
    for (;;) {
      const begun = this.#begunAt(bytes, at);
      let found = -1;
      let size = 0;
      for (const [index, form] of this.#forms.entries()) {
        if ((next[index] ?? -1) >= 0 && (next[index] ?? -1) < at) next[index] = bytes.indexOf(form, at);
        const place = next[index] ?? -1;
        // The longest comes first.
        if (place < 0 || (found >= 0 && place >= found)) continue;
        found = place;
        size = form.length;
      }
      if (found < 0 || found >= begun) {
        if (begun < bytes.length) this.#held = Buffer.from(bytes.subarray(begun));
        return (out ?? bytes).subarray(0, begun);
      }
      out ??= Buffer.from(bytes);
      out.write(blankOf(size), found, "latin1");
      at = found + size;
    }
  }

  /** What still waits, when nothing follows. */
  rest(): Buffer | undefined {
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) return undefined;
    for (const form of this.#forms) {
      for (let at = held.indexOf(form); at >= 0; at = held.indexOf(form, at)) {
        held.write(blankOf(form.length), at, "latin1");
      }
    }
    return held;
  }

  /** Where the first secret begins of which the end is still to come; the length of `bytes`: none does. */
  #begunAt(bytes: Buffer, from: number): number {
    let first = bytes.length;
    for (const form of this.#forms) {
      const head = form[0];
      if (head === undefined) continue;
      const least = Math.max(from, bytes.length - form.length + 1);
      for (let at = bytes.indexOf(head, least); at >= 0 && at < first; at = bytes.indexOf(head, at + 1)) {
        if (bytes.compare(form, 0, bytes.length - at, at) === 0) first = at;
      }
    }
    return first;
  }
}

/**
 * Matches bytes, read as latin1, that hold any of `words` or what `key` shows. One look for all of them costs a
 * quarter of a look for each.
 * @param words a pattern's source, one of few
 */
export function patternOf(key: AccountKey | undefined, words: string): RegExp {
  const { bytes, patterns } = known(key);
  let pattern = patterns.get(words);
  if (pattern === undefined) {
    const shown = bytes.map((form) => form.toString("latin1").replace(/[^\w]/g, literally));
    pattern = new RegExp([words, ...shown].join("|"));
    patterns.set(words, pattern);
  }
  return pattern;
}

const literally = (character: string): string =>
  `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;

/** As many bytes that say that something was taken out. */
const blankOf = (size: number): string =>
  size < REDACTED.length ? "*".repeat(size) : REDACTED.padEnd(size, "*");

/** The same of every value, in place. */
export function cleanHeaders(headers: IncomingHttpHeaders, key: AccountKey | undefined): void {
  const forms = formsOf(key);
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    for (const form of forms) {
      if (typeof value === "string" ? !value.includes(form) : !value?.some((each) => each.includes(form)))
        continue;
      headers[name] =
        typeof value === "string" ? withoutShown(value, key) : value?.map((each) => withoutShown(each, key));
    }
  }
}

function isAmong(forms: readonly Buffer[], bytes: Buffer): boolean {
  for (const form of forms) if (bytes.includes(form)) return true;
  return false;
}

interface Forms {
  readonly texts: readonly string[];
  readonly bytes: readonly Buffer[];
  /** What `patternOf` made of them, by the other words. */
  readonly patterns: Map<string, RegExp>;
}

const NO_FORMS: Forms = { texts: [], bytes: [], patterns: new Map() };
/** Keys whose forms are kept: each request asks several times, and a pool has few. */
const KEPT_KEYS = 64;
const kept = new Map<AccountKey, Forms>();

const formsOf = (key: AccountKey | undefined): readonly string[] => known(key).texts;
const bytesOf = (key: AccountKey | undefined): readonly Buffer[] => known(key).bytes;

function known(key: AccountKey | undefined): Forms {
  if (key === undefined) return NO_FORMS;
  let forms = kept.get(key);
  if (forms === undefined) {
    const texts = makeForms(key);
    forms = { texts, bytes: texts.map((text) => Buffer.from(text)), patterns: new Map() };
    if (kept.size >= KEPT_KEYS) kept.clear();
    kept.set(key, forms);
  }
  return forms;
}

/** Longest first: a value that contains another is taken out whole. */
function makeForms(key: AccountKey): readonly string[] {
  if (typeof key === "string" && PLAIN.test(key)) return key.length < LEAST ? [] : [key];
  const secrets =
    typeof key === "string"
      ? [key]
      : [...(key.key === undefined ? [] : [key.key]), ...Object.values(key.headers)];
  const forms = new Set<string>();
  for (const secret of secrets.flatMap(partsOf)) {
    if (secret.length < LEAST) continue;
    const json = JSON.stringify(secret).slice(1, -1);
    for (const form of [secret, json, json.replaceAll("/", "\\/"), encodeURIComponent(secret)])
      forms.add(form);
  }
  return [...forms].sort((a, b) => b.length - a.length);
}

/** `Bearer abc` and `Basic dXNlcjpwYXNz` are quoted with and without their first word, the latter also as it reads. */
function partsOf(value: string): string[] {
  const [, scheme, rest] = /^(bearer|basic|token|key|apikey)\s+(\S.*)$/i.exec(value) ?? [];
  if (scheme === undefined || rest === undefined) return [value];
  if (scheme.toLowerCase() !== "basic") return [value, rest];
  const decoded = Buffer.from(rest, "base64").toString("latin1");
  return [value, rest, decoded, decoded.slice(decoded.indexOf(":") + 1)];
}
