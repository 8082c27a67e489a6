/** JSON, with comments and trailing commas where the program that reads it takes them. */
import { createScanner, type Node, type ParseError, parseTree } from "jsonc-parser";
import { isRecord, parseJson } from "../../common/json.ts";
import { parseDocument } from "../../config/document.ts";
import { same } from "../values.ts";
import {
  type Format,
  inPlace,
  type Json,
  lineAt,
  lineBreakOf,
  type Path,
  type Put,
  pathText,
  Refused,
  splice,
  type Undo,
  type Wanted,
} from "./format.ts";

/** Of jsonc-parser's `SyntaxKind`, which exists for its own build alone. */
const COMMA = 5;
const LINE_COMMENT = 12;
const LINE_BREAK = 14;
const SPACE = 15;
const END = 17;

export interface Dialect {
  readonly comments: boolean;
  readonly trailingCommas: boolean;
}

/** A property with white space behind its colon. */
const SPACED = /^"(?:[^"\\]|\\.)*"\s*:\s/;

type Target = Pick<Wanted, "path" | "value" | "item">;

/** What a blank file is taken for. */
const EMPTY = "{}";

export function jsonFormat(dialect: Dialect): Format {
  const parse = (text: string): unknown => (text.trim() === "" ? {} : checked(text, dialect));
  return {
    parse,
    ...inPlace((text, path) => {
      const node = find(rootOf(text), path);
      return node && { start: node.offset, end: endOf(node) };
    }),
    put(given, wanted) {
      const text = given.trim() === "" ? `${EMPTY}${lineBreakOf(given)}` : given;
      return put(text, wanted);
    },
    remove,
  };
}

/** The value. @throws Refused */
function checked(text: string, { comments, trailingCommas }: Dialect): unknown {
  const { value, problems } = parseDocument(text);
  const problem = problems[0];
  if (problem !== undefined) {
    throw new Refused(`${problem.field === "" ? "" : `(${problem.field}) `}${problem.message}`, problem.line);
  }
  if (!comments || !trailingCommas) refuseExtras(text, comments, trailingCommas);
  if (!isRecord(value)) throw new Refused("holds no object", 1);
  return value;
}

/** @throws Refused where there is what the program that reads the file does not take */
function refuseExtras(text: string, comments: boolean, trailingCommas: boolean): void {
  // Much the quickest, and nearly always enough.
  if (parseJson(bare(text)) !== undefined) return;
  const errors: ParseError[] = [];
  parseTree(bare(text), errors, { disallowComments: !comments, allowTrailingComma: trailingCommas });
  const error = errors[0];
  if (error === undefined) return;
  const what = comments ? "a trailing comma" : "a comment or a trailing comma";
  throw new Refused(`has ${what}, with which the program does not read the file`, lineAt(text, error.offset));
}

function put(text: string, { path, value, item }: Target): Put {
  const root = rootOf(text);
  const there = find(root, path);
  if (there !== undefined && !item) {
    const before = text.slice(there.offset, endOf(there));
    const raw = render(value, text, isOneLine(text, root) ? undefined : indentAt(text, there.offset));
    return { text: splice(text, there.offset, endOf(there), raw), undo: { before, made: 0 } };
  }
  if (there !== undefined) {
    if (there.type !== "array")
      throw new Refused(`(${pathText(path)}) is no list`, lineAt(text, there.offset));
    return insert(text, root, there, "", value, 0);
  }
  let container = root;
  let depth = 0;
  for (; depth < path.length - 1; depth++) {
    const next = find(container, path.slice(depth, depth + 1));
    if (next === undefined) break;
    if (next.type !== "object") {
      throw new Refused(`(${pathText(path.slice(0, depth + 1))}) is no object`, lineAt(text, next.offset));
    }
    container = next;
  }
  const inner = path.slice(depth + 1);
  const nested = inner.reduceRight<Json>((made, name) => ({ [name]: made }), item ? [value] : value);
  return insert(
    text,
    root,
    container,
    `${JSON.stringify(path[depth])}:`,
    nested,
    inner.length + (item ? 1 : 0),
  );
}

