/** Other programs connected by their settings files, on a scratch home, and put back. */
import { existsSync } from "node:fs";
import { chmod, lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { run as runHere } from "../../../src/cli/run.ts";
import { screenOn } from "../../../src/cli/screen.ts";
import type { ClientState } from "../../../src/control/clients.ts";
import { homeEnvironment } from "../../support/clientHome.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { CLAUDE, CLIENT_FILES, MODEL, SETTINGS } from "./clientFiles.ts";
import { start } from "./program.ts";

vi.setConfig({ testTimeout: 240_000 });

let home = "";
let env: NodeJS.ProcessEnv = {};
beforeEach(() => {
  home = makeFolder("clients");
  env = homeEnvironment(home);
});
afterEach(() => removeFolder(home));

async function run(args: readonly string[], more: NodeJS.ProcessEnv = {}) {
  const said = { out: "", err: "" };
  const code = await runHere(args, {
    out: screenOn({ write: (text) => (said.out += text) }, {}),
    err: screenOn({ write: (text) => (said.err += text) }, {}),
    stdin: Readable.from([]) as unknown as NodeJS.ReadStream,
    env: { ...env, ...more },
  });
  return { code, ...said };
}

async function done(...args: string[]): Promise<string> {
  const { code, out, err } = await run(args);
  expect({ code, err }, out).toEqual({ code: 0, err: "" });
  return out;
}

const RECORDS =
  process.platform === "win32"
    ? "AppData/Portico/connected"
    : process.platform === "darwin"
      ? "Library/Application Support/Portico/connected"
      : ".config/portico/connected";

const read = (file: string) => readFile(join(home, file), "utf8");
const isThere = (file: string) =>
  lstat(join(home, file)).then(
    () => true,
    () => false,
  );

async function put(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(home, file)), { recursive: true });
  await writeFile(join(home, file), text);
}

/** By hand, so that no file is as it was written. */
const edited = (file: string, text: string) => (file.endsWith(".env") ? `# by hand\n${text}` : `${text}\n`);

