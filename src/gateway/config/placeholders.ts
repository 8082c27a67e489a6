/** What stands for a text that the config file does not hold: `${env:NAME}` and `${file:/PATH}`. */
import { readFileSync, type Stats, statSync } from "node:fs";
import { isAbsolute } from "node:path";
import { codeOf } from "../common/dataFolder.ts";
import { whyRefused } from "../common/fileFailure.ts";
import { decodeText } from "../common/readText.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Of a file that stands for a text; a key or a token is a few hundred. Unit: bytes. */
export const MAX_FILE_BYTES = 64 * 1024;

/** The path of a file may have variables in it. */
const PLACEHOLDER = /\$\{(env|file):((?:\$\{env:[^}]*\}|[^}])*)\}/g;
const VARIABLE = /\$\{env:([^}]*)\}/g;

export interface Filled {
  readonly value: unknown;
  /** What was read from files: none of it may be shown. */
  readonly fromFiles: readonly string[];
}

/**
 * Fills them in, in every text of a parsed document; what is filled in is not looked into.
 * @param report is told what is missing, without its value; the text is empty there
 */
export function fillPlaceholders(
  document: unknown,
  env: Environment,
  report: (path: PropertyKey[], message: string) => void,
): Filled {
  const fromFiles: string[] = [];
  const variable = (name: string, say: (message: string) => void): string => {
    const found = withoutEnds(env[name]);
    if (found) return found;
    say(`the environment variable ${JSON.stringify(name)} is ${found === undefined ? "not set" : "empty"}`);
    return "";
  };
  const file = (written: string, say: (message: string) => void): string => {
    let known = true;
    const missing = (message: string) => {
      known = false;
      say(message);
    };
    const path = written.replace(VARIABLE, (_match, name: string) => variable(name, missing));
    if (!known) return "";
    const read = readSmall(path);
    if ("why" in read) {
      say(`the file ${JSON.stringify(path)} ${read.why}`);
      return "";
    }
    fromFiles.push(read.text);
    return read.text;
  };
  const fill = (value: unknown, path: PropertyKey[]): unknown => {
    if (typeof value === "string") {
      const say = (message: string) => report(path, message);
      return value.replace(PLACEHOLDER, (_match, kind: "env" | "file", name: string) =>
        kind === "env" ? variable(name, say) : file(name, say),
      );
    }
    if (Array.isArray(value)) return value.map((item, i) => fill(item, [...path, i]));
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, fill(item, [...path, key])]),
      );
    }
    return value;
  };
  return { value: fill(document, []), fromFiles };
}

/** Without the line end that a shell or an editor put behind it, and without a byte-order mark. */
function withoutEnds(text: string | undefined): string | undefined {
  return text?.replace(/[\r\n\uFEFF]+$/, "").replace(/^\uFEFF/, "");
}

function readSmall(path: string): { readonly text: string } | { readonly why: string } {
  if (!isAbsolute(path)) return { why: "must be named with its whole path" };
  let info: Stats;
  let bytes: Buffer;
  try {
    info = statSync(path);
    // A pipe may keep us for ever.
    if (!info.isFile()) return { why: "is no ordinary file" };
    if (info.size > MAX_FILE_BYTES) return { why: `has ${info.size} bytes; ${MAX_FILE_BYTES} are allowed` };
    bytes = readFileSync(path);
  } catch (error) {
    switch (codeOf(error)) {
      case "ENOENT":
      case "ENOTDIR":
        return { why: "does not exist" };
      case "EACCES":
      case "EPERM":
        return { why: "cannot be read: this account may not read it" };
      default:
        return { why: `cannot be read: ${whyRefused(error)}` };
    }
  }
  // Files of /proc have no size.
  if (bytes.length > MAX_FILE_BYTES) return { why: `is too large; ${MAX_FILE_BYTES} bytes are allowed` };
  const text = withoutEnds(decodeText(bytes)) ?? "";
  return text === "" ? { why: "is empty" } : { text };
}
