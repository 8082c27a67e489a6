/** Real clients that are pointed at the gateway by the commands that people use, without a variable set. */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { start } from "../integration/cli/program.ts";
import { makeFolder, removeFolder } from "../support/folder.ts";
import { leaksInFolder } from "../support/secrets.ts";
import { claudeCode } from "./agents/claudeCode.ts";
import { CASES, type Case, NOBODY } from "./cases.ts";
import { startGateway } from "./gateway.ts";
import { INSTALLED, isMissing, title } from "./installed.ts";
import { endLeftovers, environment, runClient } from "./program.ts";
import { answer, fileText, newWord, PROMPTS } from "./task.ts";
import { PROVIDER_KEY, startProvider } from "./upstream.ts";
import { WIRES } from "./wires/index.ts";

const BUNDLE = resolve(import.meta.dirname, "../../dist/cli.js");

const PROXY = { HTTP_PROXY: NOBODY, HTTPS_PROXY: NOBODY };
/** The gateway's. */
const KEY = "sk-portico-of-the-gateway";

/** Files below a folder that hold the gateway's key. */
const holdingKey = (folder: string) =>
  leaksInFolder(folder, [], (place, text) => (text.includes(KEY) ? [place] : []));

const statistics = z.object({ groups: z.array(z.object({ label: z.string() })) });

/** The clients that the gateway has recorded requests of. */
async function clientsIn(portico: Scene["portico"]): Promise<string[]> {
  const { out, err } = await portico("stats", "--by", "client", "--json");
  return statistics.parse(JSON.parse(out || err)).groups.map(({ label }) => label);
}

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
      auth: { mode: "strict", apiKey: KEY },
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
    await endLeftovers(folder);
    await removeFolder(folder);
  }
}

describe("connected by its settings", () => {
  for (const each of CASES) {
    const { agent, client, model, file, text, hand, made = [] } = each;
    if (each.runsOnly) continue;
    for (const proxy of [{}, PROXY]) {
      const where = "HTTP_PROXY" in proxy ? "with a proxy set" : "without a proxy";
      it.skipIf(isMissing(agent))(`works and is put back ${where}: ${title(agent)}`, async () => {
        await scene(each, proxy, async ({ home, project, word, prompt, env, program, portico, log }) => {
          const path = join(home, file);
          await mkdir(dirname(path), { recursive: true });
          await writeFile(path, text);
          const connected = await portico("connect", client, "--model", model, "--yes");
          expect(connected.out + connected.err).toContain("is connected");
          const byVariable = "HTTP_PROXY" in proxy && each.needsNoProxy === true;
          expect(connected.out.includes("set NO_PROXY"), connected.out).toBe(byVariable);
          const written = await readFile(path, "utf8");
          expect(written).toContain(hand[0]);
          await writeFile(path, `${written.replace(...hand)}\n`);
          const [command, ...first] = program;
          const args = [...first, ...each.arguments(prompt)];
          const exempt = byVariable ? { NO_PROXY: "127.0.0.1" } : {};
          const ended = await runClient(
            { program: command, args, env: { ...env, ...exempt } },
            home,
            project,
          );
          const story = `${ended.stdout.slice(-3000)}\n${ended.stderr.slice(-3000)}\n${log()}`;
          expect(ended, story).toMatchObject({ code: 0, timedOut: false });
          expect(agent.answer(ended.stdout), story).toContain(answer("read", word));
          expect(await clientsIn(portico)).toContain(each.shown ?? agent.name);
          const child = start(["disconnect", client, "--yes"], env, BUNDLE);
          expect((await child.ended).code, child.stderr()).toBe(0);
          const after = await readFile(path, "utf8");
          const own = text.replace(...hand);
          if (each.writesAnew) expect(JSON.parse(after)).toEqual(JSON.parse(own));
          else expect(after).toBe(`${own}\n`);
          for (const other of made) expect(existsSync(join(home, other)), other).toBe(false);
          expect(await holdingKey(home)).toEqual([]);
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
          const child = start(["disconnect", each.client, "--yes"], env, BUNDLE);
          expect((await child.ended).code, child.stderr()).toBe(0);
          expect(child.stdout()).toContain(file(home));
          expect(existsSync(file(home))).toBe(false);
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
      `works behind a proxy, whatever else is set, with the home left alone: ${title(agent)}`,
      async () => {
        await scene(each, { ...PROXY, ...each.stray }, async (set) => {
          const { home, project, word, prompt, env, program, data, portico, log } = set;
          const path = join(home, each.file);
          await mkdir(dirname(path), { recursive: true });
          await writeFile(path, each.text);
          const bin = join(home, "bin");
          await mkdir(bin);
          const [command, ...first] = program;
          const name = each.command ?? client;
          const quoted = [command, ...first].map((word) => `'${word}'`).join(" ");
          await writeFile(join(bin, name), `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o755 });
          const own = each.arguments(prompt);
          const args = [BUNDLE, "run", "--data-dir", data, "--model", model, client, ...own];
          const ended = await runClient(
            {
              program: process.execPath,
              args,
              env: { ...env, PATH: [bin, env.PATH ?? ""].join(delimiter) },
            },
            home,
            project,
          );
          const story = `${ended.stdout.slice(-3000)}\n${ended.stderr.slice(-3000)}\n${log()}`;
          expect(ended, story).toMatchObject({ code: 0, timedOut: false });
          expect(agent.answer(ended.stdout), story).toContain(answer("read", word));
          expect(await clientsIn(portico)).toContain(each.shown ?? agent.name);
          expect(await readFile(path, "utf8")).toBe(each.text);
          // Nor does it keep the gateway's key anywhere else.
          expect(await holdingKey(home)).toEqual([]);
        });
      },
    );
  }
});