/** One more property or item, behind the others. @param head `"name":`, or nothing in a list */
function insert(text: string, root: Node, container: Node, head: string, value: Json, made: number): Put {
  const children = container.children ?? [];
  const last = children.at(-1);
  const close = endOf(container) - 1;
  const tokens = tokensOf(text, last === undefined ? container.offset + 1 : endOf(last), close);
  const comma = tokens.find(({ kind }) => kind === COMMA);
  const lastToken = tokens.at(-1);
  const at = lastToken?.end ?? (last === undefined ? container.offset + 1 : endOf(last));
  const oneLine =
    children.length > 0 ? isOneLine(text, container) : isOneLine(text, root) && root !== container;
  const indent = indentAt(text, container.offset) + unitOf(text);
  const line = lineBreakOf(text) + indent;
  const spaced = last !== undefined && SPACED.test(text.slice(last.offset, endOf(last)));
  const shown = (gap: string, deep: string | undefined) =>
    `${gap}${head}${head !== "" && (deep !== undefined || spaced) ? " " : ""}${render(value, text, deep)}`;
  if (last === undefined) {
    if (lastToken !== undefined) return { text: splice(text, at, at, shown(line, indent)), undo: { made } };
    const around = text.slice(container.offset + 1, close);
    const inner = oneLine
      ? shown("", undefined)
      : `${shown(line, indent)}${lineBreakOf(text)}${indentAt(text, container.offset)}`;
    return { text: splice(text, container.offset + 1, close, inner), undo: { made, around } };
  }
  const before = tokenBefore(text, container, last);
  const gap = text.slice(before, last.offset);
  const broken = !oneLine && (gap.includes("\n") || lastToken?.kind === LINE_COMMENT);
  const lead = broken
    ? lineBreakOf(text) + (gap.includes("\n") ? gap.slice(gap.lastIndexOf("\n") + 1) : indent)
    : gap === "" && spaced && children.length === 1
      ? " "
      : gap;
  const ours = shown(lead, broken ? lead.replace(/^\r?\n/, "") : undefined);
  const end = comma === undefined ? ours : `${ours},`;
  const added = splice(text, at, at, end);
  return {
    text: comma === undefined ? splice(added, endOf(last), endOf(last), ",") : added,
    undo: { made },
  };
}

function remove(text: string, target: Target, undo: Undo): string {
  const { path, item, value } = target;
  const root = rootOf(text);
  const there = find(root, path);
  let rest = text;
  if (there !== undefined) {
    const child = item ? itemOf(text, there, value) : there.parent;
    const container = item ? there : there.parent?.parent;
    if (child === undefined || container === undefined) return text;
    rest = removeChild(text, container, child, undo.made === 0 ? undo.around : undefined);
  }
  for (let step = 1; step <= undo.made; step++) {
    const outer = item ? path.slice(0, path.length - step + 1) : path.slice(0, -step);
    const node = find(rootOf(rest), outer);
    if (node === undefined) continue;
    const isEmpty = (node.children ?? []).length === 0;
    const property = node.parent;
    const container = property?.parent;
    if (!isEmpty || property === undefined || container === undefined) break;
    if (tokensOf(rest, node.offset + 1, endOf(node) - 1).length > 0) break;
    rest = removeChild(rest, container, property, step === undo.made ? undo.around : undefined);
  }
  return rest;
}

function itemOf(text: string, list: Node, value: Json): Node | undefined {
  return list.children?.find((node) => same(JSON.parse(stripped(text, node)), value));
}

/** The JSON of a node, without comments and trailing commas. */
function stripped(text: string, node: Node): string {
  return JSON.stringify(parseDocument(text.slice(node.offset, endOf(node))).value ?? null);
}

