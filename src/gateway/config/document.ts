/** JSON with comments, with the places of its values. */
import { type Node, type ParseError, parseTree, printParseErrorCode, stripComments } from "jsonc-parser";

/** Unit: UTF-16 units. Ten thousand accounts fit; a log file given by mistake does not. */
export const MAX_CONFIG_LENGTH = 8 * 1024 * 1024;

/** One thing that is wrong with the file, with the place where it stands. */
export interface ConfigProblem {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units as editors count. */
  readonly column: number;
  /** `accounts[1].provider`; empty for the file as a whole. */
  readonly field: string;
  readonly message: string;
}

export interface Document {
  readonly value: unknown;
  /** What is wrong with the text as JSON; when there is anything, `value` is `undefined`. */
  readonly problems: readonly ConfigProblem[];
  /** Where the value at `path` stands (or its key), else its nearest parent that exists. */
  position(path: readonly PropertyKey[], atKey?: boolean): { line: number; column: number };
}

const SYNTAX: Readonly<Record<string, string>> = {
  InvalidSymbol: "is no JSON; names and text need double quotes",
  InvalidNumberFormat: "is no number",
  PropertyNameExpected: "a name in double quotes is expected here",
  ValueExpected: "a value is expected here",
  ColonExpected: "a colon is expected here",
  CommaExpected: "a comma is expected before this",
  CloseBraceExpected: "a closing } is expected here",
  CloseBracketExpected: "a closing ] is expected here",
  EndOfFileExpected: "nothing may follow the closing }",
  UnexpectedEndOfComment: "this comment does not end",
  UnexpectedEndOfString: 'this text does not end; a closing " is missing',
  UnexpectedEndOfNumber: "this number does not end",
  InvalidUnicode: "is no valid \\u escape",
  InvalidEscapeCharacter: "is no valid escape; a backslash is written \\\\",
  InvalidCharacter: "this character may not stand in text; use an escape",
};

/** Parses `text`; a byte-order mark, comments and trailing commas are fine. */
export function parseDocument(text: string): Document {
  const at = positions(text);
  const failed = (offset: number, message: string): Document => ({
    value: undefined,
    problems: [{ ...at(offset), field: "", message }],
    position: () => ({ line: 1, column: 1 }),
  });
  if (text.length > MAX_CONFIG_LENGTH) {
    return failed(0, `is too large (${text.length} characters; ${MAX_CONFIG_LENGTH} are allowed)`);
  }
  const errors: ParseError[] = [];
  let root: Node | undefined;
  let value: unknown;
  const problems: ConfigProblem[] = [];
  try {
    const json = text.startsWith("\uFEFF") ? ` ${text.slice(1)}` : text;
    root = parseTree(json, errors, { allowTrailingComma: true });
    if (root === undefined && stripComments(json).trim() === "") {
      return failed(0, "is empty; the smallest config file is {}");
    }
    const first = errors[0];
    if (first !== undefined)
      return failed(first.offset, SYNTAX[printParseErrorCode(first.error)] ?? "is not valid JSON");
    if (root === undefined) return failed(0, "is not valid JSON");
    value = toValue(root, "", (node, field) => {
      problems.push({ ...at(node.offset), field, message: "is given twice; only one can hold" });
    });
  } catch (error) {
    if (error instanceof RangeError) return failed(0, "is nested too deeply");
    throw error;
  }
  const tree = root;
  return {
    value: problems.length > 0 ? undefined : value,
    problems,
    position: (path, atKey = false) => at(locate(tree, path, atKey)),
  };
}

function positions(text: string): (offset: number) => { line: number; column: number } {
  return (offset) => {
    const before = text.slice(0, offset).split(/\r\n|\n|\r/);
    return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  };
}

function toValue(node: Node, path: string, duplicate: (key: Node, field: string) => void): unknown {
  if (node.type === "array") {
    return (node.children ?? []).map((child, i) => toValue(child, `${path}[${i}]`, duplicate));
  }
  if (node.type !== "object") return node.value;
  const entries = new Map<string, unknown>();
  for (const { children } of node.children ?? []) {
    const [key, value] = children ?? [];
    if (key === undefined || value === undefined) continue;
    const field = path === "" ? String(key.value) : `${path}.${String(key.value)}`;
    if (entries.has(key.value)) duplicate(key, field);
    entries.set(key.value, toValue(value, field, duplicate));
  }
  return Object.fromEntries(entries);
}

function locate(root: Node, path: readonly PropertyKey[], atKey: boolean): number {
  let node = root;
  let offset = root.offset;
  for (const [depth, part] of path.entries()) {
    if (node.type === "array") {
      const child = typeof part === "number" ? node.children?.[part] : undefined;
      if (child === undefined) break;
      node = child;
      offset = child.offset;
    } else {
      const property = node.children?.find(({ children }) => children?.[0]?.value === part);
      const [key, value] = property?.children ?? [];
      if (key === undefined || value === undefined) break;
      node = value;
      offset = atKey && depth === path.length - 1 ? key.offset : value.offset;
    }
  }
  return offset;
}
