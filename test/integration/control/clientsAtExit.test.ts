/** The setting `clients.restoreAtExit`: connected clients have their own settings while no Portico of theirs is there. */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Method, Params, Result } from "../../../src/control/contract.ts";
import { tryLead } from "../../../src/gateway/common/leaderLock.ts";
import type { LeaderOptions } from "../../../src/gateway/leader/options.ts";
import { homeEnvironment } from "../../support/clientHome.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { openLead, type TestLead } from "../../support/lead.ts";
import { freePort } from "../../support/port.ts";
import { CLIENT_FILES } from "../cli/clientFiles.ts";
import { start } from "../cli/program.ts";
import { openWindow, type TestWindow } from "./windows.ts";

/** Several editors' worth of threads share the cores. */
vi.setConfig({ testTimeout: 240_000 });

const BEFORE = '{\n  "model": "opus",\n  "env": {"ANTHROPIC_API_KEY": "sk-ant-mine-0123456789"}\n}\n';

let home = "";
let port = 0;
let env: NodeJS.ProcessEnv = {};
beforeEach(async () => {
  home = makeFolder("at-exit");
  port = await freePort();
  env = homeEnvironment(home);
  await put(".claude/settings.json", BEFORE);
});
afterEach(() => removeFolder(home));

const read = (file: string) => readFile(join(home, file), "utf8");
const claude = () => read(".claude/settings.json");
async function put(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(home, file)), { recursive: true });
  await writeFile(join(home, file), text);
}

interface Caller {
  call<M extends Method>(method: M, params: Params<M>): Promise<Result<M>>;
}

async function change(by: Caller, id: string, to: "connect" | "disconnect", model?: string): Promise<void> {
  const wish = to === "connect" && model !== undefined ? { id, to, model } : ({ id, to } as const);
  const { seen } = await by.call("clients.preview", wish);
  await by.call("clients.apply", { wish, seen });
}

