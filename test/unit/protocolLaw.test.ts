/** What is known of a protocol stands in its folder: no one else tells protocols apart or reaches into it. */
import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { expect, it } from "vitest";
import { PROTOCOLS } from "../../src/control/protocol.ts";
import { PROVIDER_IDS } from "../../src/gateway/providers/ids.ts";
import { importsOf } from "./support/imports.ts";

const src = resolve(import.meta.dirname, "../../src");

/** The table of protocols, and those of providers and models, whose rows say what each of them speaks. */
const TABLES = /^(?:control\/protocol\.ts|gateway\/providers\/table\.ts|gateway\/models\/table\/\w+\.ts)$/;

/** Where a protocol's name stands for something else, or is one provider's fact. */
const ALLOWED: Readonly<Record<string, string>> = {
  "gateway/accounts/credentials/google.ts": "providers: which of them take a sign-in with Google",
  "gateway/accounts/quotas/endpoints.ts": "facts of providers: which endpoint tells of a quota",
  "vscode/accounts/addWays.ts": "a provider: the ways to add an account of it",
  "webviews/pages/accounts/add/ChooseProvider.tsx": "a provider: the ways to add an account of it",
  "webviews/pages/accounts/add/ways.ts": "a provider: the ways to add an account of it",
};

const oneOf = (names: readonly string[]): string => `(?:${names.join("|")})`;
const quoted = (names: readonly string[]): string => `["'\`]${oneOf(names)}["'\`]`;

/** Names that nothing else has: whoever says one knows a protocol. */
const ONLY_PROTOCOLS = PROTOCOLS.filter((name) => !PROVIDER_IDS.some((id) => id === name));

const SWITCH = /\bswitch\s*\([^{;]*protocol[^{;]*\)\s*\{/i;
const MENTION = new RegExp(quoted(ONLY_PROTOCOLS));
const COMPARISON = new RegExp(
  [
    `[=!]==?\\s*${quoted(PROTOCOLS)}`,
    `${quoted(PROTOCOLS)}\\s*[=!]==?`,
    `\\bcase\\s+${quoted(PROTOCOLS)}`,
    `\\.(?:has|includes|startsWith)\\(\\s*${quoted(PROTOCOLS)}`,
  ].join("|"),
);
/** One entry per protocol, written by hand. What is made of `PROTOCOLS` has the cast `as Record<`. */
const TABLE = /(?<!\bas )(?<!Partial<)\bRecord<\s*Protocol\s*,[^=;{}]*=\s*\{/;
const FOLDERS = /\/protocols\/([a-zA-Z]+)\//;

/** @param path from `src` */
function complaints(path: string, source: string): string[] {
  if (path.startsWith("gateway/protocols/") || TABLES.test(path) || Object.hasOwn(ALLOWED, path)) return [];
  return [
    ...(SWITCH.test(source) ? [`${path}: a switch over protocols`] : []),
    ...(MENTION.test(source) ? [`${path}: names a protocol`] : []),
    ...(COMPARISON.test(source) ? [`${path}: compares with a protocol`] : []),
    ...(TABLE.test(source) ? [`${path}: a table of protocols of its own`] : []),
    ...importsOf(source)
      .filter(({ specifier }) => FOLDERS.test(specifier) && !specifier.includes("/protocols/chat/"))
      .map(({ specifier }) => `${path}: imports ${specifier}`),
  ];
}

it("is asked of its wire by everyone outside of protocols/", async () => {
  const found: string[] = [];
  const allowed = new Set<string>();
  let files = 0;
  for await (const file of glob("**/*.{ts,tsx}", { cwd: src })) {
    files++;
    const path = file.split(sep).join("/");
    const source = readFileSync(join(src, file), "utf8");
    found.push(...complaints(path, source));
    if (COMPARISON.test(source) || MENTION.test(source)) allowed.add(path);
  }
  expect(files).toBeGreaterThan(100);
  expect(found).toEqual([]);
  // Nothing is allowed any longer than it is needed.
  for (const path of Object.keys(ALLOWED)) expect(allowed).toContain(path);
});

it.each([
  ["switch (protocol) {", 1],
  ["switch (call.protocol) {", 1],
  ["switch (counting(call.protocol)) {", 1],
  ['switch (x) { case "openai-chat": return 1; }', 2],
  ['switch (x) { case "gemini": return 1; }', 1],
  ['if (protocol === "anthropic") return;', 1],
  ['if ("gemini" !== candidate.protocol) return;', 1],
  ['const speaks = endpoints.has("anthropic");', 1],
  ['const wanted: Protocol = "openai-responses";', 1],
  ['const A: Readonly<Record<Protocol, string>> = { anthropic: "x" };', 1],
  ["const names: Record<Protocol, string> = {", 1],
  ['import { codec } from "../protocols/gemini/index.ts";', 1],
  ['import type { A } from "../../protocols/openaiResponses/ids.ts";', 1],
  ['import { WIRES } from "../protocols/wires.ts";', 0],
  ['import type { Part } from "../protocols/chat/parts.ts";', 0],
  ["return Object.fromEntries(PROTOCOLS.map(one)) as Record<Protocol, number>;", 0],
  ["const some: Partial<Record<Protocol, string>> = {};", 0],
  ['const account = { provider: "gemini" };', 0],
  ["switch (operation) {", 0],
])("finds what is against it: %s", (source, count) => {
  expect(complaints("gateway/requests/a.ts", source)).toHaveLength(count);
  expect(complaints("gateway/protocols/gemini/a.ts", source)).toEqual([]);
});