/** @param around the white space of a container that was empty before */
function removeChild(text: string, container: Node, child: Node, around: string | undefined): string {
  const children = container.children ?? [];
  const index = children.indexOf(child);
  const close = endOf(container) - 1;
  const next = children[index + 1];
  const after = tokensOf(text, endOf(child), next?.offset ?? close);
  const comma = after.find(({ kind }) => kind === COMMA);
  const from = tokenBefore(text, container, child);
  const end = endOf(child);
  const tail = text.slice(comma?.end ?? end);
  // A line comment in front must not swallow what follows on our line.
  const swallows = isLineComment(text, container, child) && !/^[ \t]*(\r?\n|$)/.test(tail);
  const cutFrom = swallows ? child.offset : from;
  if (comma !== undefined) {
    return text.slice(0, cutFrom) + text.slice(end, comma.start) + tail;
  }
  const previous = children[index - 1];
  if (previous === undefined) {
    const rest = splice(text, cutFrom, end, "");
    const inner = text.slice(container.offset + 1, cutFrom) + text.slice(end, close);
    return around !== undefined && inner.trim() === ""
      ? splice(text, container.offset + 1, close, around)
      : rest;
  }
  const between = tokensOf(text, endOf(previous), child.offset);
  const separator = between.find(({ kind }) => kind === COMMA);
  const rest = splice(text, cutFrom, end, "");
  return separator === undefined ? rest : splice(rest, separator.start, separator.end, "");
}

interface Token {
  readonly kind: number;
  readonly start: number;
  readonly end: number;
}

/** Everything but white space. */
function tokensOf(text: string, from: number, to: number): Token[] {
  const scanner = createScanner(text.slice(from, to), false);
  const tokens: Token[] = [];
  for (let kind: number = scanner.scan(); kind !== END; kind = scanner.scan()) {
    if (kind === SPACE || kind === LINE_BREAK) continue;
    const start = from + scanner.getTokenOffset();
    tokens.push({ kind, start, end: start + scanner.getTokenLength() });
  }
  return tokens;
}

function tokensBefore(text: string, container: Node, child: Node): Token[] {
  const children = container.children ?? [];
  const previous = children[children.indexOf(child) - 1];
  return tokensOf(text, previous === undefined ? container.offset + 1 : endOf(previous), child.offset);
}

/** Where what stands in front of a child ends: a comma, a comment, the opening bracket. */
function tokenBefore(text: string, container: Node, child: Node): number {
  return tokensBefore(text, container, child).at(-1)?.end ?? container.offset + 1;
}

function isLineComment(text: string, container: Node, child: Node): boolean {
  return tokensBefore(text, container, child).at(-1)?.kind === LINE_COMMENT;
}

/** @param indent of the line it begins on; absent: in one line */
function render(value: Json, text: string, indent: string | undefined): string {
  if (indent === undefined) return JSON.stringify(value);
  const lines = JSON.stringify(value, undefined, unitOf(text)).split("\n");
  return lines.join(lineBreakOf(text) + indent);
}

const isOneLine = (text: string, node: Node) => !text.slice(node.offset, endOf(node)).includes("\n");

/** The white space at the start of the line on which `offset` is. */
function indentAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
  return /^[ \t]*/.exec(line)?.[0] ?? "";
}

/** One step of indentation: that of the first indented line. */
function unitOf(text: string): string {
  const unit = /\n([ \t]+)\S/.exec(text)?.[1] ?? "  ";
  return unit.length > 8 ? "  " : unit;
}

function rootOf(text: string): Node {
  const root = parseTree(text.trim() === "" ? EMPTY : bare(text), [], { allowTrailingComma: true });
  if (root === undefined) throw new Refused("is not valid JSON", 1);
  return root;
}

/** A byte-order mark is no part of it; the offsets stay. */
const bare = (text: string) => (text.startsWith("\uFEFF") ? ` ${text.slice(1)}` : text);

const endOf = (node: Node) => node.offset + node.length;

function find(root: Node, path: Path): Node | undefined {
  let node: Node | undefined = root;
  for (const name of path) {
    const property: Node | undefined =
      node?.type === "object"
        ? node.children?.find(({ children }) => children?.[0]?.value === name)
        : undefined;
    node = property?.children?.[1];
    if (node === undefined) return undefined;
  }
  return node;
}
