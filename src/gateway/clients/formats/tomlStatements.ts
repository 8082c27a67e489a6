/** Where the statements of a TOML file stand. Only for text that a parser has accepted: nothing is checked again. */
import type { Path } from "./format.ts";

export interface Pair {
  /** From the root, through its table. */
  readonly path: Path;
  /** Of the table that it stands in; empty: in front of all tables. */
  readonly table: Path;
  readonly lineStart: number;
  readonly start: number;
  readonly end: number;
  /** Where its last line ends, behind a comment. */
  readonly lineEnd: number;
}

export interface Header {
  readonly path: Path;
  /** `[[name]]`: one of a list. */
  readonly many: boolean;
  readonly lineStart: number;
  readonly lineEnd: number;
}

export interface Statements {
  readonly pairs: readonly Pair[];
  readonly headers: readonly Header[];
}

export function statementsOf(text: string): Statements {
  const pairs: Pair[] = [];
  const headers: Header[] = [];
  let table: Path = [];
  let at = text.startsWith("\uFEFF") ? 1 : 0;
  while (at < text.length) {
    const lineStart = at;
    at = skip(text, at, " \t");
    const character = text[at];
    if (character === "[") {
      const many = text[at + 1] === "[";
      const { path, end } = keyAt(text, at + (many ? 2 : 1));
      table = path;
      at = lineEndAt(text, end);
      headers.push({ path, many, lineStart, lineEnd: at });
    } else if (character !== undefined && !"#\r\n".includes(character)) {
      const key = keyAt(text, at);
      const start = skip(text, text.indexOf("=", key.end) + 1, " \t");
      const end = valueEnd(text, start);
      at = lineEndAt(text, end);
      pairs.push({ path: [...table, ...key.path], table, lineStart, start, end, lineEnd: at });
    } else at = lineEndAt(text, at);
    at += text.startsWith("\r\n", at) ? 2 : 1;
  }
  return { pairs, headers };
}

/** Where the line ends, in front of its line break. */
function lineEndAt(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  if (end === -1) return text.length;
  return text[end - 1] === "\r" && end > from ? end - 1 : end;
}

function skip(text: string, from: number, characters: string): number {
  let at = from;
  while (at < text.length && characters.includes(text[at] ?? "")) at++;
  return at;
}

/** A dotted key; its end is where it is followed by something else. */
function keyAt(text: string, from: number): { path: string[]; end: number } {
  const path: string[] = [];
  let at = from;
  for (;;) {
    at = skip(text, at, " \t");
    const quote = text[at];
    if (quote === '"' || quote === "'") {
      const end = stringEnd(text, at);
      const inner = text.slice(at + 1, end - 1);
      path.push(quote === '"' ? basic(inner) : inner);
      at = end;
    } else {
      const bare = /^[A-Za-z0-9_-]+/.exec(text.slice(at, at + 1000))?.[0] ?? "";
      path.push(bare);
      at += bare.length;
    }
    const next = skip(text, at, " \t");
    if (text[next] !== ".") return { path, end: at };
    at = next + 1;
  }
}

function basic(inner: string): string {
  return inner.replace(/\\(u[0-9a-f]{4}|U[0-9a-f]{8}|x[0-9a-f]{2}|.)/gi, (_, code: string) => {
    if (/^[uUx]./.test(code)) return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
    return { b: "\b", t: "\t", n: "\n", f: "\f", r: "\r", e: "\u001B" }[code] ?? code;
  });
}

function stringEnd(text: string, from: number): number {
  const quote = text[from] ?? "";
  const triple = text.startsWith(quote.repeat(3), from);
  let at = from + (triple ? 3 : 1);
  for (; at < text.length; at++) {
    if (text[at] === "\\" && quote === '"') at++;
    else if (!triple && text[at] === quote) return at + 1;
    else if (triple && text.startsWith(quote.repeat(3), at)) {
      // Up to two quotes may stand in front of the closing three.
      return skip(text, at, quote);
    }
  }
  return at;
}

function valueEnd(text: string, from: number): number {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const character = text[at] ?? "";
    if (character === '"' || character === "'") {
      at = stringEnd(text, at);
      if (depth === 0) return at;
    } else if (character === "[" || character === "{") {
      depth++;
      at++;
    } else if (character === "]" || character === "}") {
      depth--;
      at++;
      if (depth === 0) return at;
    } else if (character === "#") {
      if (depth === 0) break;
      at = lineEndAt(text, at);
    } else if (depth === 0 && (character === "\n" || character === "\r")) break;
    else at++;
  }
  // A number or a date: without the white space in front of a comment.
  return from + text.slice(from, at).trimEnd().length;
}
