/** Real clients that are pointed at the gateway by the commands that people use, without a variable set. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { start } from "../integration/cli/program.ts";
import { makeFolder, removeFolder } from "../support/folder.ts";
import type { Agent } from "./agents/agent.ts";
import { claudeCode } from "./agents/claudeCode.ts";
import { clineCli } from "./agents/clineCli.ts";
import { codex } from "./agents/codex.ts";
import { continueCli } from "./agents/continueCli.ts";
import { geminiCli } from "./agents/geminiCli.ts";
import { openCode } from "./agents/openCode.ts";
import { startGateway } from "./gateway.ts";
import { INSTALLED, isMissing, title } from "./installed.ts";
import { environment, runClient } from "./program.ts";
import { answer, fileText, newWord, PROMPTS } from "./task.ts";
import { PROVIDER_KEY, startProvider } from "./upstream.ts";
import { WIRES } from "./wires/index.ts";

const BUNDLE = resolve(import.meta.dirname, "../../dist/cli.js");

interface Case {
  readonly agent: Agent;
  readonly client: string;
  readonly model: string;
  /** Its settings, and what a person has in them. */
  readonly file: string;
  readonly text: string;
  readonly arguments: (prompt: string) => readonly string[];
  /** Keeps it from asking for other things. */
  readonly quiet?: Readonly<Record<string, string>>;
  /** Its settings cannot keep it off a proxy. */
  readonly needsNoProxy?: true;
  /** It writes its settings anew at each run, and its hub keeps those of one run for the next. */
  readonly writesAnew?: true;
}

const CLINE = `${JSON.stringify(
  {
    version: 1,
    lastUsedProvider: "ollama",
    modes: {},
    providers: {
      ollama: {
        settings: { provider: "ollama", model: "llama" },
        updatedAt: "2026-01-01T00:00:00.000Z",
        tokenSource: "manual",
      },
    },
  },
  undefined,
  2,
)}\n`;