describe("portico connect and disconnect", () => {
  for (const { client, files, arguments: more = [] } of CLIENT_FILES) {
    it(`put ${client} back, byte for byte and with what was changed by hand`, async () => {
      for (const [file, text] of Object.entries(files)) await put(file, text);
      await done("connect", client, ...more, "--yes");
      for (const [file, text] of Object.entries(files)) expect(await read(file)).not.toBe(text);
      const state = (await listed()).find(({ id }) => id === client);
      expect(state).toMatchObject({ connected: true, baseUrl: "http://127.0.0.1:8045", found: true });
      await done("disconnect", client, "--yes");
      for (const [file, text] of Object.entries(files)) expect(await read(file)).toBe(text);
      expect(await isThere(`${RECORDS}/${client}.json`)).toBe(false);

      await done("connect", client, ...more, "--yes");
      for (const file of Object.keys(files)) await put(file, edited(file, await read(file)));
      await done("disconnect", client, "--yes");
      for (const [file, text] of Object.entries(files)) expect(await read(file)).toBe(edited(file, text));
    });

    it(`take the files of ${client} away that were not there before`, async () => {
      await done("connect", client, ...more, "--yes");
      for (const file of (await listed()).find(({ id }) => id === client)?.files ?? []) {
        if (!existsSync(file)) continue;
        expect((await stat(file)).mode & 0o077).toBe(process.platform === "win32" ? 0o066 : 0);
      }
      await done("disconnect", client, "--yes");
      const left = (await readdir(home)).filter(
        (name) => !["data", "run", "AppData", "Library"].includes(name),
      );
      expect(left).toEqual(process.platform === "linux" ? [".config"] : []);
      if (process.platform === "linux") expect(await readdir(join(home, ".config"))).toEqual(["portico"]);
    });
  }

  it("keep what a person has changed since, and say so", async () => {
    await put(CLAUDE, SETTINGS);
    await done("connect", "claude-code", "--model", "m-1", "--yes");
    const ours = await read(CLAUDE);
    await put(
      CLAUDE,
      ours
        .replace('"ANTHROPIC_MODEL": "m-1"', '"ANTHROPIC_MODEL": "mine"')
        .replace('"model": "opus"', '"model": "haiku"'),
    );
    expect(await done("disconnect", "claude-code", "--yes")).toContain(
      "env.ANTHROPIC_MODEL was changed since and stays",
    );
    const settings = JSON.parse((await read(CLAUDE)).slice(1));
    expect(settings).toEqual({
      hooks: { Stop: [] },
      env: { A: "1", ANTHROPIC_MODEL: "mine" },
      model: "haiku",
    });
  });

  it("find their values again after the program has written its file anew", async () => {
    await put(CLAUDE, '{"env":{"A":"1"}}');
    await done("connect", "claude-code", "--yes");
    const settings = JSON.parse(await read(CLAUDE));
    await put(CLAUDE, JSON.stringify({ model: "opus", ...settings }, undefined, 4));
    await done("disconnect", "claude-code", "--yes");
    expect(await read(CLAUDE)).toBe(JSON.stringify({ model: "opus", env: { A: "1" } }, undefined, 4));
  });

  it("show a diff without keys, and write nothing that nobody agreed to", async () => {
    await put(
      CLAUDE,
      '{\n  "env": { "ANTHROPIC_AUTH_TOKEN": "sk-their-own", "ANTHROPIC_BASE_URL": "https://x.example" }\n}\n',
    );
    const before = await read(CLAUDE);
    const { code, out, err } = await run(["connect", "claude-code"]);
    expect(code).toBe(2);
    expect(err).toContain("give --yes");
    expect(out).toContain("http://127.0.0.1:8045");
    expect(out).not.toContain("sk-their-own");
    expect(await read(CLAUDE)).toBe(before);
    expect(await isThere(`${RECORDS}/claude-code.json`)).toBe(false);
  });

  it("leave alone what they cannot read, and say where", async () => {
    for (const [text, why] of [
      ['{\n  "env": {\n', "line 3 "],
      ['{\n  "env": 1 }', "line 2 (env) is no object"],
      ['{ "a": 1, "a": 2 }', "line 1 (a) is given twice"],
      ['{\n "a": 1,\n}', "a comment or a trailing comma"],
    ] as const) {
      await put(CLAUDE, text);
      const { code, err } = await run(["connect", "claude-code", "--yes"]);
      expect(code).toBe(1);
      expect(err).toContain(why);
      expect(await read(CLAUDE)).toBe(text);
      // What is JSON can be read all the same.
      const problem = (await listed())[0]?.problem;
      if (why.includes("no object")) expect(problem).toBeUndefined();
      else expect(problem).toContain(why);
    }
    await writeFile(join(home, CLAUDE), Buffer.from([0xff, 0xfe, 0x7b, 0, 0x7d, 0]));
    expect((await run(["connect", "claude-code", "--yes"])).err).toContain("is not in UTF-8");
  });

  it("do not touch a file that was broken or deleted since", async () => {
    await put(CLAUDE, SETTINGS);
    await done("connect", "claude-code", "--yes");
    await put(CLAUDE, '{ "env": ');
    expect((await run(["disconnect", "claude-code", "--yes"])).code).toBe(1);
    expect(await read(CLAUDE)).toBe('{ "env": ');
    await rm(join(home, CLAUDE));
    await done("disconnect", "claude-code", "--yes");
    expect(await isThere(CLAUDE)).toBe(false);
  });

  it.skipIf(process.platform === "win32")("follow links, and keep the mode", async () => {
    await put("dotfiles/claude.json", SETTINGS);
    await chmod(join(home, "dotfiles/claude.json"), 0o640);
    await mkdir(join(home, ".claude"));
    await symlink("../dotfiles/claude.json", join(home, CLAUDE));
    await done("connect", "claude-code", "--yes");
    expect((await lstat(join(home, CLAUDE))).isSymbolicLink()).toBe(true);
    expect(await read("dotfiles/claude.json")).toContain("ANTHROPIC_BASE_URL");
    expect((await stat(join(home, "dotfiles/claude.json"))).mode & 0o777).toBe(0o640);
    await done("disconnect", "claude-code", "--yes");
    expect(await read("dotfiles/claude.json")).toBe(SETTINGS);
    expect(await readdir(join(home, "dotfiles"))).toEqual(["claude.json"]);
  });

  it.skipIf(process.platform === "win32")("keep their records to the user alone", async () => {
    await done("connect", "claude-code", "--yes");
    expect((await stat(join(home, RECORDS))).mode & 0o777).toBe(0o700);
    expect((await stat(join(home, RECORDS, "claude-code.json"))).mode & 0o777).toBe(0o600);
  });

  it("lose nothing by a crash between any two steps", async () => {
    const record = `${RECORDS}/claude-code.json`;
    const keep = async () => [await read(record), await read(CLAUDE)] as const;
    await put(CLAUDE, SETTINGS);
    await done("connect", "claude-code", "--yes");
    const [one, oneText] = await keep();
    await done("connect", "claude-code", "--model", "m-2", "--yes");
    const [two, twoText] = await keep();
    const versions = [one, two].map((text) => JSON.parse(text).files[0].versions[0]);
    const both = JSON.parse(two);
    both.files[0].versions = versions;
    const states = [
      [one, SETTINGS],
      [one, oneText],
      [JSON.stringify(both), oneText],
      [JSON.stringify(both), twoText],
      [two, twoText],
      [two, SETTINGS],
    ] as const;
    for (const edit of ["", " "]) {
      for (const [records, text] of states) {
        await put(record, records);
        await put(CLAUDE, text + edit);
        expect(await done("disconnect", "claude-code", "--yes")).not.toContain("was changed since");
        expect(await read(CLAUDE)).toBe(SETTINGS + edit);
        // Connecting after the crash does not take ours for the person's.
        await put(record, records);
        await put(CLAUDE, text + edit);
        await done("connect", "claude-code", "--yes");
        await done("disconnect", "claude-code", "--yes");
        expect(await read(CLAUDE)).toBe(SETTINGS + edit);
      }
    }
  });

  it("work from several programs at once", async () => {
    await put(CLAUDE, SETTINGS);
    const programs = ["m-1", "m-2", "m-3"].map((model) =>
      start(["connect", "claude-code", "--model", model, "--yes"], env),
    );
    const codes = await Promise.all(programs.map(async ({ ended }) => (await ended).code));
    expect(codes).toContain(0);
    for (const [index, program] of programs.entries()) {
      if (codes[index] !== 0) expect(program.stderr()).toContain("Try again");
    }
    await done("disconnect", "claude-code", "--yes");
    expect(await read(CLAUDE)).toBe(SETTINGS);
  });

  it("put a credential back only beside its address", async () => {
    const text =
      '{\n  "env": { "ANTHROPIC_BASE_URL": "https://x.example", "ANTHROPIC_AUTH_TOKEN": "old-token" }\n}\n';
    await put(CLAUDE, text);
    await done("connect", "claude-code", "--yes");
    await put(CLAUDE, (await read(CLAUDE)).replace("http://127.0.0.1:8045", "https://y.example"));
    expect(await done("disconnect", "claude-code", "--yes")).toContain(
      "ANTHROPIC_AUTH_TOKEN is not put back",
    );
    expect(JSON.parse(await read(CLAUDE))).toEqual({ env: { ANTHROPIC_BASE_URL: "https://y.example" } });
  });

  it("write what keeps this computer off a proxy, only where one is set", async () => {
    await put(CLAUDE, '{"env":{"NO_PROXY":"corp.example"}}');
    const { code } = await run(["connect", "claude-code", "--yes"], { HTTP_PROXY: "http://127.0.0.1:1" });
    expect(code).toBe(0);
    const settings = JSON.parse(await read(CLAUDE));
    expect(settings.env.NO_PROXY).toBe("corp.example,127.0.0.1,localhost");
    expect(settings.env.no_proxy).toBe("127.0.0.1,localhost");
    await done("disconnect", "claude-code", "--yes");
    expect(await read(CLAUDE)).toBe('{"env":{"NO_PROXY":"corp.example"}}');
  });

  it("switch off what has Claude Code ask a cloud's own API instead, wherever that is switched on", async () => {
    const text = '{"env":{"CLAUDE_CODE_USE_BEDROCK":"1","CLAUDE_CODE_USE_FOUNDRY":"no"}}';
    await put(CLAUDE, text);
    const { code } = await run(["connect", "claude-code", "--yes"], { CLAUDE_CODE_USE_VERTEX: "true" });
    expect(code).toBe(0);
    expect(JSON.parse(await read(CLAUDE)).env).toMatchObject({
      CLAUDE_CODE_USE_BEDROCK: "0",
      CLAUDE_CODE_USE_VERTEX: "0",
      CLAUDE_CODE_USE_FOUNDRY: "no",
    });
    await done("disconnect", "claude-code", "--yes");
    expect(await read(CLAUDE)).toBe(text);
  });

  it("take Claude Code's list of our models away with the connection, and no other's", async () => {
    const cache = ".claude/cache/gateway-models.json";
    const list = (baseUrl: string) => JSON.stringify({ baseUrl, fetchedAt: 1, models: [{ id: "claude-x" }] });
    await put(CLAUDE, SETTINGS);
    for (const text of [list("https://team.example"), "{ broken", "[]"]) {
      await put(cache, text);
      await done("connect", "claude-code", "--yes");
      expect(await done("disconnect", "claude-code", "--yes")).not.toContain("gateway-models.json");
      expect(await read(cache)).toBe(text);
    }
    await done("connect", "claude-code", "--yes");
    await put(cache, list("http://127.0.0.1:8045"));
    const { out } = await run(["disconnect", "claude-code"]);
    expect(out).toContain(join(home, cache));
    expect(await isThere(cache)).toBe(true);
    // Also where somebody has pointed it elsewhere since.
    await put(CLAUDE, (await read(CLAUDE)).replace("http://127.0.0.1:8045", "https://team.example"));
    await done("disconnect", "claude-code", "--yes");
    expect(await isThere(cache)).toBe(false);
    expect(await isThere(CLAUDE)).toBe(true);
  });

  it("give Codex a file of its own for that, and take it away", async () => {
    const { code } = await run(["connect", "codex", "--yes"], { HTTPS_PROXY: "http://127.0.0.1:1" });
    expect(code).toBe(0);
    expect(await read(".codex/.env")).toBe("NO_PROXY=127.0.0.1,localhost\nno_proxy=127.0.0.1,localhost\n");
    // Where there is no proxy any more, it goes when Codex is connected again.
    await done("connect", "codex", "--yes");
    expect(await isThere(".codex/.env")).toBe(false);
    expect((await listed()).find(({ id }) => id === "codex")).toMatchObject({ connected: true });
    await done("disconnect", "codex", "--yes");
    expect(await isThere(".codex")).toBe(false);
  });

  it("send a real request where Portico runs, with the key where one is asked for", async () => {
    const config = join(home, "portico.json");
    await writeFile(config, JSON.stringify({ auth: { mode: "strict", apiKey: "sk-portico-of-the-test" } }));
    await using program = start(["serve", "--port", "0", "--config", config], env);
    const base = await program.ready();
    const said = await done("connect", "opencode", ...MODEL, "--yes");
    expect(said).toContain(`A request for sandbox/echo was answered by way of ${base}`);
    expect(said).not.toContain("sk-portico-of-the-test");
    expect(await read(".config/opencode/opencode.json")).toContain("sk-portico-of-the-test");
    expect(await done("clients")).toContain(`Portico, ${base}`);
    const failed = await run(["connect", "opencode", "--model", "nobody/has-it", "--yes"]);
    expect(failed.code).toBe(1);
    expect(failed.out).toContain("A request for nobody/has-it failed (503)");
  });

  it("name the models where one has to be chosen, and the clients where there is no such", async () => {
    expect((await run(["connect", "opencode", "--yes"])).err).toContain("has to be told a model");
    expect((await run(["connect", "nobody", "--yes"])).err).toContain("There are: claude-code");
    expect((await run(["disconnect", "opencode", "--yes"])).err).toContain("was not connected by Portico");
  });
});

