/** How values of another program's settings file are found and changed while every other byte of it stays. */
import { PorticoError } from "../../common/errors.ts";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** Names from the outermost container inwards. */
export type Path = readonly string[];

/** One value that we want in a file. */
export interface Wanted {
  readonly path: Path;
  readonly value: Json;
  /** `value` is one more item of the list at `path`. */
  readonly item?: true;
  /** The program writes another value there at each run: whatever it is, it counts as ours. */
  readonly renewed?: true;
  /** A credential: it is not shown, and `beside` names the address that it is for. */
  readonly secret?: { readonly beside: Path };
}

/** What it takes to put a value back as it was. */
export interface Undo {
  /** The text that ours replaced; absent: there was no such value. */
  readonly before?: string;
  /** How many containers around the value were made for it. */
  readonly made: number;
  /** Of the format: text around ours that goes or comes back with it. */
  readonly around?: string;
}

export interface Put {
  readonly text: string;
  readonly undo: Undo;
}

/** Text in, text out. All throw `Refused` for what they cannot read or change without harm. */
export interface Format {
  /** The whole file as a plain value: `{}` for an empty one. */
  parse(text: string): unknown;
  /** The text of the value at a path; `undefined`: there is none. */
  raw(text: string, path: Path): string | undefined;
  put(text: string, wanted: Pick<Wanted, "path" | "value" | "item">): Put;
  /** Puts text that `raw` gave earlier in place of the value that is there. */
  replace(text: string, path: Path, raw: string): string;
  /** Removes the value (`item`: that item of the list), and the containers made for it that are empty then. */
  remove(text: string, wanted: Pick<Wanted, "path" | "value" | "item">, undo: Undo): string;
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** For formats that can tell where a value stands. @param spanOf `undefined`: there is none */
export function inPlace(
  spanOf: (text: string, path: Path) => Span | undefined,
): Pick<Format, "raw" | "replace"> {
  return {
    raw(text, path) {
      const span = spanOf(text, path);
      return span && text.slice(span.start, span.end);
    },
    replace(text, path, raw) {
      const span = spanOf(text, path);
      return span === undefined ? text : splice(text, span.start, span.end, raw);
    },
  };
}

/** The file is not as we can change it: the message says why, for a person, and with the line where there is one. */
export class Refused extends PorticoError {
  constructor(why: string, line?: number) {
    super("invalid_request", line === undefined ? why : `line ${line} ${why}`, { retryable: false });
  }
}

/** The line (from 1) of an offset. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split(/\r\n|\n|\r/).length;
}

/** The line break that a text uses first; a line feed where it has none. */
export function lineBreakOf(text: string): string {
  return /\r\n|\n/.exec(text)?.[0] ?? "\n";
}

/** `text` with `from` up to `to` replaced. */
export function splice(text: string, from: number, to: number, by: string): string {
  return text.slice(0, from) + by + text.slice(to);
}

/** A path as people write it: `env.ANTHROPIC_BASE_URL`. */
export function pathText(path: Path): string {
  return path.map((name) => (/^[\w-]+$/.test(name) ? name : JSON.stringify(name))).join(".");
}
