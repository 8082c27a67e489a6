/** `.env` files: a value per line, found by its name. */
import {
  type Format,
  inPlace,
  lineAt,
  lineBreakOf,
  Refused,
  type Span,
  splice,
  type Wanted,
} from "./format.ts";

/** Where its value stands, with its quotes. */
interface Entry extends Span {
  readonly name: string;
  readonly raw: string;
  /** Of the line it begins on. */
  readonly lineStart: number;
}

const HEAD = /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*/;

export const dotenv: Format = {
  parse(text) {
    const values: Record<string, string> = {};
    for (const { name, raw } of entriesOf(text)) values[name] = unquoted(raw);
    return values;
  },
  ...inPlace((text, [name]) => entryOf(text, name)),
  put(text, { path: [name = ""], value }) {
    const raw = quoted(value);
    const entry = entryOf(text, name);
    if (entry !== undefined) {
      return { text: splice(text, entry.start, entry.end, raw), undo: { before: entry.raw, made: 0 } };
    }
    const line = lineBreakOf(text);
    const around = text === "" || text === "\uFEFF" || text.endsWith("\n") ? "" : line;
    return { text: `${text}${around}${name}=${raw}${line}`, undo: { made: 0, around } };
  },
  remove(text, { path: [name] }, { around = "" }) {
    const entry = entryOf(text, name);
    if (entry === undefined) return text;
    const rest = text.slice(entry.end);
    const tail = /^[^\r\n]*(\r\n|\n|$)/.exec(rest)?.[0] ?? "";
    const isLast = tail.length === rest.length;
    const before = text.slice(0, entry.lineStart);
    const head =
      isLast && around !== "" && before.endsWith(around) ? before.slice(0, -around.length) : before;
    return head + rest.slice(tail.length);
  },
};

function entriesOf(text: string): Entry[] {
  const entries: Entry[] = [];
  let at = text.startsWith("\uFEFF") ? 1 : 0;
  while (at < text.length) {
    const lineEnd = endOfLine(text, at);
    const head = HEAD.exec(text.slice(at, lineEnd));
    let end = lineEnd;
    if (head !== null) {
      const start = at + head[0].length;
      end = endOfValue(text, start, lineEnd);
      entries.push({ name: head[1] ?? "", raw: text.slice(start, end), lineStart: at, start, end });
    }
    at = endOfLine(text, end) + (text.startsWith("\r\n", endOfLine(text, end)) ? 2 : 1);
  }
  return entries;
}

/** The one with this name; later ones would win in some readers, the first in others. @throws Refused */
function entryOf(text: string, name: string | undefined): Entry | undefined {
  const [entry, again] = entriesOf(text).filter((each) => each.name === name);
  if (again !== undefined) throw new Refused(`gives ${name} once more`, lineAt(text, again.start));
  return entry;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  if (end === -1) return text.length;
  return text[end - 1] === "\r" ? end - 1 : end;
}

/** Quoted values may go over several lines; others end before a comment. */
function endOfValue(text: string, start: number, lineEnd: number): number {
  const quote = text[start];
  if (quote === '"' || quote === "'" || quote === "`") {
    for (let at = start + 1; at < text.length; at++) {
      if (text[at] === "\\") at++;
      else if (text[at] === quote) return at + 1;
    }
  }
  const bare = text.slice(start, lineEnd);
  return start + bare.replace(/\s*(?:#.*)?$/s, "").length;
}

function unquoted(raw: string): string {
  return /^(["'`])([\s\S]*)\1$/.exec(raw)?.[2] ?? raw;
}

function quoted(value: Wanted["value"]): string {
  const text = String(value);
  return /^[\w.,:/*@+-]*$/.test(text) ? text : `"${text}"`;
}
