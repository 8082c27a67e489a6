/** What every file of src is held to: it is short, and its first lines say what it is. */
import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { join, sep } from "node:path";
import { describe, expect, it } from "vitest";

const src = join(import.meta.dirname, "../../src");
/** Above that, a file holds more than one idea. */
const MOST_LINES = 400;

const files = new Map<string, string>();
for await (const file of glob("**/*.{ts,tsx,css}", { cwd: src })) {
  files.set(file.split(sep).join("/"), readFileSync(join(src, file), "utf8"));
}
const isGenerated = (text: string) => /^\/[/*].*\b(?:generated|made by)\b/i.test(text);
const lines = (text: string) => text.trimEnd().split("\n").length;

/** What a file's first comment says; empty: it begins with none. */
function opening(text: string): string {
  const found = /^(?:#!.*\n)?\s*(?:\/\*\*?([\s\S]*?)\*\/|((?:\/\/.*\n)+))/.exec(text);
  return (found?.[1] ?? found?.[2] ?? "").replace(/^[\s*/]+/gm, " ").trim();
}

describe("the files of src", () => {
  it("are found", () => {
    expect(files.size).toBeGreaterThan(300);
  });

  it("give each thread that they start a limit: a server's is far too much in an editor", () => {
    const starting = [...files].filter(([, text]) => text.includes("new Worker("));
    expect(starting.length).toBeGreaterThan(1);
    const without = starting.filter(([, text]) => !/new Worker\([\s\S]{0,600}?resourceLimits: \{/.test(text));
    expect(without.map(([file]) => file)).toEqual([]);
  });

  it(`have ${MOST_LINES} lines at most`, () => {
    const long = [...files].filter(
      ([name, text]) => !name.endsWith(".css") && !isGenerated(text) && lines(text) > MOST_LINES,
    );
    expect(long.map(([name, text]) => `${name}: ${lines(text)}`)).toEqual([]);
  });

  it("begin with a comment that says what they are", () => {
    const silent = [...files].filter(([, text]) => opening(text).length < 12);
    expect(silent.map(([name]) => name)).toEqual([]);
  });

  it.each([
    ["/** Reads a body. */\nexport const a = 1;\n", "Reads a body."],
    ["/**\n * Reads a body:\n * all of it.\n */\n", "Reads a body:\n all of it."],
    ["// Reads a body.\nconst a = 1;\n", "Reads a body."],
    ["#!/usr/bin/env node\n/** Reads a body. */\n", "Reads a body."],
    ['import a from "a";\n/** Reads a body. */\n', ""],
    ["export const a = 1;\n", ""],
  ])("are asked for their first comment: %j", (text, said) => {
    expect(opening(text)).toBe(said);
  });
});
