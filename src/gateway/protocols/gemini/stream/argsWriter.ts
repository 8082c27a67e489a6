/**
 * Arguments that arrive value by value (`partialArgs`: a JSON path and a piece of its value) as
 * JSON text, piece by piece. The paths come depth first, so that a container that was left is
 * never entered again; only the names in what is open are remembered.
 */
import { type Json, numberOf, textOf } from "../values.ts";

type Step = string | number;

type Open = { kind: "object"; keys: Set<string> } | { kind: "array"; length: number };

/** The path went back into something that was finished already: no text can say that any more. */
export class OutOfOrder extends Error {}

/** Members deeper than this are not believed. */
const MAX_DEPTH = 100;
/** Array places that a path may skip; they become `null`. */
const MAX_GAP = 1_000;

/** `$.a[0]['b c']` as steps (RFC 9535, names and indexes only); `undefined` where it is none. */
export function parsePath(path: string): Step[] | undefined {
  const steps: Step[] = [];
  const pattern = /\.([^.[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;
  pattern.lastIndex = path.startsWith("$") ? 1 : 0;
  if (pattern.lastIndex === 0) return undefined;
  while (pattern.lastIndex < path.length) {
    const found = pattern.exec(path);
    if (found === null || steps.length >= MAX_DEPTH) return undefined;
    const [, name, index, single, double] = found;
    if (index !== undefined) steps.push(Number(index));
    else steps.push(name ?? (single ?? double ?? "").replace(/\\(['"\\/])/g, "$1"));
  }
  return steps.length > 0 && typeof steps[0] === "string" ? steps : undefined;
}

export class ArgsWriter {
  /** Containers that are open, the arguments object first. */
  readonly #open: Open[] = [];
  /** The step that led into each container but the first. */
  readonly #path: Step[] = [];
  /** Path of the string that is still being written. */
  #string: string | undefined;

  /** A whole member of the arguments. */
  member(name: string, value: unknown): string {
    return this.#enter([name], JSON.stringify([name])) + JSON.stringify(value);
  }

  /** The text that one `partialArgs` element adds. @throws OutOfOrder */
  push(arg: Json): string {
    const path = textOf(arg.jsonPath);
    const text = textOf(arg.stringValue);
    if (path === undefined) return "";
    if (this.#string === path && text !== undefined) {
      const piece = JSON.stringify(text).slice(1, -1);
      if (arg.willContinue === true) return piece;
      this.#string = undefined;
      return `${piece}"`;
    }
    const steps = parsePath(path);
    if (steps === undefined) return "";
    const value = scalar(arg);
    if (value === undefined) return "";
    const head = this.#enter(steps, path);
    if (text !== undefined && arg.willContinue === true) {
      this.#string = path;
      return head + value.slice(0, -1);
    }
    return head + value;
  }

  /** Closes all that is open. */
  end(): string {
    if (this.#open.length === 0) return "{}";
    return this.#closeTo(0);
  }

  /** Closes what is not on the way to `steps`, opens what is, and writes the last name. */
  #enter(steps: readonly Step[], path: string): string {
    let out = "";
    if (this.#open.length === 0) {
      this.#open.push({ kind: "object", keys: new Set() });
      out = "{";
    }
    let shared = 0;
    while (shared < this.#path.length && shared < steps.length - 1 && this.#path[shared] === steps[shared])
      shared++;
    out += this.#closeTo(shared + 1);
    for (let at = shared; at < steps.length; at++) {
      const step = steps[at];
      if (step === undefined) break;
      out += this.#name(step, path);
      const next = steps[at + 1];
      if (next === undefined) break;
      this.#path.push(step);
      if (typeof next === "number") {
        this.#open.push({ kind: "array", length: 0 });
        out += "[";
      } else {
        this.#open.push({ kind: "object", keys: new Set() });
        out += "{";
      }
    }
    return out;
  }

  /** The comma and the name before a member of the innermost container. */
  #name(step: Step, path: string): string {
    const inner = this.#open.at(-1);
    if (inner?.kind === "object" && typeof step === "string") {
      if (inner.keys.has(step)) throw new OutOfOrder(path);
      inner.keys.add(step);
      return `${inner.keys.size > 1 ? "," : ""}${JSON.stringify(step)}:`;
    }
    if (inner?.kind === "array" && typeof step === "number") {
      const gap = step - inner.length;
      if (gap < 0 || gap > MAX_GAP) throw new OutOfOrder(path);
      const comma = inner.length > 0 ? "," : "";
      inner.length = step + 1;
      return comma + "null,".repeat(gap);
    }
    throw new OutOfOrder(path);
  }

  #closeTo(depth: number): string {
    let out = "";
    if (this.#string !== undefined) {
      this.#string = undefined;
      out = '"';
    }
    while (this.#open.length > depth) {
      out += this.#open.pop()?.kind === "array" ? "]" : "}";
      this.#path.pop();
    }
    return out;
  }
}

/** The value of a `partialArgs` element as JSON text. */
function scalar(arg: Json): string | undefined {
  const text = textOf(arg.stringValue);
  if (text !== undefined) return JSON.stringify(text);
  const number = numberOf(arg.numberValue);
  if (number !== undefined) return JSON.stringify(number);
  if (typeof arg.boolValue === "boolean") return String(arg.boolValue);
  return "nullValue" in arg ? "null" : undefined;
}