describe("portico clients", () => {
  it("says what beats a client's settings", async () => {
    const project = join(home, "project");
    await mkdir(join(project, ".claude"), { recursive: true });
    await writeFile(
      join(project, ".claude/settings.json"),
      '{"env":{"ANTHROPIC_BASE_URL":"https://team.example"}}',
    );
    const cwd = vi.spyOn(process, "cwd").mockReturnValue(project);
    try {
      const states = await listed({ OPENCODE_CONFIG: "/x.json", HTTPS_PROXY: "http://proxy.example" });
      const beaten = (id: string) => states.find((each) => each.id === id)?.beatenBy.join(" ");
      expect(beaten("claude-code")).toContain(join(project, ".claude/settings.json"));
      expect(beaten("claude-code")).not.toContain("proxy");
      expect(beaten("opencode")).toContain("OPENCODE_CONFIG goes before");
      expect(beaten("opencode")).toContain("A proxy is set (HTTPS_PROXY)");
    } finally {
      cwd.mockRestore();
    }
  });

  it("says what beats OpenCode's and Kilo's: other files of their own, a project's up to its repository, a folder for them", async () => {
    const model = '{"model":"team/m"}';
    const project = join(home, "above", "project", "inner");
    await mkdir(join(home, "above", "project", ".git"), { recursive: true });
    await mkdir(project);
    const beating = {
      opencode: [
        "above/project/.opencode/opencode.jsonc",
        "above/project/inner/opencode.json",
        ".opencode/opencode.json",
      ],
      kilo: [
        "above/project/.kilo/kilo.json",
        "above/project/inner/kilo.jsonc",
        ".kilocode/kilo.json",
        ".config/kilo/opencode.json",
      ],
    };
    for (const file of Object.values(beating).flat()) await put(file, model);
    // Behind the repository, of the other, and without anything of ours.
    for (const file of ["above/opencode.json", "above/kilo.json", "above/project/.kilo/opencode.txt"])
      await put(file, model);
    await put("above/project/opencode.json", '{"theme":"dark"}');
    const cwd = vi.spyOn(process, "cwd").mockReturnValue(project);
    try {
      const states = await listed({ KILO_CONFIG_DIR: "/x" });
      const beaten = (id: string) => states.find((each) => each.id === id)?.beatenBy ?? [];
      const sentences = (files: readonly string[]) =>
        files.map((file) => `${join(home, file)} goes before its own settings.`).sort();
      expect([...beaten("opencode")].sort()).toEqual(sentences(beating.opencode));
      expect([...beaten("kilo")].sort()).toEqual(
        [
          ...sentences([...beating.kilo, "above/project/inner/opencode.json"]),
          "The environment variable KILO_CONFIG_DIR goes before its settings.",
        ].sort(),
      );
    } finally {
      cwd.mockRestore();
    }
  });

  it("says what an administrator has set for Qwen Code and Gemini CLI, and finds Qwen Code's own folder", async () => {
    await put("system.json", '{"security":{"auth":{"selectedType":"oauth-personal"}}}');
    const system = join(home, "system.json");
    const more = {
      QWEN_CODE_SYSTEM_SETTINGS_PATH: system,
      GEMINI_CLI_SYSTEM_SETTINGS_PATH: system,
      QWEN_HOME: join(home, "qwen"),
    };
    const states = await listed(more);
    for (const id of ["qwen-code", "gemini-cli"]) {
      const state = states.find((each) => each.id === id);
      expect(state?.beatenBy, id).toContain(`${system} goes before its own settings.`);
    }
    const { code } = await run(["connect", "qwen-code", ...MODEL, "--yes"], more);
    expect(code).toBe(0);
    expect(await read("qwen/settings.json")).toContain("portico");
    expect((await run(["disconnect", "qwen-code", "--yes"], more)).code).toBe(0);
    expect(await isThere("qwen")).toBe(false);
  });

  it.skipIf(process.platform === "win32")("finds programs and their versions", async () => {
    const bin = join(home, "bin");
    await put("lib/package.json", '{"version":"1.2.3"}');
    await put("lib/bin/claude", "#!/bin/sh\n");
    await put("bin/opencode", "#!/bin/sh\necho opencode 4.5.6\n");
    await chmod(join(home, "lib/bin/claude"), 0o755);
    await chmod(join(bin, "opencode"), 0o755);
    await symlink("../lib/bin/claude", join(bin, "claude"));
    const states = await listed({ PATH: bin });
    const of = (id: string) => states.find((each) => each.id === id);
    expect(of("claude-code")).toMatchObject({ found: true, version: "1.2.3", program: join(bin, "claude") });
    expect(of("opencode")).toMatchObject({ found: true, version: "4.5.6" });
    expect(of("kilo")).toMatchObject({ found: false });
  });
});

async function listed(more: NodeJS.ProcessEnv = {}): Promise<ClientState[]> {
  const { code, out } = await run(["clients", "--json"], more);
  expect(code).toBe(0);
  return JSON.parse(out);
}
