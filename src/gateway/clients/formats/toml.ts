/** TOML: a parser reads, and refuses; lines are put in, replaced and taken away where the statements stand. */
import { parse, TomlError } from "smol-toml";
import { valueAt } from "../../common/json.ts";
import { same } from "../values.ts";
import { type Format, inPlace, lineAt, lineBreakOf, type Path, pathText, Refused, splice } from "./format.ts";
import { type Header, type Pair, statementsOf } from "./tomlStatements.ts";

export const toml: Format = {
  parse: (text) => {
    try {
      return parse(bare(text), { integersAsBigInt: "asNeeded" });
    } catch (error) {
      if (!(error instanceof TomlError)) throw error;
      const why = error.message.split("\n")[0]?.replace(/^Invalid TOML document: /, "");
      throw new Refused(`is no valid TOML (${why})`, error.line);
    }
  },
  ...inPlace(pairAt),
  put(text, { path, value }) {
    const raw = JSON.stringify(value);
    const { pairs, headers } = statementsOf(text);
    const there = pairs.find((each) => same(each.path, path));
    if (there !== undefined) {
      const before = text.slice(there.start, there.end);
      return { text: splice(text, there.start, there.end, raw), undo: { before, made: 0 } };
    }
    refuseOther(text, path, pairs, headers);
    const table = path.slice(0, -1);
    const line = lineBreakOf(text);
    const header = headers.find((each) => !each.many && same(each.path, table));
    const beside = pairs.findLast((each) => same(each.path.slice(0, -1), table));
    // As its neighbours are written, so perhaps with dots.
    const ours = `${path
      .slice(beside?.table.length ?? table.length)
      .map(keyText)
      .join(".")} = ${raw}`;
    const last = beside ?? header;
    if (last !== undefined) {
      return { text: splice(text, last.lineEnd, last.lineEnd, line + ours), undo: { made: 0 } };
    }
    if (table.length === 0) {
      const start = text.startsWith("\uFEFF") ? 1 : 0;
      return { text: splice(text, start, start, ours + line), undo: { made: 0, around: line } };
    }
    const end = /\r?\n$/.exec(text)?.index ?? text.length;
    const blank = /^\uFEFF?$/.test(text);
    const around = blank ? "" : line + line;
    const added = `${around}[${table.map(keyText).join(".")}]${line}${ours}${blank ? line : ""}`;
    return { text: splice(text, end, end, added), undo: { made: 1, around } };
  },
  remove(text, { path }, { made, around = "" }) {
    const pair = pairAt(text, path);
    // In front of everything, the line break behind ours came with it.
    const rest = pair === undefined ? text : withoutLines(text, pair, made === 0 && around !== "");
    if (made === 0) return rest;
    const table = path.slice(0, -1);
    const { pairs, headers } = statementsOf(rest);
    const header = headers.find((each) => !each.many && same(each.path, table));
    if (header === undefined || pairs.some((each) => same(each.table, table))) return rest;
    if (/^\s*#/.test(paragraphAfter(rest, header))) return rest;
    const lead = leadOf(rest, header, around);
    return lead === 0
      ? withoutLines(rest, header)
      : splice(rest, header.lineStart - lead, header.lineEnd, "");
  },
};

/** A byte-order mark is no part of it. */
const bare = (text: string) => (text.startsWith("\uFEFF") ? text.slice(1) : text);

function pairAt(text: string, path: Path): Pair | undefined {
  return statementsOf(text).pairs.find((each) => same(each.path, path));
}

/** Something else is where our table or value is to be. @throws Refused */
function refuseOther(text: string, path: Path, pairs: readonly Pair[], headers: readonly Header[]): void {
  for (let length = 1; length < path.length; length++) {
    const start = path.slice(0, length);
    const pair = pairs.find((each) => same(each.path, start));
    const list = headers.find((each) => each.many && same(each.path, start));
    const found = pair ?? list;
    if (found === undefined) continue;
    throw new Refused(`(${pathText(start)}) is no table of lines of its own`, lineAt(text, found.lineStart));
  }
  if (valueAt(toml.parse(text), path) !== undefined) throw new Refused(`(${pathText(path)}) is a table`);
}

/** Without these lines and the line break in front of them; behind, where they are the first or that came with them. */
function withoutLines(
  text: string,
  { lineStart, lineEnd }: Pick<Pair, "lineStart" | "lineEnd">,
  behind = false,
): string {
  const before = /\r?\n$/.exec(text.slice(Math.max(0, lineStart - 2), lineStart))?.[0].length ?? 0;
  const after = /^\r?\n/.exec(text.slice(lineEnd, lineEnd + 2))?.[0].length ?? 0;
  return before === 0 || (behind && after > 0)
    ? splice(text, lineStart, lineEnd + after, "")
    : splice(text, lineStart - before, lineEnd, "");
}

/** Characters in front of a header that were put there with it. */
function leadOf(text: string, { lineStart }: Header, around: string): number {
  return around !== "" && text.slice(0, lineStart).endsWith(around) ? around.length : 0;
}

/** What follows a header up to the first blank line: a comment there belongs to its table. */
function paragraphAfter(text: string, { lineEnd }: Header): string {
  const rest = text.slice(lineEnd).replace(/^\r?\n/, "");
  return rest.split(/\r?\n[ \t]*(?:\r?\n|$)/)[0] ?? "";
}

function keyText(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name);
}
