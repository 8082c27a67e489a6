/**
 * Free-text tool input inside a function's JSON arguments: `{"input": "…"}`. Models now and then
 * use another property or plain text; both are understood.
 */

import { isRecord, parseJson } from "../common/json.ts";

/** The arguments of the function that stands in for a free-text tool. */
export function wrapCustomInput(input: string): string {
  return JSON.stringify({ input });
}

/** The free text in a function's arguments, whatever the model made of them. */
export function unwrapCustomInput(json: string): string {
  const value = parseJson(json);
  if (typeof value === "string") return value;
  if (!isRecord(value)) return json;
  const entries = Object.entries(value);
  if (entries.length === 0) return "";
  const input = entries.length === 1 ? entries[0]?.[1] : entries.find(([key]) => key === "input")?.[1];
  if (typeof input === "string") return input;
  return input === undefined ? json : JSON.stringify(input);
}

export interface CustomInputStream {
  /** A fragment of the JSON arguments; returns what free text it completes. */
  push(fragment: string): string;
  /** What is left once the arguments are complete. */
  end(): string;
}

const HEAD = /^\s*\{\s*"input"\s*:\s*"/;
/** More white space than this before the text is not worth waiting for. */
const HEAD_LIMIT = 64;
/** Arguments in an unexpected form are gathered up to here (UTF-16 units), then passed on as they are. */
const GATHER_LIMIT = 4 * 1024 * 1024;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

/** `unwrapCustomInput` fragment by fragment; keeps text only where the arguments have another form. */
export function customInputStream(): CustomInputStream {
  let mode: "head" | "text" | "gather" | "plain" | "closed" = "head";
  let kept = "";
  /** The start of an escape that the fragment cut, or a high surrogate waiting for its low one. */
  let cutEscape = "";
  let high = "";

  function whole(decoded: string): string {
    const out = high + decoded;
    high = "";
    const last = out.charCodeAt(out.length - 1);
    if (last < 0xd800 || last > 0xdbff) return out;
    high = out.slice(-1);
    return out.slice(0, -1);
  }

  function decode(fragment: string): string {
    const source = cutEscape + fragment;
    cutEscape = "";
    let out = "";
    let start = 0;
    for (;;) {
      let at = start;
      while (at < source.length && source[at] !== "\\" && source[at] !== '"') at++;
      out += source.slice(start, at);
      if (at === source.length) break;
      if (source[at] === '"') {
        mode = "closed";
        break;
      }
      const kind = source[at + 1];
      const length = kind === "u" ? 6 : 2;
      if (at + length > source.length) {
        cutEscape = source.slice(at);
        break;
      }
      const body = source.slice(at + 2, at + 6);
      if (kind === "u")
        out += /^[\da-f]{4}$/i.test(body) ? String.fromCharCode(Number.parseInt(body, 16)) : body;
      else out += ESCAPES[kind ?? ""] ?? kind ?? "";
      start = at + length;
    }
    return whole(out);
  }

  return {
    push(fragment) {
      if (mode === "closed") return "";
      if (mode === "plain") return fragment;
      if (mode === "text") return decode(fragment);
      kept += fragment;
      if (mode === "head") {
        const head = HEAD.exec(kept);
        if (head) {
          mode = "text";
          const rest = kept.slice(head[0].length);
          kept = "";
          return decode(rest);
        }
        if (kept.length > HEAD_LIMIT) mode = "gather";
      }
      if (kept.length <= GATHER_LIMIT) return "";
      mode = "plain";
      const out = kept;
      kept = "";
      return out;
    },
    end() {
      const out = mode === "head" || mode === "gather" ? unwrapCustomInput(kept) : high;
      mode = "closed";
      kept = "";
      high = "";
      return out;
    },
  };
}
