/**
 * Takes secrets out of text of any kind: JSON string by string and by the names of fields, streams event by
 * event, everything else as it stands. What was JSON is JSON afterwards, and where there is nothing to take out
 * every character stays.
 */

import { REDACTED } from "./redacted.ts";
import { type Mask, redactPieces } from "./redactStream.ts";

/** Names of fields whose values are secrets; `apiKey` is looked at as `api_Key`. */
const SECRET_FIELD =
  /(?:^|[^a-z0-9])(?:api[-_ ]?keys?|access[-_ ]?keys?|private[-_ ]?keys?|secret[-_ ]?(?:access[-_ ]?)?keys?|(?:access|refresh|auth|id|session|bearer|security)[-_ ]?tokens?|client[-_ ]?secrets?|secrets?|passwords?|passwd|passphrase|(?:set[-_ ]?)?cookies?|(?:proxy[-_ ]?)?authorization|credentials?)$/i;
/** JSON within a string of JSON, and so on: tools' arguments, results that quote a request. */
const MAX_DEPTH = 5;

/** Takes out what looks like a secret or is known as one; of plain text, without any escapes. */
export type Redact = (text: string) => string;

export interface TextKind {
  /** `text/event-stream`. */
  readonly stream: boolean;
  /** It goes on beyond what is there. */
  readonly cut: boolean;
}

/** @param mask for a stream, where a secret may come in pieces */
export function redactText(text: string, { stream, cut }: TextKind, redact: Redact, mask?: Mask): string {
  if (stream) return redactLines(text, cut, redact, mask);
  if (isJson(text) || (cut && isJsonBeginning(text))) return redactJson(text, redact);
  if (isLines(text)) return redactLines(text, cut, redact);
  return redactPlain(cut ? withoutEnd(text) : text, redact);
}

/** Lines of a stream, or JSON values a line each. */
function redactLines(text: string, cut: boolean, redact: Redact, mask?: Mask): string {
  const raw = text.split(/(\r\n|\n|\r)/);
  const lines = mask === undefined ? raw : redactPieces(raw, mask);
  return lines
    .map((line, index) => {
      if (index % 2 === 1) return line;
      const [, field = "", value = ""] = /^((?:data|event|id|retry)?: ?)?(.*)$/s.exec(line) ?? [];
      const last = cut && index === lines.length - 1;
      return field + redactText(value, { stream: false, cut: last }, redact);
    })
    .join("");
}

/** Escapes as in JSON, which somebody may have left in text that is none. */
function redactPlain(text: string, redact: Redact): string {
  const clean = redact(text);
  const bare = clean.replace(/\\u00([2-7][0-9a-f])/gi, (escaped, code: string) =>
    code.toLowerCase() === "22" || code.toLowerCase() === "5c"
      ? escaped
      : String.fromCharCode(Number.parseInt(code, 16)),
  );
  if (bare === clean) return clean;
  const cleaner = redact(bare);
  return cleaner === bare ? clean : cleaner;
}

/** @param text JSON, or the beginning of it */
function redactJson(text: string, redact: Redact, depth = 0): string {
  let out = "";
  /** Of what was read, and is not in `out` yet. */
  let from = 0;
  /** For each object or array that is open: whether what is in it is secret. */
  const open: boolean[] = [];
  let secret = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      const literal = text.slice(at, end);
      const whole = end > at + 1 && literal.endsWith('"') && isWhole(literal);
      const value = decoded(literal, whole);
      const isName = whole && /^\s*:/.test(text.slice(end, end + 20));
      const clean: string =
        secret && !isName && value !== "" ? REDACTED : redactString(value, { whole, isName }, redact, depth);
      if (clean !== value) {
        const written = JSON.stringify(clean);
        out += text.slice(from, at) + (whole ? written : written.slice(0, -1));
        from = end;
      }
      // A name's value comes next; any other is over.
      secret = isName ? isSecretName(value) : (open.at(-1) ?? false);
      at = end - 1;
    } else if (character === "{" || character === "[") {
      // The strings of a list belong to its name; an object's have names of their own.
      open.push(character === "[" && secret);
      secret = open.at(-1) ?? false;
    } else if (character === "}" || character === "]") {
      open.pop();
      secret = open.at(-1) ?? false;
    } else if (character === ",") {
      secret = open.at(-1) ?? false;
    } else if (secret && character !== undefined && /[-\d]/.test(character)) {
      const [number = character] = /^-?[\d.eE+-]+/.exec(text.slice(at, at + 400)) ?? [];
      out += `${text.slice(from, at)}"${REDACTED}"`;
      at += number.length - 1;
      from = at + 1;
    }
  }
  return out + text.slice(from);
}

function redactString(
  text: string,
  { whole, isName }: { whole: boolean; isName: boolean },
  redact: Redact,
  depth: number,
): string {
  if (!isName && depth < MAX_DEPTH && /^\s*[[{"]/.test(text)) {
    if (whole ? isJson(text) : isJsonBeginning(text)) return redactJson(text, redact, depth + 1);
  }
  return redactPlain(whole ? text : withoutEnd(text), redact);
}

function isSecretName(name: string): boolean {
  return SECRET_FIELD.test(name.replace(/([a-z0-9])([A-Z])/g, "$1_$2"));
}

/** @returns the place behind the string that begins at `at`, or the end of the text */
function endOfString(text: string, at: number): number {
  for (let place = at + 1; place < text.length; place += 1) {
    if (text[place] === "\\") place += 1;
    else if (text[place] === '"') return place + 1;
  }
  return text.length;
}

/** The quote at its end is no escaped one. */
function isWhole(literal: string): boolean {
  const backslashes = /\\*(?="$)/.exec(literal)?.[0].length ?? 0;
  return backslashes % 2 === 0;
}

function decoded(literal: string, whole: boolean): string {
  // What was cut in the middle of an escape is without it.
  const text = whole ? literal : `${literal.replace(/\\(?:u[0-9a-f]{0,3})?$/i, "")}"`;
  try {
    return String(JSON.parse(text));
  } catch {
    // Not what JSON allows in a string: as it stands.
    return text.slice(1, -1);
  }
}

/** Half a secret has no look of its own, so the last word of what was cut goes. */
function withoutEnd(text: string): string {
  return text.replace(/[A-Za-z0-9._~+/=-]{1,512}$/, "");
}

/** Nothing stands between its strings that JSON has not. */
function isJsonBeginning(text: string): boolean {
  if (!/^\s*[[{"]/.test(text)) return false;
  return /^[\s{}[\],:\d.eE+\-truefalsn]*$/.test(text.replace(/"(?:[^"\\]|\\.)*(?:"|\\?$)/gs, ""));
}

/** Some streams say nothing of themselves, and so does a JSON value a line. */
function isLines(text: string): boolean {
  if (!text.includes("\n")) return false;
  return text.split(/\r?\n/).every((line) => /^(?:(?:event|data|id|retry)?:|[[{]|$)/.test(line));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
