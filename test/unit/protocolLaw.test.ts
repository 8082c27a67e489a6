/** What is known of a protocol stands in its folder: no one else tells protocols apart or reaches into it. */
import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { expect, it } from "vitest";
import { importsOf } from "./support/imports.ts";

const src = resolve(import.meta.dirname, "../../src");
const SWITCH = /\bswitch\s*\([^{;]*protocol[^{;]*\)\s*\{/i;
const CASE = /\bcase\s+"(?:openai-chat|openai-responses)"/;
const DEEP = /\/protocols\/(?:anthropic|gemini|openaiChat|openaiResponses)\//;

/** @param path from `src` */
function complaints(path: string, source: string): string[] {
  if (path.startsWith("gateway/protocols/")) return [];
  return [
    ...(SWITCH.test(source) || CASE.test(source) ? [`${path}: a switch over protocols`] : []),
    ...importsOf(source)
      .filter(({ specifier }) => DEEP.test(specifier))
      .map(({ specifier }) => `${path}: imports ${specifier}`),
  ];
}

it("is asked of its wire by everyone outside of protocols/", async () => {
  const found: string[] = [];
  let files = 0;
  for await (const file of glob("**/*.{ts,tsx}", { cwd: src })) {
    files++;
    found.push(...complaints(file.split(sep).join("/"), readFileSync(join(src, file), "utf8")));
  }
  expect(files).toBeGreaterThan(100);
  expect(found).toEqual([]);
});

it.each([
  ["switch (protocol) {", 1],
  ["switch (call.protocol) {", 1],
  ["switch (counting(call.protocol)) {", 1],
  ['switch (x) { case "openai-chat": return 1; }', 1],
  ['import { codec } from "../protocols/gemini/index.ts";', 1],
  ['import type { A } from "../../protocols/openaiResponses/ids.ts";', 1],
  ['import { WIRES } from "../protocols/wires.ts";', 0],
  ["switch (operation) {", 0],
])("finds what is against it: %s", (source, count) => {
  expect(complaints("gateway/requests/a.ts", source)).toHaveLength(count);
  expect(complaints("gateway/protocols/gemini/a.ts", source)).toEqual([]);
});
