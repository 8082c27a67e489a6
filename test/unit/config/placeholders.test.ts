/** `${file:/PATH}` in the config file: a secret that a container or a service manager puts into a file. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatProblems, loadSettings } from "../../../src/gateway/config/load.ts";
import { MAX_FILE_BYTES } from "../../../src/gateway/config/placeholders.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";

let folder = "";
beforeAll(() => {
  folder = makeFolder("secrets");
});
afterAll(() => removeFolder(folder));

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const withKey = (apiKey: string) =>
  JSON.stringify({ accounts: [{ id: "a", provider: "openai", credentials: { apiKey } }] });

function load(apiKey: string, env: Record<string, string> = {}) {
  return loadSettings(withKey(apiKey), env);
}

function keyOf(apiKey: string, env: Record<string, string> = {}): string | undefined {
  const result = load(apiKey, env);
  return result.ok ? result.settings.accounts[0]?.credentials?.apiKey : undefined;
}

function problemsOf(apiKey: string, env: Record<string, string> = {}): string[] {
  const result = load(apiKey, env);
  return result.ok ? [] : formatProblems("c", result.problems);
}

describe("${file:…}", () => {
  it.each([
    ["lf", "the-secret-key\n"],
    ["crlf", "the-secret-key\r\n"],
    ["bare", "the-secret-key"],
    ["bom", "\uFEFFthe-secret-key\n"],
    ["utf16", Buffer.from("\uFEFFthe-secret-key\r\n", "utf16le")],
  ])("is what is in the file, without its last line end: %s", (name, content) => {
    expect(keyOf(`\${file:${write(name, content)}}`)).toBe("the-secret-key");
  });

  it("stands within text, and beside variables", () => {
    const path = write("part", "middle\n");
    expect(keyOf(`\${env:A}-\${file:${path}}-end`, { A: "begin" })).toBe("begin-middle-end");
  });

  it("may have variables in its path, as a service manager names its folder", () => {
    write("work", "the-secret-key\n");
    expect(keyOf("${file:${env:CREDENTIALS_DIRECTORY}/work}", { CREDENTIALS_DIRECTORY: folder })).toBe(
      "the-secret-key",
    );
    expect(problemsOf("${file:${env:NONE}/work}")).toEqual([
      'c:1:68 accounts[0].credentials.apiKey: the environment variable "NONE" is not set',
    ]);
  });

  it("is not looked into", () => {
    const path = write("nested", `\${file:${write("inner", "inner-secret")}}`);
    expect(keyOf(`\${file:${path}}`)).toMatch(/^\$\{file:/);
  });

  it("is a secret wherever it stands, the key and the rest", () => {
    const path = write("label", "hidden-label");
    const result = loadSettings(
      JSON.stringify({ accounts: [{ id: "a", provider: "openai", label: `\${file:${path}}` }] }),
      {},
    );
    expect(result.ok && result.secrets).toEqual(["hidden-label"]);
    const key = load(`Bearer \${file:${write("key", "the-secret-key")}}`);
    expect(key.ok && key.secrets).toContain("the-secret-key");
  });

  it.each([
    ["does not exist", () => join(folder, "nowhere")],
    ["does not exist", () => join(write("file", "x"), "below")],
    ["is empty", () => write("empty", "\n")],
    ["is no ordinary file", () => folder],
    [
      `has ${MAX_FILE_BYTES + 1} bytes; ${MAX_FILE_BYTES} are allowed`,
      () => write("large", "x".repeat(MAX_FILE_BYTES + 1)),
    ],
    ["must be named with its whole path", () => "secrets/work"],
    ["must be named with its whole path", () => ""],
  ])("says that the file %s, at its place, once, and never what is in it", (why, path) => {
    const at = path();
    expect(problemsOf(`\${file:${at}}`)).toEqual([
      `c:1:68 accounts[0].credentials.apiKey: the file ${JSON.stringify(at)} ${why}`,
    ]);
  });

  it("takes a file of the largest size", () => {
    mkdirSync(join(folder, "deep"), { recursive: true });
    const path = write("deep/most", "x".repeat(MAX_FILE_BYTES));
    const result = loadSettings(
      JSON.stringify({ accounts: [{ id: "a", provider: "openai", label: `\${file:${path}}` }] }),
      {},
    );
    // Longer than a label may be: the message tells its place, and no word of it.
    expect(result.ok).toBe(false);
    expect(JSON.stringify(result)).not.toContain("xxx");
    expect(JSON.stringify(result)).not.toContain("the file");
  });

  it.skipIf(process.platform !== "linux")("waits for no device (Windows has none)", () => {
    expect(problemsOf("${file:/dev/zero}")[0]).toContain("is no ordinary file");
  });
});
