/** What a model takes stands in the table of models: nobody else tells models apart by their names. */
import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { describe, expect, it } from "vitest";

const gateway = resolve(import.meta.dirname, "../../../src/gateway");

/** Files that name models for another reason. */
const ALLOWED: Readonly<Record<string, string>> = {
  "providers/table.ts":
    "which names a provider is known for, while its list cannot be read; the model of a key check",
  "routing/catalog.ts": "Anthropic's aliases lack the date that its list has",
  "protocols/modelList.ts": "the names under which Claude Code's model discovery takes routes",
  "protocols/anthropic/modelList.ts": "the same, and which names it takes as they are",
  "records/client.ts": "names of programs that ask",
  "accounts/schedule/session.ts": "a program's header",
  "accounts/knownSentences.ts": "sentences of providers about accounts",
  "protocols/openaiChat/signatures.ts": "formats of signatures, as OpenRouter calls them",
};

/** Begins a model's name, whatever stands before it. */
const NAME =
  /claude|anthropic\.|\bgpt\b|gpt-|chatgpt|gemini-|gemma|grok|deepseek-|kimi|\bglm\b|glm-|mistral-|magistral|opus|sonnet|haiku|fable|mythos|astra|\bo[1-9]\b(?!_)/i;
const COMMENT = /\/\*[\s\S]*?\*\/|(?<![:\\/"'`])\/\/[^\n]*/g;
const LITERAL =
  /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|(?<=[=(,:[!&|?;{\s])\/(?![*/\s])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[dgimsuvy]*/g;
/** Names of packages and addresses say nothing of a model. */
const OTHER = /^["'`](?:https?:\/\/|\.{1,2}\/|[@a-z][\w@/-]*\/(?:encoding|sdk)|[^"'`]*\s[^"'`]*["'`]$)/;

/** Literals that look like a model's name. Sentences are for people. */
function literalsOf(source: string): string[] {
  return [...source.replace(COMMENT, " ").matchAll(LITERAL)]
    .map(([literal]) => literal)
    .filter((literal) => NAME.test(literal) && !OTHER.test(literal));
}

it("is asked of the table by everyone outside of models/", async () => {
  const found: string[] = [];
  const excused = new Set<string>();
  let files = 0;
  for await (const file of glob("**/*.ts", { cwd: gateway })) {
    files++;
    const path = file.split(sep).join("/");
    // Of `clients/`: names of programs, of their files and variables.
    if (path.startsWith("models/") || path.startsWith("clients/")) continue;
    const literals = literalsOf(readFileSync(join(gateway, file), "utf8"));
    if (literals.length > 0 && Object.hasOwn(ALLOWED, path)) excused.add(path);
    else found.push(...literals.map((literal) => `${path}: ${literal}`));
  }
  expect(files).toBeGreaterThan(100);
  expect(found).toEqual([]);
  expect([...excused].sort()).toEqual(Object.keys(ALLOWED).sort());
});

describe("finds what is against it", () => {
  it.each([
    'if (model.startsWith("gpt-5")) return 1;',
    "const old = /claude-opus-4/.test(model);",
    "if (/(?:^|\\/)o[1-9]/.test(model) || model === 'o3') x();",
    'const isIt = name.includes("gemini-2.5");',
    "return /kimi-k(?:[3-9])/.test(model);",
    "const sonnet = `anthropic/claude-${version}`;",
  ])("%s", (source) => {
    expect(literalsOf(source)).toHaveLength(1);
  });

  it.each([
    "// as claude-opus-4 does",
    '/** https://ai.google.dev/gemini-api/docs */ const x = "gemini";',
    'import { a } from "gpt-tokenizer/encoding/o200k_base";',
    'const page = "https://platform.claude.com/docs";',
    'throw new Error("Claude Code asked for it");',
  ])("and nothing in %s", (source) => {
    expect(literalsOf(source)).toEqual([]);
  });
});
