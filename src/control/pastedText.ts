/**
 * Keys, header values and addresses as people paste them: one way to clean them, and one refusal that names the
 * character and its place. Whatever takes such a text goes through here.
 */
import { english, type Translate } from "./stateWords.ts";

/** Takes no room on a screen, and comes along with copies from web pages, chats and PDF files. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;

/** Opening and closing, as they stand around a copied value in code, JSON and prose. */
const QUOTES: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  "`": "`",
  "“": "”",
  "„": "“",
  "‘": "’",
  "«": "»",
};

/** What stands before a key where the whole header was copied. */
const LEAD =
  /^(?:(?:(?:proxy-)?authorization|x-api-key|x-goog-api-key|api-key)\s*:\s*)?bearer\s+|^(?:authorization|x-api-key|x-goog-api-key|api-key)\s*:\s*/i;

/** Without invisible characters, and without white space and line ends around. */
export function cleanValue(text: string): string {
  return text.replace(INVISIBLE, "").trim();
}

/** A key as it is meant: also without quotes, a comma behind them, and `Bearer` or the header's name before. */
export function cleanKey(text: string): string {
  let clean = cleanValue(text);
  for (;;) {
    const bare = withoutQuotes(clean).replace(LEAD, "").trim();
    if (bare === clean) return clean;
    clean = bare;
  }
}

function withoutQuotes(text: string): string {
  const body = text.replace(/[,;]$/, "");
  const closing = QUOTES[body.at(0) ?? ""];
  return body.length >= 2 && closing !== undefined && body.endsWith(closing)
    ? body.slice(1, -1).trim()
    : text;
}

/** @returns what keeps a key from being sent, for a person; the key is not quoted. `undefined`: nothing */
export function keyProblem(key: string, t: Translate = english): string | undefined {
  return strangerIn(key, /[^\x21-\x7e]/u, t("no key has one; copy it again"), t);
}

/** The same of a header's value, which may hold spaces. */
export function valueProblem(value: string): string | undefined {
  return strangerIn(value, /[^\x20-\x7e]/u, "a header takes printable ASCII alone", english);
}

/** @param taken whom it may not stand in, for a person */
function strangerIn(text: string, stranger: RegExp, taken: string, t: Translate): string | undefined {
  const found = stranger.exec(text);
  if (found === null) return undefined;
  // Counted as a person counts: a character beyond the basic plane is one.
  const place = [...text.slice(0, found.index)].length + 1;
  return t("has {0} as character {1}: {2}", nameOf(found[0], t), place, taken);
}

/** One character in words: `a line end`, `“ü” (U+00FC)`. */
function nameOf(character: string, t: Translate): string {
  if (character === "\n" || character === "\r" || character === "\u2028" || character === "\u2029")
    return t("a line end");
  if (character === "\t") return t("a tab");
  if (character === " ") return t("a space");
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
  return /[\p{C}\p{Z}\p{M}]/u.test(character) ? code : `“${character}” (${code})`;
}

/** Endpoints of the four protocols, which stand behind a base in the documentation of every provider. */
const ENDPOINT =
  /\/(?:chat\/completions|completions|embeddings|responses|messages(?:\/count_tokens)?|models\/[^/]+:[A-Za-z]+)$/;

/**
 * An address as it is meant: without invisible characters, quotes, and what clients put behind a base
 * (`/chat/completions`). What follows `?` goes with such an ending alone; else it is for `addressProblem`.
 */
export function cleanAddress(text: string): string {
  let clean = cleanValue(text);
  for (let bare = withoutQuotes(clean); bare !== clean; bare = withoutQuotes(clean)) clean = bare;
  const [path = ""] = clean.split(/(?=[?#])/);
  const tidy = path.replace(/\/+$/, "");
  return ENDPOINT.test(tidy) ? tidy.replace(ENDPOINT, "") : clean;
}

/** @returns what is wrong with it, for a person; `undefined` when it is a whole address */
export function addressProblem(address: string, t: Translate = english): string | undefined {
  const stranger = strangerIn(address, /[\s\p{Cc}]/u, t("no address has one"), t);
  if (stranger !== undefined) return stranger;
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(address)) {
    const like = `${/^(?:localhost|127\.|\[::1\])/i.test(address) ? "http" : "https"}://${address}`;
    return URL.canParse(like) && address !== ""
      ? `must be an http:// or https:// URL; the scheme is missing: ${like}?`
      : "must be an http:// or https:// URL";
  }
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return "must be an http:// or https:// URL";
  const { username, password } = new URL(address);
  return username === "" && password === "" ? undefined : "must not hold a user name or password";
}
