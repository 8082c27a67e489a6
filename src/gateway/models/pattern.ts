/**
 * Which models a row of the table is about: `FAMILY [VERSIONS] [LINES]`, apart by blanks. Versions are one
 * (`5.4`), a span (`5.1-5.5`), open upwards (`5.6+`) or downwards (`-4.5`), or none (`latest`: names such as
 * `gemini-flash-latest`); lines are words of the name, any of
 * them (`opus,sonnet`), several that stand together joined by a hyphen (`flash-lite`). `*` is any family.
 */
import { type ModelName, versionOf } from "./name.ts";

export interface Pattern {
  readonly family: string;
  readonly from: number;
  readonly to: number;
  /** One of these, word by word; empty: any. */
  readonly lines: readonly (readonly string[])[];
}

const VERSIONS = /^(?:(\d+(?:\.\d+)?)(\+)?|(\d+(?:\.\d+)?)?-(\d+(?:\.\d+)?))$/;

/** @throws Error where it is none: the table is wrong */
export function parsePattern(text: string): Pattern {
  const [family = "", ...rest] = text.split(" ");
  const unversioned = rest[0] === "latest";
  const found = VERSIONS.exec(rest[0] ?? "");
  const lines = found === null && !unversioned ? rest : rest.slice(1);
  if (family === "" || lines.length > 1) throw new Error(`no pattern of models: ${text}`);
  const one = numberOf(found?.[1]);
  return {
    family,
    from: unversioned ? Infinity : (one ?? numberOf(found?.[3]) ?? 0),
    to: found?.[2] === undefined ? (one ?? numberOf(found?.[4]) ?? Infinity) : Infinity,
    lines: (lines[0] ?? "")
      .split(",")
      .filter((line) => line !== "")
      .map((line) => line.split("-")),
  };
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [major, minor] = text.split(".");
  return versionOf(Number(major), Number(minor ?? 0));
}

export function matchesPattern({ family, from, to, lines }: Pattern, name: ModelName): boolean {
  if (family !== "*" && family !== name.family) return false;
  if (name.version < from || name.version > to) return false;
  return lines.length === 0 || lines.some((line) => stands(line, name.words));
}

/** Do these words stand in the name, one behind the other? */
function stands(line: readonly string[], words: readonly string[]): boolean {
  return words.some((_, at) => line.every((word, index) => words[at + index] === word));
}
