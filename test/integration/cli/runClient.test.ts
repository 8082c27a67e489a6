/** `portico run`: tools of the test, which tell how they were started and ask what they were pointed at. */
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { start } from "./program.ts";

vi.setConfig({ testTimeout: 240_000 });

const KEY = "sk-portico-of-the-run";

/** Tells its arguments, variables and private files, asks for an answer, and ends as it is told. */
const TOOL = `#!${process.execPath}
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
const args = process.argv.slice(2);
const file = args[args.indexOf("--settings") + 1] ?? "";
const folder = process.env.PI_CODING_AGENT_DIR ?? (process.env.GEMINI_CLI_HOME ? process.env.GEMINI_CLI_HOME + "/.gemini" : args.includes("--settings") ? dirname(file) : "");
const isThere = folder !== "" && folder !== ".";
const files = isThere ? Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(folder + "/" + name, "utf8")])) : {};
const mode = isThere ? (statSync(folder).mode & 0o777).toString(8) : "";
if (args.includes("wait")) {
  process.on("SIGTERM", () => process.exit(7));
  console.log("waiting");
  setInterval(() => {}, 1000);
} else if (args.includes("die")) process.kill(process.pid, "SIGKILL");
else {
  const { env } = process;
  const content = JSON.parse(env.OPENCODE_CONFIG_CONTENT ?? env.KILO_CONFIG_CONTENT ?? "{}");
  const url = (/base_url=(\\S+)/.exec(args.join(" "))?.[1] ?? content.provider?.portico.options.baseURL ?? env.ANTHROPIC_BASE_URL ??
    env.GOOGLE_GEMINI_BASE_URL ?? env.OPENAI_BASE_URL ?? env.COPILOT_PROVIDER_BASE_URL ?? JSON.parse(files["models.json"] ?? "{}").providers?.portico.baseUrl).replace(/\\/v1$/, "");
  const key = content.provider?.portico.options.apiKey ?? env.ANTHROPIC_AUTH_TOKEN ?? env.PORTICO_API_KEY ?? env.GEMINI_API_KEY ?? env.OPENAI_API_KEY ??
    env.COPILOT_PROVIDER_API_KEY ?? JSON.parse(files["models.json"] ?? "{}").providers?.portico.apiKey;
  const reply = await fetch(url + "/v1/chat/completions", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer " + key },
    body: JSON.stringify({ model: "sandbox/echo", messages: [{ role: "user", content: "Hello" }] }),
  });
  console.log(JSON.stringify({ args, env, files, folder, mode, url, key, status: reply.status }));
  process.exitCode = args.includes("fail") ? 3 : 0;
}
`;

interface Told {
  readonly args: string[];
  readonly env: Record<string, string>;
  readonly files: Record<string, string>;
  readonly folder: string;
  readonly mode: string;
  readonly url: string;
  readonly key: string;
  readonly status: number;
}

let folder = "";
let env: NodeJS.ProcessEnv = {};
beforeEach(async () => {
  folder = makeFolder("run");
  await mkdir(join(folder, "home"));
  await mkdir(join(folder, "bin"));
  for (const name of ["claude", "codex", "gemini", "opencode", "kilo", "pi", "qwen", "copilot"]) {
    await writeFile(join(folder, "bin", name), TOOL);
    await chmod(join(folder, "bin", name), 0o755);
  }
  await writeFile(join(folder, "bin", "package.json"), '{"type":"module","version":"1.0.0"}');
  env = {
    HOME: join(folder, "home"),
    PATH: join(folder, "bin"),
    XDG_CONFIG_HOME: join(folder, "home", ".config"),
    XDG_RUNTIME_DIR: join(folder, "run"),
    PORTICO_DATA_DIR: join(folder, "data"),
    ANTHROPIC_API_KEY: undefined,
  };
});
afterEach(() => removeFolder(folder));

async function run(args: readonly string[], more: NodeJS.ProcessEnv = {}) {
  await using program = start(["run", ...args], { ...env, ...more });
  const { code } = await program.ended;
  return { code, out: program.stdout(), err: program.stderr() };
}

