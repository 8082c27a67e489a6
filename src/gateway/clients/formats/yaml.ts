/**
 * YAML: a parser reads, refuses, and says where things stand; lines are put in and taken away as text. What clients need
 * is supported, at the top of a document: plain values, and one more item of a list.
 */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { isRecord } from "../../common/json.ts";
import { same } from "../values.ts";
import {
  type Format,
  inPlace,
  type Json,
  lineAt,
  lineBreakOf,
  type Path,
  pathText,
  Refused,
  type Span,
  splice,
} from "./format.ts";

/** An alias may stand for more than is worth reading. */
const MOST_ALIASES = 100;

export const yaml: Format = {
  parse: (text) => valuesOf(documentOf(text), text),
  ...inPlace((text, path) => valueRange(find(documentOf(text), path, text))),
  put(text, { path, value, item }) {
    const pair = find(documentOf(text), path, text);
    if (item !== undefined)
      return pair === undefined ? addKey(text, path, value, true) : putItem(text, path, pair, value);
    const range = valueRange(pair);
    if (range === undefined) return addKey(text, path, value, false);
    const before = text.slice(range.start, range.end);
    if (!isScalar(pair?.value) || before.includes("\n"))
      throw notPlain(text, path, range.start, "plain value");
    return { text: splice(text, range.start, range.end, scalarText(value)), undo: { before, made: 0 } };
  },
  remove(text, { path, value, item }, { made, around = "" }) {
    const pair = find(documentOf(text), path, text);
    if (pair === undefined) return text;
    if (item === undefined) return withoutPair(text, pair, around);
    const rest = isSeq(pair.value) ? withoutItem(text, pair.value, value, made === 0 ? around : "") : text;
    const left = find(documentOf(rest), path, rest);
    if (made === 0 || left === undefined || isSeq(left.value)) return rest;
    // A comment of a person keeps the name that it stands at.
    return /#/.test(lineOf(rest, keyStart(left))) ? rest : withoutPair(rest, left, around);
  },
};

/** @throws Refused */
function documentOf(text: string): Document.Parsed {
  const document = parseDocument(text, { keepSourceTokens: true, prettyErrors: false, logLevel: "error" });
  const [error] = document.errors;
  if (error !== undefined) {
    throw new Refused(`is no valid YAML (${error.message.split("\n")[0]})`, lineAt(text, error.pos[0]));
  }
  return document;
}

/** A name without a value says nothing, and is left out. @throws Refused */
function valuesOf(document: Document.Parsed, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MOST_ALIASES });
    // What holds itself cannot be compared.
    JSON.stringify(value);
  } catch {
    throw new Refused("has aliases that cannot be followed", 1);
  }
  if (value === null || value === undefined) return {};
  if (!isRecord(value)) throw new Refused("holds no object", lineAt(text, document.contents?.range[0] ?? 0));
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== null));
}

/** @throws Refused where the document is no map of lines */
function rootOf(document: Document.Parsed, text: string): YAMLMap.Parsed | undefined {
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) return undefined;
  const line = lineAt(text, root.range[0]);
  if (!isMap(root)) throw new Refused("holds no object", line);
  if (root.flow || root.anchor !== undefined || root.tag !== undefined) {
    throw new Refused("is written in a way that cannot be changed line by line", line);
  }
  return root as YAMLMap.Parsed;
}

function find(document: Document.Parsed, path: Path, text: string): Pair | undefined {
  if (path.length !== 1) throw new Refused(`cannot be changed at ${pathText(path)}`);
  return rootOf(document, text)?.items.find(({ key }) => isScalar(key) && key.value === path[0]);
}

/** `undefined`: there is no value, not even a `~`. */
function valueRange(pair: Pair | undefined): Span | undefined {
  const value = pair?.value as
    | { readonly range?: readonly [number, number, number] | null }
    | null
    | undefined;
  if (!value?.range) return undefined;
  const [start, end] = value.range;
  return start === end ? undefined : { start, end };
}

const keyStart = ({ key }: Pair): number => (isScalar(key) ? (key.range?.[0] ?? 0) : 0);

/** A name of ours behind all others. */
function addKey(text: string, [name = ""]: Path, value: Json, item: boolean) {
  const document = documentOf(text);
  const root = rootOf(document, text);
  const at = root === undefined ? text.length : endOfLines(text, root.range[1]);
  const indent = root === undefined ? "" : indentAt(text, root.range[0]);
  const line = lineBreakOf(text);
  const isOpen = at > 0 && text !== "\uFEFF" && text[at - 1] !== "\n";
  // As the last line was: with a line break at its end, or without.
  const around = isOpen ? line : "";
  const head = `${indent}${name}:`;
  const ours = item ? [head, ...itemLines(value, `${indent}  `)].join(line) : `${head} ${scalarText(value)}`;
  const added = `${around}${ours}${isOpen ? "" : line}`;
  return { text: splice(text, at, at, added), undo: { made: item ? 1 : 0, around } };
}

