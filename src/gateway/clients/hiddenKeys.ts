/**
 * Lines of a settings file as a person is shown them: whatever may be a key is hidden, in JSON, TOML and `.env` alike.
 * In doubt too much is: what is shown ends in screenshots. Pure.
 */
import { ANY_KEY } from "../../control/clientKey.ts";
import { createRedactor } from "../common/log.ts";

export interface TextLine {
  /** As it is in the file, without its end. */
  readonly raw: string;
  readonly shown: string;
}

/** Knows keys by their look, and by the places in which all programs have them. */
const { mask } = createRedactor();

/** Stands for what is hidden. */
export const HIDDEN = "•••";
/** A name that a key may have, and what is between it and its value. */
const NAMED =
  /["']?[\w.-]*(?:key|token|secret|passw|passphrase|credential|cookie|auth|bearer|header|(?<![a-z])pat(?![a-z]))[\w.-]*["']?\s*([:=])\s*/gi;
/** Of which even an object holds nothing else. */
const SURELY = /(?:key|token|secret|password|credential)s?["']?\s*[:=]\s*$/i;
/** `"--api-key", "…"` */
const ARGUMENT = /--[\w-]*(?:key|token|secret|passw)[\w-]*["']?[\s,=]+["']?([^"'\s,\]]+)/gi;
/** Long, of letters and digits: no word, and no path. */
const RANDOM = /(?<![\w/.-])(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{32,}(?![\w/.])/gi;
/** The name of a variable is none, and neither is what stands for any key. */
const HARMLESS = new RegExp(`^["'\`]?(?:${ANY_KEY}|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|true|false|null)["'\`]?$`);

export function shownLines(text: string): TextLine[] {
  const hidden = hiddenIn(text);
  const lines: TextLine[] = [];
  for (const { 0: raw, index } of text.matchAll(/[^\n]*\n|[^\n]+$/g)) {
    const bare = raw.replace(/\r?\n$/, "");
    let shown = "";
    for (let at = 0; at < bare.length; at++) {
      if (hidden[index + at] === 0) shown += bare[at];
      else if (at === 0 || hidden[index + at - 1] === 0) shown += HIDDEN;
    }
    lines.push({ raw: bare, shown });
  }
  return lines;
}

/** 1 for every character that is not shown. */
function hiddenIn(text: string): Uint8Array {
  const hidden = new Uint8Array(text.length);
  const hide = (from: number, to: number) => {
    if (!HARMLESS.test(text.slice(from, to).trim())) hidden.fill(1, from, to);
  };
  const masked = mask(text);
  for (const { 0: secret, index } of masked.matchAll(/\0+/g)) hide(index, index + secret.length);
  for (const { 0: head, 1: sign, index } of text.matchAll(NAMED)) {
    const from = index + head.length;
    hideValue(text, from, { toLineEnd: sign === "=", all: SURELY.test(head) }, hide);
  }
  for (const match of text.matchAll(ARGUMENT)) {
    const end = match.index + match[0].length;
    hide(end - (match[1]?.length ?? 0), end);
  }
  for (const { 0: word, index } of text.matchAll(RANDOM)) hide(index, index + word.length);
  return hidden;
}

interface ValueRule {
  /** One without quotes goes on to the end of the line. */
  readonly toLineEnd: boolean;
  /** Also what is in an object: elsewhere its own names tell. */
  readonly all: boolean;
}

function hideValue(
  text: string,
  from: number,
  rule: ValueRule,
  hide: (from: number, to: number) => void,
): void {
  const first = text[from];
  if (first === "[" || (first === "{" && rule.all)) {
    const end = closing(text, from);
    for (const { 0: literal, index } of text.slice(from, end).matchAll(LITERAL))
      hide(from + index, from + index + literal.length);
    return;
  }
  if (first === "{") return;
  const quoted = QUOTED.exec(text.slice(from, from + MOST_VALUE))?.[0];
  const lineEnd = (/[\r\n]/.exec(text.slice(from))?.index ?? text.length - from) + from;
  if (quoted !== undefined) {
    // Behind a quoted value of `.env` more may follow that a client takes for its end.
    hide(from, from + quoted.length);
    return;
  }
  const bare = rule.toLineEnd
    ? lineEnd
    : from + (/[,}\]\r\n]/.exec(text.slice(from))?.index ?? lineEnd - from);
  hide(from, bare);
}

/** Characters; longer values are no keys. */
const MOST_VALUE = 100_000;
/** From its beginning; one that does not end goes on to the end of the text. */
const QUOTED = /^(?:"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|`[^`]*`?)/;
const LITERAL = /"""[\s\S]*?(?:"""|$)|"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?/g;

/** Behind the bracket that closes the one at `from`; the end of the text where none does. */
function closing(text: string, from: number): number {
  let depth = 0;
  for (const { 0: token, index } of text.slice(from).matchAll(/"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|[[\]{}]/g)) {
    if (token === "[" || token === "{") depth++;
    else if ((token === "]" || token === "}") && --depth === 0) return from + index + 1;
  }
  return text.length;
}