const CASES: readonly Case[] = [
  {
    agent: claudeCode,
    client: "claude-code",
    model: "claude-opus-4-8",
    file: ".claude/settings.json",
    text: '{"cleanupPeriodDays": 20, "env": { "DISABLE_TELEMETRY": "1" }}',
    arguments: (prompt) => ["-p", prompt, "--output-format", "json", "--allowedTools", "Read"],
    quiet: { DISABLE_AUTOUPDATER: "1", CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" },
  },
  {
    agent: codex,
    client: "codex",
    model: "gpt-5.5",
    file: ".codex/config.toml",
    text: '# mine\nmodel = "other" # why\nmodel_provider = "openai"\napproval_policy = "never"\nsandbox_mode = "danger-full-access"\ncheck_for_update_on_startup = false\n\n[analytics]\nenabled = false',
    arguments: (prompt) => ["exec", "--skip-git-repo-check", "--color", "never", prompt],
  },
  {
    agent: geminiCli,
    client: "gemini-cli",
    model: "gemini-2.5-pro",
    file: ".gemini/settings.json",
    text: '{\n  // no news\n  "privacy": { "usageStatisticsEnabled": false },\n  "general": { "enableAutoUpdate": false }\n}\n',
    arguments: (prompt) => ["-p", prompt, "--yolo", "--skip-trust", "--output-format", "json"],
  },
  {
    agent: openCode,
    client: "opencode",
    model: "gpt-5",
    file: ".config/opencode/opencode.jsonc",
    // What it would add itself is there.
    text: '{\n  "$schema": "https://opencode.ai/config.json",\n  "autoupdate": false, // never\n  "share": "disabled",\n  "small_model": "portico/gpt-5",\n}\n',
    arguments: (prompt) => ["run", prompt],
    quiet: {
      OPENCODE_DISABLE_AUTOUPDATE: "1",
      OPENCODE_DISABLE_MODELS_FETCH: "1",
      OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
    },
    needsNoProxy: true,
  },
  {
    agent: continueCli,
    client: "continue",
    model: "gpt-5",
    file: ".continue/config.yaml",
    text: "# mine\nname: My own\nversion: 0.0.1\nmodels:\n  # elsewhere\n  - name: other\n    provider: ollama\n    model: llama\n",
    arguments: (prompt) => ["-p", prompt, "--auto"],
    quiet: { CONTINUE_TELEMETRY_ENABLED: "0" },
  },
  {
    agent: clineCli,
    client: "cline",
    model: "gpt-5",
    file: ".cline/data/settings/providers.json",
    // As it writes it itself, but for the time.
    text: CLINE,
    arguments: (prompt) => [prompt],
    needsNoProxy: true,
    writesAnew: true,
  },
];

/** Nobody answers there. */
const PROXY = { HTTP_PROXY: "http://127.0.0.1:1", HTTPS_PROXY: "http://127.0.0.1:1" };

interface Scene {
  readonly home: string;
  readonly project: string;
  readonly word: string;
  readonly prompt: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The gateway's data folder. */
  readonly data: string;
  portico(...args: string[]): Promise<{ code: number | null; out: string; err: string }>;
  /** How the client is started, without arguments. */
  readonly program: readonly [string, ...string[]];
  log(): string;
}

async function scene(
  { agent, model, quiet = {} }: Case,
  env: Readonly<Record<string, string>>,
  play: (scene: Scene) => Promise<void>,
) {
  const folder = makeFolder("connect");
  try {
    const home = join(folder, "home");
    const project = join(folder, "project");
    await mkdir(join(home, "tmp"), { recursive: true });
    await mkdir(project);
    const secret = join(project, "secret.txt");
    const word = newWord();
    await writeFile(secret, fileText(word));
    const wire = WIRES[agent.protocol];
    await using provider = await startProvider({
      agent,
      wire,
      task: { kind: "read", file: secret },
      strict: false,
    });
    await using gateway = await startGateway(folder, {
      auth: { mode: "strict", apiKey: "gateway-key-SEEDED" },
      accounts: [
        {
          id: "up",
          provider: "custom",
          endpoints: { [agent.protocol]: provider.url },
          credentials: { apiKey: PROVIDER_KEY },
          models: [model, "*"],
        },
      ],
    });
    const all = { ...environment(home), NO_PROXY: undefined, no_proxy: undefined, ...quiet, ...env };
    const data = join(folder, "gateway", "data");
    const script = join(INSTALLED, "node_modules", ...agent.program);
    const program: [string, ...string[]] = /\.js$/.test(script) ? [process.execPath, script] : [script];
    await play({
      home,
      project,
      data,
      word,
      prompt: PROMPTS.read,
      env: all,
      program,
      log: () => `${gateway.log().slice(-3000)}\n${provider.problems.join("\n")}`,
      async portico(...args) {
        const child = start([...args, "--data-dir", data], all, BUNDLE);
        const { code } = await child.ended;
        return { code, out: child.stdout(), err: child.stderr() };
      },
    });
  } finally {
    await removeFolder(folder);
  }
}

describe("connected by its settings", () => {
  for (const each of CASES) {
    const { agent, client, model, file, text } = each;
    for (const proxy of each.needsNoProxy ? [{}] : [{}, PROXY]) {
      const where = "HTTP_PROXY" in proxy ? "with a proxy set" : "without a proxy";
      it.skipIf(isMissing(agent))(`works and is put back ${where}: ${title(agent)}`, async () => {
        await scene(each, proxy, async ({ home, project, word, prompt, env, program, portico, log }) => {
          const path = join(home, file);
          await mkdir(dirname(path), { recursive: true });
          await writeFile(path, text);
          const connected = await portico("connect", client, "--model", model, "--yes");
          expect(connected.out + connected.err).toContain("is connected");
          await writeFile(path, `${await readFile(path, "utf8")}\n`);
          const [command, ...first] = program;
          const ended = await runClient(
            { program: command, args: [...first, ...each.arguments(prompt)], env },
            home,
            project,
          );
          const story = `${ended.stdout.slice(-3000)}\n${ended.stderr.slice(-3000)}\n${log()}`;
          expect(ended, story).toMatchObject({ code: 0, timedOut: false });
          expect(agent.answer(ended.stdout), story).toContain(answer("read", word));
          const child = start(["disconnect", client, "--yes"], env, BUNDLE);
          expect((await child.ended).code, child.stderr()).toBe(0);
          const after = await readFile(path, "utf8");
          if (each.writesAnew) expect(JSON.parse(after)).toEqual(JSON.parse(text));
          else expect(after).toBe(`${text}\n`);
        });
      });
    }
  }
});

describe("discovery", () => {
  const each = CASES[0] as Case;
  const file = (home: string) => join(home, ".claude", "cache", "gateway-models.json");
  const quiet = { DISABLE_AUTOUPDATER: "1", DISABLE_TELEMETRY: "1", DISABLE_ERROR_REPORTING: "1" };
  it.skipIf(isMissing(claudeCode))(
    `finds the models that are offered, and uses one: ${title(claudeCode)}`,
    async () => {
      await scene(
        { ...each, quiet },
        {},
        async ({ home, project, word, prompt, env, program, portico, log }) => {
          const offered = "claude-portico-quick";
          const connected = await portico("connect", each.client, "--offer", "quick", "--yes");
          expect(connected.out).toContain(`Route ${offered} → quick`);
          const [command, ...first] = program;
          const args = [...first, ...each.arguments(prompt), "--model", offered];
          const ended = await runClient({ program: command, args, env }, home, project);
          const story = `${ended.stdout.slice(-3000)}\n${ended.stderr.slice(-3000)}\n${log()}`;
          expect(ended, story).toMatchObject({ code: 0, timedOut: false });
          expect(claudeCode.answer(ended.stdout), story).toContain(answer("read", word));
          const models = await readFile(file(home), "utf8");
          expect(JSON.parse(models)).toMatchObject({
            models: expect.arrayContaining([expect.objectContaining({ id: offered })]),
          });
          const back = await portico("connect", each.client, "--offer", "", "--yes");
          expect(back.out).toContain(`- Route ${offered} → quick`);
        },
      );
    },
  );
});

describe("run once", () => {
  for (const each of CASES) {
    const { agent, client, model } = each;
    if (each.writesAnew) continue;
    it.skipIf(isMissing(agent))(
      `works behind a proxy, with the home left alone: ${title(agent)}`,
      async () => {
        await scene(each, PROXY, async ({ home, project, word, prompt, env, program, data, log }) => {
          const bin = join(home, "bin");
          await mkdir(bin);
          const [command, ...first] = program;
          const name =
            { "claude-code": "claude", codex: "codex", "gemini-cli": "gemini", continue: "cn" }[client] ??
            client;
          const quoted = [command, ...first].map((word) => `'${word}'`).join(" ");
          await writeFile(join(bin, name), `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o755 });
          const own = each.arguments(prompt);
          const args = [BUNDLE, "run", "--data-dir", data, "--model", model, client, ...own];
          const path = [bin, env.PATH ?? ""].join(delimiter);
          const ended = await runClient(
            { program: process.execPath, args, env: { ...env, PATH: path } },
            home,
            project,
          );
          const story = `${ended.stdout.slice(-3000)}\n${ended.stderr.slice(-3000)}\n${log()}`;
          expect(ended, story).toMatchObject({ code: 0, timedOut: false });
          expect(agent.answer(ended.stdout), story).toContain(answer("read", word));
          // What it writes itself is its own; nothing of ours is in its settings.
          const settings = await readFile(join(home, each.file), "utf8").catch(() => "");
          expect(settings).not.toMatch(/portico|127\.0\.0\.1/);
        });
      },
    );
  }
});