/** In front of the others: the first is what a client takes where nothing was chosen. */
function putItem(text: string, path: Path, pair: Pair, value: Json) {
  const { value: list } = pair;
  const line = lineBreakOf(text);
  if (isScalar(list) && list.value === null && valueRange(pair) === undefined) {
    const at = lineEnd(text, keyStart(pair));
    const isOpen = text[at - 1] !== "\n";
    const around = isOpen ? line : "";
    const ours = itemLines(value, `${indentAt(text, keyStart(pair))}  `).join(line);
    return { text: splice(text, at, at, `${around}${ours}${isOpen ? "" : line}`), undo: { made: 0, around } };
  }
  const start = valueRange(pair)?.start ?? 0;
  if (!isSeq(list)) throw notPlain(text, path, start, "list");
  refuseShared(text, path, list);
  if (list.flow) {
    const rest = text.slice(start + 1);
    const around = list.items.length === 0 ? "" : /^\s/.test(rest) ? "," : ", ";
    return {
      text: splice(text, start + 1, start + 1, JSON.stringify(value) + around),
      undo: { made: 0, around },
    };
  }
  const indent = indentAt(text, start);
  const at = lineEnd(text, keyStart(pair));
  if (at > start || text.slice(start - indent.length, start) !== indent)
    throw notPlain(text, path, start, "list of lines");
  const ours = itemLines(value, indent).map((each) => each + line);
  return { text: splice(text, at, at, ours.join("")), undo: { made: 0 } };
}

/** Nobody could say what else changes with it. */
function refuseShared(text: string, path: Path, list: YAMLSeq): void {
  visit(list, {
    Node(_, node) {
      if (!isAlias(node) && node.anchor === undefined && node.tag === undefined) return;
      const what = `(${pathText(path)}) has anchors, aliases or tags`;
      throw new Refused(what, lineAt(text, node.range?.[0] ?? 0));
    },
  });
}

function withoutItem(text: string, list: YAMLSeq, value: Json, around: string): string {
  const at = list.items.findIndex((each) => same(plain(each), value));
  const node = list.items[at] as { readonly range?: readonly [number, number, number] | null } | undefined;
  if (!node?.range) return text;
  const [start, end] = node.range;
  if (list.flow) {
    const rest = text.slice(end);
    const comma = /^\s*,[ \t]?/.exec(rest)?.[0] ?? "";
    const cut = around !== "" && rest.startsWith(around) ? around.length : comma.length;
    return splice(text, start, end + cut, "");
  }
  const token = list.srcToken?.type === "block-seq" ? list.srcToken.items[at] : undefined;
  const dash = token?.start.find(({ type }) => type === "seq-item-ind")?.offset ?? start;
  const from = text.lastIndexOf("\n", dash - 1) + 1;
  // The first of several begins where its list does.
  const to = endOfLines(text, end);
  return withoutLines(text, from, to, around);
}

function withoutPair(text: string, pair: Pair, around: string): string {
  const from = text.lastIndexOf("\n", keyStart(pair) - 1) + 1;
  const start = text.startsWith("\uFEFF") && from === 0 ? 1 : from;
  const end = valueRange(pair)?.end;
  const to = end === undefined ? lineEnd(text, keyStart(pair)) : endOfLines(text, end);
  return withoutLines(text, start, to, around);
}

/** @param around the line break that came with them, in front */
function withoutLines(text: string, from: number, to: number, around: string): string {
  const isLast = to === text.length;
  const lead = isLast && around !== "" && text.slice(0, from).endsWith(around) ? around.length : 0;
  return splice(text, from - lead, to, "");
}

/** Behind the line break of the line in which it is. */
function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end + 1;
}

/** The same for the end of something that may have had the line break with it. */
const endOfLines = (text: string, end: number): number => (text[end - 1] === "\n" ? end : lineEnd(text, end));

const lineOf = (text: string, at: number): string =>
  text.slice(text.lastIndexOf("\n", at - 1) + 1, lineEnd(text, at));

function indentAt(text: string, at: number): string {
  return /^ */.exec(lineOf(text, at).replace(/^\uFEFF/, ""))?.[0] ?? "";
}

function plain(node: unknown): unknown {
  const found = node as { toJSON?(): unknown };
  return found.toJSON?.() ?? node;
}

function notPlain(text: string, path: Path, at: number, what: string): Refused {
  return new Refused(`(${pathText(path)}) is no ${what}`, lineAt(text, at));
}

/** `- name: value` and what follows. */
function itemLines(value: Json, indent: string): string[] {
  const entries = isRecord(value) ? Object.entries(value as { readonly [name: string]: Json }) : [];
  if (entries.length === 0) return [`${indent}- ${scalarText(value)}`];
  return entries.map(([name, each], at) => `${indent}${at === 0 ? "- " : "  "}${name}: ${scalarText(each)}`);
}

/** Words that are no text without quotes. */
const RESERVED = /^(?:true|false|null|yes|no|on|off|y|n)$/i;

/** A text of JSON is one of YAML, too. */
function scalarText(value: Json): string {
  return typeof value === "string" && /^[A-Za-z][A-Za-z0-9_/.-]*$/.test(value) && !RESERVED.test(value)
    ? value
    : JSON.stringify(value);
}