describe("a leader", () => {
  let portico: TestLead;
  afterEach(() => portico.close());

  async function open(options: Partial<LeaderOptions> = {}): Promise<void> {
    portico = await openLead({
      kind: "headless",
      restoresClients: true,
      window: settings(true),
      surroundings: { env, platform: process.platform, home },
      ...options,
    });
    await portico.lead.call("proxy.start", undefined);
  }

  const settings = (restoreAtExit: boolean, at = port) => ({ port: at, clients: { restoreAtExit } });
  /** For good. */
  const end = () => portico.lead.close(0, () => {});
  const suspended = () => portico.folder.suspended;

  /** Leads anew, with its proxy. */
  async function again(options: Partial<LeaderOptions> = {}): Promise<void> {
    await portico.again(options);
    await portico.lead.call("proxy.start", undefined);
    // What is to be connected again is by then.
    await expect.poll(() => existsSync(suspended())).toBe(false);
  }

  it("puts clients back byte for byte at its end, and connects them again when its proxy runs", async () => {
    await open();
    await change(portico.lead, "claude-code", "connect");
    const connected = await claude();
    await end();
    expect(await claude()).toBe(BEFORE);
    expect(portico.lines.join("\n")).toContain("Claude Code has its own settings until Portico runs again");

    await portico.again();
    expect(await claude()).toBe(BEFORE);
    await again();
    expect(await claude()).toBe(connected);
    expect(portico.lines.join("\n")).toContain("connected again: Claude Code");
    expect(portico.lines.join("\n")).not.toContain("refused until now");
    await expect.poll(() => portico.lead.status().connected).toEqual(["Claude Code"]);
    await change(portico.lead, "claude-code", "disconnect");
    expect(await claude()).toBe(BEFORE);
    await end();
    expect(existsSync(suspended())).toBe(false);
  });

  for (const { client, files, arguments: [, model] = [] } of CLIENT_FILES) {
    it(`does so with ${client}, and what was changed by hand stays`, async () => {
      for (const [file, text] of Object.entries(files)) await put(file, text);
      await open();
      await change(portico.lead, client, "connect", model);
      await end();
      for (const [file, text] of Object.entries(files)) expect(await read(file), file).toBe(text);
      await again();
      const state = (await portico.lead.call("clients.list", undefined)).find(({ id }) => id === client);
      expect(state).toMatchObject({ connected: true, baseUrl: `http://127.0.0.1:${port}` });
      const edit = (file: string, text: string) => (file.endsWith(".env") ? `# mine\n${text}` : `${text}\n`);
      for (const file of Object.keys(files)) await put(file, edit(file, await read(file)));
      await end();
      for (const [file, text] of Object.entries(files)) expect(await read(file), file).toBe(edit(file, text));
      await again();
      await change(portico.lead, client, "disconnect");
      for (const [file, text] of Object.entries(files)) expect(await read(file), file).toBe(edit(file, text));
    });
  }

  it("keeps no key of what it connects again, and takes the address and key of then", async () => {
    await open({ window: { ...settings(true), auth: { mode: "strict" } } });
    await change(portico.lead, "claude-code", "connect", "sandbox/echo");
    const { apiKey } = await portico.lead.call("auth.key", undefined);
    expect(await claude()).toContain(apiKey);
    await end();
    const kept = await readFile(suspended(), "utf8");
    expect(kept).not.toContain(apiKey);
    expect(kept).not.toContain("sk-ant-mine");
    expect(kept).toContain("sandbox/echo");
    const other = await freePort();
    await portico.again({ window: { ...settings(true, other), auth: { mode: "strict" } } });
    const { apiKey: next } = await portico.lead.call("auth.rotate", undefined);
    await portico.lead.call("proxy.start", undefined);
    await expect.poll(claude).toContain(next);
    expect(JSON.parse(await claude()).env).toMatchObject({
      ANTHROPIC_BASE_URL: `http://127.0.0.1:${other}`,
      ANTHROPIC_AUTH_TOKEN: next,
      ANTHROPIC_MODEL: "sandbox/echo",
    });
  });

  it.each<[string, Partial<LeaderOptions>]>([
    ["the setting is off", { window: {} }],
    ["it leads for one command", { restoresClients: false }],
  ])("changes nothing where %s", async (_name, options) => {
    await open({ ...options, window: options.window === undefined ? settings(true) : settings(false) });
    await change(portico.lead, "claude-code", "connect");
    const connected = await claude();
    await end();
    expect(await claude()).toBe(connected);
    expect(existsSync(suspended())).toBe(false);
  });

  it("changes nothing where its data folder is deleted next, or somebody leads already", async () => {
    await open();
    await change(portico.lead, "claude-code", "connect");
    const connected = await claude();
    await portico.lead.close(0);
    expect(await claude()).toBe(connected);
    await again();
    let next: ReturnType<typeof tryLead>;
    await portico.lead.close(0, () => {
      next = tryLead(portico.folder.leader);
    });
    next?.release();
    expect(await claude()).toBe(connected);
  });

  it("puts back those alone that lead to it, whether its proxy runs or not", async () => {
    await put(".codex/config.toml", 'model = "gpt-5"\n');
    await open();
    await change(portico.lead, "claude-code", "connect");
    await change(portico.lead, "codex", "connect");
    const elsewhere = (await claude()).replaceAll(/http:[^"]+/g, "http://127.0.0.1:1");
    await put(".claude/settings.json", elsewhere);
    await portico.lead.call("proxy.stop", undefined);
    await end();
    expect(await claude()).toBe(elsewhere);
    expect(await read(".codex/config.toml")).toBe('model = "gpt-5"\n');
  });

  it("connects again nothing that somebody has connected to something else meanwhile", async () => {
    await open();
    await change(portico.lead, "claude-code", "connect");
    await end();
    const theirs = '{"env": {"ANTHROPIC_BASE_URL": "https://team.example"}}';
    await put(".claude/settings.json", theirs);
    await again();
    expect(await claude()).toBe(theirs);

    await put(".claude/settings.json", BEFORE);
    await change(portico.lead, "claude-code", "connect");
    await end();
    // The proxy is not running yet.
    await portico.again();
    await change(portico.lead, "claude-code", "connect", "sandbox/echo");
    const anew = await claude();
    await again();
    expect(await claude()).toBe(anew);
    await change(portico.lead, "claude-code", "disconnect");
    expect(await claude()).toBe(BEFORE);
  });

  it("tries again at its next start what could not be connected again", async () => {
    await open();
    await change(portico.lead, "claude-code", "connect");
    const connected = await claude();
    await end();
    await put(".claude/settings.json", `${BEFORE}broken`);
    await portico.again();
    await portico.lead.call("proxy.start", undefined);
    await expect.poll(() => portico.lines.join("\n")).toContain("claude-code could not be connected again");
    expect(await claude()).toBe(`${BEFORE}broken`);
    await put(".claude/settings.json", BEFORE);
    await again();
    expect(await claude()).toBe(connected);
  });

  it("puts nothing back that it could not connect again, because a newer Portico has written there", async () => {
    await open();
    await change(portico.lead, "claude-code", "connect");
    const connected = await claude();
    await writeFile(suspended(), '{"version": 2}');
    await end();
    expect(await claude()).toBe(connected);
    expect(portico.lines.join("\n")).toContain("connected clients could not be put back");
    expect(await readFile(suspended(), "utf8")).toBe('{"version": 2}');
  });

  it("goes on without what nobody can read", async () => {
    await open();
    await end();
    await writeFile(suspended(), "{");
    await again();
    expect(await claude()).toBe(BEFORE);
  });
});

describe("windows of an editor", () => {
  let windows: TestWindow[] = [];
  beforeEach(() => {
    windows = [];
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  });
  afterEach(async () => {
    await Promise.all(windows.map(({ host }) => host.close()));
    vi.unstubAllEnvs();
  });

  const dataDir = () => join(home, "editor");
  function open(): TestWindow {
    const settings = { port, clients: { restoreAtExit: true } };
    const opened = openWindow({ dataDir: dataDir(), settings });
    windows.push(opened);
    return opened;
  }
  const runs = (window: TestWindow) => window.until(({ status }) => status?.proxy.kind === "running");

  async function two(): Promise<[TestWindow, TestWindow, string]> {
    const first = open();
    await first.until(({ part }) => part.kind === "leading");
    await first.host.call("proxy.start", undefined);
    await change(first.host, "claude-code", "connect");
    const connected = await claude();
    const second = open();
    await second.until(({ part }) => part.kind === "attached");
    return [first, second, connected];
  }

  it("leave clients connected while one of them goes on, and put them back with the last", async () => {
    const [first, second, connected] = await two();
    await first.host.close();
    await second.until(({ part }) => part.kind === "leading");
    await runs(second);
    await expect.poll(claude).toBe(connected);
    await second.host.close();
    expect(await claude()).toBe(BEFORE);
    const third = open();
    await runs(third);
    await expect.poll(claude).toBe(connected);
  });

  it("put clients back when all are closed at once", async () => {
    const [first, second, connected] = await two();
    await Promise.all([first.host.close(), second.host.close()]);
    expect(await claude()).toBe(BEFORE);
    await runs(open());
    await expect.poll(claude).toBe(connected);
  });
});

describe("portico serve", () => {
  it("puts clients back when a signal ends it, and connects them again", async () => {
    const config = join(home, "portico.jsonc");
    await writeFile(config, '{ "clients": { "restoreAtExit": true } }');
    const serve = () => start(["serve", "--config", config, "--port", String(port)], env);
    let connected = "";
    {
      await using portico = serve();
      const base = await portico.ready();
      await using connecting = start(["connect", "claude-code", "--model", "sandbox/echo", "--yes"], env);
      expect(await connecting.ended, connecting.stderr()).toMatchObject({ code: 0 });
      connected = await claude();
      expect(connected).toContain(base);
      portico.kill("SIGTERM");
      expect(await portico.ended).toMatchObject({ code: 0 });
      expect(portico.stderr()).toContain("Claude Code has its own settings until Portico runs again");
    }
    expect(await claude()).toBe(BEFORE);
    await using portico = serve();
    await portico.ready();
    await portico.says("connected again: Claude Code");
    expect(await claude()).toBe(connected);
  });
});
