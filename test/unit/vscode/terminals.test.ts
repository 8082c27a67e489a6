import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ClientState } from "../../../src/control/clients.ts";
import { runLine, startable } from "../../../src/vscode/terminals/runLine.ts";
import { writeShim } from "../../../src/vscode/terminals/shim.ts";
import { type TerminalTarget, terminalVariables } from "../../../src/vscode/terminals/variables.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";

const target = (more: Partial<TerminalTarget> = {}): TerminalTarget => ({
  baseUrl: "http://127.0.0.1:8045",
  key: "k",
  connected: new Set(),
  env: {},
  ...more,
});

describe("terminalVariables", () => {
  it("lead each client that reads an address to Portico, past any proxy", () => {
    expect(Object.fromEntries(terminalVariables(target()))).toEqual({
      ANTHROPIC_BASE_URL: "http://127.0.0.1:8045",
      ANTHROPIC_AUTH_TOKEN: "k",
      GOOGLE_GEMINI_BASE_URL: "http://127.0.0.1:8045",
      GEMINI_API_KEY: "k",
      OPENAI_BASE_URL: "http://127.0.0.1:8045/v1",
      OPENAI_API_KEY: "k",
      NO_PROXY: "127.0.0.1,localhost",
      no_proxy: "127.0.0.1,localhost",
    });
  });

  it("leave out who finds it by its own settings, and only add to what passes the proxy", () => {
    const found = terminalVariables(
      target({
        connected: new Set(["claude-code", "gemini-cli", "qwen-code"]),
        env: { NO_PROXY: " example.com, 127.0.0.1 ,", no_proxy: "*" },
      }),
    );
    expect([...found]).toEqual([
      ["NO_PROXY", "example.com,127.0.0.1,localhost"],
      ["no_proxy", "*,127.0.0.1,localhost"],
    ]);
  });
});

describe("a client that is started in a terminal", () => {
  const client = (id: string, more: Partial<ClientState> = {}): ClientState => ({
    id,
    label: id,
    found: true,
    files: [],
    connected: false,
    undoable: false,
    beatenBy: [],
    ...more,
  });

  it("is one that is there first, then others that can be had; never one that cannot be run", () => {
    const all = [
      client("missing", { runs: "alone" }),
      client("cline", { program: "/bin/cline" }),
      client("own", { program: "/bin/own", connected: true }),
      client("claude-code", { program: "/bin/claude", runs: "alone" }),
      client("older-gateway"),
    ];
    expect(startable(all).map(({ id }) => id)).toEqual(["own", "claude-code", "missing"]);
  });

  it("is typed as every shell takes it, or not at all", () => {
    expect(runLine("claude-code")).toBe("portico run claude-code");
    expect(runLine("opencode", "work/gpt-5:free@x")).toBe("portico run --model work/gpt-5:free@x opencode");
    for (const model of ["a b", "a;rm -rf", "$(x)", "`x`", 'a"b', "a'b", "%PATH%", "a&b", "", "ä\n"])
      expect(runLine("opencode", model)).toBeUndefined();
  });
});

describe("the command in a terminal", () => {
  let folder = "";
  beforeEach(() => {
    folder = makeFolder("shim it's $HOME");
  });
  afterEach(() => removeFolder(folder));

  it.skipIf(process.platform === "win32")(
    "runs the extension's command line with the editor's runtime, whatever their names",
    async () => {
      const extension = join(folder, 'it\'s "$HOME" `x`');
      await mkdir(extension);
      const cli = join(extension, "cli.cjs");
      await writeFile(
        cli,
        "console.log(JSON.stringify([process.argv.slice(2), process.env.ELECTRON_RUN_AS_NODE]))",
      );
      await writeShim(folder, { runtime: "/gone", cli: "/gone" });
      const bin = await writeShim(folder, { runtime: process.execPath, cli });
      expect(await readdir(bin)).toEqual(["portico"]);
      expect((await stat(bin)).mode & 0o777).toBe(0o700);
      expect((await stat(join(bin, "portico"))).mode & 0o777).toBe(0o700);
      const out = execFileSync("portico", ["logs", "a b", "$x"], {
        env: { PATH: `${bin}:/usr/bin:/bin` },
        encoding: "utf8",
      });
      expect(JSON.parse(out)).toEqual([["logs", "a b", "$x"], "1"]);
    },
  );

  it("is a file for Windows there", async () => {
    const bin = await writeShim(folder, { runtime: "C:\\50%\\Code.exe", cli: "C:\\cli.js" }, "win32");
    expect(await readdir(bin)).toEqual(["portico.cmd"]);
    const text = await readFile(join(bin, "portico.cmd"), "utf8");
    expect(text.split("\r\n")).toContain('"C:\\50%%\\Code.exe" "C:\\cli.js" %*');
  });
});
