/** What the API Proxy page gives to paste, pasted: real shells and real SDKs against a real gateway that wants its key. */
import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clients, noProxySnippet, type SnippetOptions } from "../../src/webviews/pages/connect/snippets.ts";
import { removeFolder } from "../support/folder.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";

const KEY = "ptk-snippets-0123456789";
/** What has to come through whole, whatever stands around it. */
const AWKWARD = `it's $HOME "x" \\ \`y\``;

const hasPython = spawnSync("python3", ["--version"]).status === 0;

let portico: TestGateway;
let folder: string;
beforeAll(async () => {
  portico = await startGateway({ auth: { mode: "strict", apiKey: KEY } });
  // Where Node finds the SDKs.
  folder = await mkdtemp(join(resolve(import.meta.dirname, "../../node_modules"), ".snippets-"));
});
afterAll(async () => {
  await portico.stop();
  await removeFolder(folder);
});

const options = (change: Partial<SnippetOptions> = {}): SnippetOptions => ({
  baseUrl: portico.baseUrl,
  model: "sandbox/echo",
  key: KEY,
  shell: "sh",
  ...change,
});
const codeOf = (id: string, change: Partial<SnippetOptions> = {}): string[] =>
  clients()
    .find((each) => each.id === id)
    ?.snippets(options(change))
    .map(({ code }) => code) ?? [];

/** A proxy that the environment names and that is not there: only what goes past it works. */
const env = {
  ...process.env,
  HTTP_PROXY: "http://127.0.0.1:9",
  http_proxy: "http://127.0.0.1:9",
  NO_PROXY: "",
};

function run(program: string, args: string[]): Promise<string> {
  return new Promise((done, fail) => {
    execFile(program, args, { env, timeout: 20_000 }, (error, stdout, stderr) => {
      if (error === null) done(stdout);
      else fail(new Error(`${error.message}\n${stdout}\n${stderr}`));
    });
  });
}

describe("snippets", () => {
  it.each([0, 1, 2, 3])("curl %i gets an answer", async (at) => {
    const code = codeOf("curl")[at] ?? "";
    const reply = JSON.parse(await run("bash", ["-c", code])) as { error?: unknown };
    expect(JSON.stringify(reply)).toContain("Hello");
    expect(reply.error ?? "none").toBe("none");
  });

  it("curl is refused with another key", async () => {
    const reply = await run("bash", ["-c", codeOf("curl", { key: "wrong" })[0] ?? ""]);
    expect(JSON.parse(reply)).toHaveProperty("error");
  });

  it.each([0, 1, 2])("TypeScript %i gets an answer from the real SDK", async (at) => {
    const file = join(folder, `snippet-${at}.mjs`);
    await writeFile(file, codeOf("typescript")[at] ?? "");
    expect(await run(process.execPath, [file])).toContain("Hello");
  });

  it.each(["claude-code", "codex", "gemini-cli"] as const)(
    "%s: a shell takes every value whole",
    async (id) => {
      const code =
        codeOf(id, { key: AWKWARD, model: AWKWARD }).find((each) => each.startsWith("export ")) ?? "";
      const lines = code.split("\n");
      const names = lines.flatMap((line) => /^export (\w+)=/.exec(line)?.[1] ?? []);
      expect(names.length).toBeGreaterThan(0);
      const exports = lines.filter((line) => line.startsWith("export ")).join("\n");
      const shown = await run("bash", [
        "-c",
        `${exports}\nfor name in ${names.join(" ")}; do printf '%s\\n' "\${!name}"; done`,
      ]);
      for (const value of shown.trimEnd().split("\n")) expect([AWKWARD, portico.baseUrl]).toContain(value);
    },
  );

  it("keeps loopback off a proxy, in both spellings", async () => {
    const { code } = noProxySnippet(options());
    const shown = await run("bash", ["-c", `${code}\necho "$NO_PROXY $no_proxy"`]);
    expect(shown.trim()).toBe("127.0.0.1,localhost 127.0.0.1,localhost");
    const elsewhere = noProxySnippet({ shell: "powershell", baseUrl: "http://192.168.1.7:8045" });
    expect(elsewhere.code).toContain("$env:NO_PROXY = '127.0.0.1,localhost,192.168.1.7'");
  });

  it.each([
    ["claude-code", 1],
    ["gemini-cli", 1],
    ["opencode", 0],
  ] as const)("%s: its settings are JSON, whatever is in them", (id, at) => {
    const value: unknown = JSON.parse(codeOf(id, { model: AWKWARD, key: AWKWARD })[at] ?? "");
    if (id !== "gemini-cli") expect(JSON.stringify(value)).toContain(JSON.stringify(AWKWARD).slice(1, -1));
  });

  it.skipIf(!hasPython)("Python is Python (needs python3)", async () => {
    for (const code of codeOf("python", { model: AWKWARD, key: AWKWARD })) {
      await run("python3", ["-c", "import ast, sys; ast.parse(sys.argv[1])", code]);
    }
  });

  it("PowerShell doubles its quotes and continues its lines", () => {
    const [code = ""] = codeOf("curl", { shell: "powershell", model: "it's" });
    expect(code).toContain(`-Body '{"model":"it''s"`);
    expect(
      code
        .split("\n")
        .slice(0, -1)
        .every((line) => line.endsWith("`")),
    ).toBe(true);
    expect(codeOf("claude-code", { shell: "powershell" })[0]).toContain(
      `$env:ANTHROPIC_BASE_URL = '${portico.baseUrl}'`,
    );
  });

  it("every tool gets the address, the key and the model", () => {
    for (const { id } of clients()) {
      const whole = codeOf(id, { model: "some-model" }).join("\n");
      expect(whole).toContain(portico.baseUrl);
      expect(whole).toContain(KEY);
      expect(whole).toContain("some-model");
    }
    // A tool with models of its own is told of none unless the person chose one.
    expect(codeOf("claude-code", { model: "" }).join("\n")).not.toContain("MODEL");
    expect(codeOf("gemini-cli", { model: "" })[0]?.endsWith("\ngemini")).toBe(true);
  });
});