async function told(args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Told> {
  const { code, out, err } = await run(args, more);
  expect({ code, err }, out).toEqual({ code: 0, err: "" });
  return JSON.parse(out);
}

const CLIENTS = ["claude-code", "codex", "gemini-cli", "opencode", "kilo", "pi", "qwen-code", "copilot"];
const MODEL = ["--model", "sandbox/echo"];

describe.skipIf(process.platform === "win32")("portico run", () => {
  for (const client of CLIENTS) {
    it(`points ${client} at a gateway of its own, which is gone afterwards, and touches no file`, async () => {
      const {
        args,
        status,
        key,
        url,
        files,
        folder: own,
        mode,
        env: given,
      } = await told([...MODEL, client, "--flag", "a b"]);
      expect(status).toBe(200);
      expect(key).toBe("portico");
      expect(args.slice(-2)).toEqual(["--flag", "a b"]);
      expect(given.NO_PROXY).toBe("127.0.0.1,localhost");
      if (Object.keys(files).length > 0) {
        expect(mode).toBe("700");
        expect(existsSync(own)).toBe(false);
      }
      expect(await readdir(join(folder, "home"))).toEqual([]);
      await expect(fetch(url)).rejects.toThrow();
    });
  }

  it("uses the gateway that runs, with its key, which is never among the arguments", async () => {
    const config = join(folder, "portico.json");
    await writeFile(config, JSON.stringify({ auth: { mode: "strict", apiKey: KEY } }));
    await using gateway = start(["serve", "--port", "0", "--config", config], env);
    const base = await gateway.ready();
    for (const client of CLIENTS) {
      const { args, url, key, status } = await told([...MODEL, client]);
      expect({ url, key, status }).toEqual({ url: base, key: KEY, status: 200 });
      expect(args.join(" ")).not.toContain(KEY);
    }
  });

  it("keeps what is there: hosts off the proxy, what was given to OpenCode, settings of Gemini CLI", async () => {
    const content = '{ "share": "disabled", "provider": { "x": {} } } // mine';
    const more = { HTTP_PROXY: "http://127.0.0.1:1", NO_PROXY: "a.example", no_proxy: "b.example" };
    const code = await told([...MODEL, "opencode"], { ...more, OPENCODE_CONFIG_CONTENT: content });
    expect(code.env.no_proxy).toBe("a.example,b.example,127.0.0.1,localhost");
    expect(JSON.parse(code.env.OPENCODE_CONFIG_CONTENT ?? "")).toMatchObject({
      share: "disabled",
      provider: { x: {}, portico: { models: { "sandbox/echo": {} } } },
      model: "portico/sandbox/echo",
    });
    await mkdir(join(folder, "home", ".gemini"));
    const settings =
      '{ // mine\n "tools": { "sandbox": true }, "security": { "auth": { "useExternal": false } } }';
    await writeFile(join(folder, "home", ".gemini", "settings.json"), settings);
    await writeFile(join(folder, "home", ".gemini", "GEMINI.md"), "Be brief.");
    const { files } = await told(["gemini"]);
    expect(Object.keys(files).sort()).toEqual(["GEMINI.md", "settings.json"]);
    expect(JSON.parse(files["settings.json"] ?? "")).toEqual({
      tools: { sandbox: true },
      security: { auth: { useExternal: false, selectedType: "gemini-api-key" } },
    });
    expect(await readFile(join(folder, "home", ".gemini", "settings.json"), "utf8")).toBe(settings);
  });

  it("goes before what is set for another provider", async () => {
    const claude = await told(["claude"], {
      ANTHROPIC_API_KEY: "sk-their-own",
      CLAUDE_CODE_USE_BEDROCK: "1",
    });
    expect(claude.env).not.toHaveProperty("ANTHROPIC_API_KEY");
    expect(claude.env).not.toHaveProperty("CLAUDE_CODE_USE_BEDROCK");
    // Its own settings may say so as well.
    expect(JSON.parse(claude.files["settings.json"] ?? "").env).toMatchObject({
      CLAUDE_CODE_USE_BEDROCK: "0",
      CLAUDE_CODE_USE_VERTEX: "0",
    });
    const copilot = await told([...MODEL, "copilot"], {
      COPILOT_PROVIDER_TYPE: "azure",
      COPILOT_PROVIDER_BEARER_TOKEN: "their-own",
      COPILOT_PROVIDER_API_KEY_COMMAND: "cat their-own",
      COPILOT_PROVIDER_HEADERS: "x-key: their-own",
      COPILOT_PROVIDER_WIRE_MODEL: "other",
      COPILOT_PROVIDER_MAX_PROMPT_TOKENS: "1000",
    });
    const left = Object.keys(copilot.env).filter((name) => name.startsWith("COPILOT_PROVIDER_"));
    expect(left.sort()).toEqual([
      "COPILOT_PROVIDER_API_KEY",
      "COPILOT_PROVIDER_BASE_URL",
      "COPILOT_PROVIDER_MAX_PROMPT_TOKENS",
    ]);
  });

  it("ends as the tool does", async () => {
    expect((await run(["claude", "fail"])).code).toBe(3);
    expect((await run(["claude", "die"])).code).toBe(137);
    await using program = start(["run", "claude", "wait"], env);
    while (!program.stdout().includes("waiting")) await new Promise((resolve) => setTimeout(resolve, 20));
    program.kill("SIGTERM");
    expect((await program.ended).code).toBe(7);
  });

  it("says how to get a tool that is not there, what needs a model, and what there is", async () => {
    expect(await run(["codex"], { PATH: "/nowhere" })).toMatchObject({
      code: 1,
      err: expect.stringContaining("npm install -g @openai/codex"),
    });
    expect(await run(["copilot"])).toMatchObject({
      code: 2,
      err: expect.stringContaining("--model NAME copilot"),
    });
    expect(await run(["nobody"])).toMatchObject({
      code: 1,
      err: expect.stringContaining("There are: claude-code"),
    });
  });

  it("takes no settings along that it cannot read: what is forbidden there would be allowed", async () => {
    const settings = join(folder, "home", ".gemini", "settings.json");
    await mkdir(join(folder, "home", ".gemini"));
    await writeFile(settings, '{ "tools": { "exclude": ["run_shell_command"] }, }');
    for (const [args, more, name] of [
      [[...MODEL, "gemini-cli"], {}, settings],
      [[...MODEL, "opencode"], { OPENCODE_CONFIG_CONTENT: "{ broken" }, "OPENCODE_CONFIG_CONTENT"],
    ] as const) {
      const { code, err, out } = await run(args, more);
      expect({ code, out }, err).toEqual({ code: 1, out: "" });
      expect(err).toContain(`${name} cannot be taken along: line 1 `);
    }
  });
});
