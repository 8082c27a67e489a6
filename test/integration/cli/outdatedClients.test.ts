/** A change of port or key cuts connected clients off: they are named, and follow at a word; nothing is written without it. */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ClientTarget } from "../../../src/control/clients.ts";
import { openConnections } from "../../../src/gateway/clients/connections.ts";
import { CLIENTS } from "../../../src/gateway/clients/table/index.ts";
import { homeEnvironment } from "../../support/clientHome.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { start } from "./program.ts";

vi.setConfig({ testTimeout: 240_000 });

let home = "";
beforeEach(() => {
  home = makeFolder("outdated");
});
afterEach(() => removeFolder(home));

const OLD: ClientTarget = { baseUrl: "http://127.0.0.1:8045", key: "portico", model: "m-1" };
const NEW = { baseUrl: "http://127.0.0.1:9000", key: "sk-portico-of-now" };

function scratch(answers = false) {
  const env = { XDG_CONFIG_HOME: join(home, "config"), HTTP_PROXY: "http://proxy.example" };
  return openConnections({
    host: { platform: "linux", env, home, cwd: join(home, "project"), exists: existsSync },
    clock: { now: Date.now },
    answers: async () => answers,
  });
}

describe("every client", () => {
  it.each(CLIENTS.map(({ id }) => id))("follows with its address and key alone: %s", async (id) => {
    const connections = scratch();
    const of = async (here = NEW) => (await connections.list(here)).find((each) => each.id === id);
    const texts = async () => (await connections.planUpdate(id, NEW)).files;
    expect((await of())?.outdated).toBeUndefined();
    await connections.connect(id, OLD, await connections.planConnect(id, OLD));
    expect((await of(OLD))?.outdated).toBeUndefined();
    expect(await of()).toMatchObject({ connected: true, outdated: "address" });
    expect(await of({ ...NEW, baseUrl: OLD.baseUrl })).toMatchObject({ outdated: "key" });
    expect((await scratch(true).list(NEW)).find((each) => each.id === id)?.outdated).toBeUndefined();

    // By hand, behind ours: each value is found by itself.
    for (const { path, before = "" } of await texts()) await writeFile(path, `${before}\n`);
    const plan = await connections.planUpdate(id, NEW);
    for (const { before, after } of plan.files) {
      expect(after).toContain(NEW.baseUrl);
      const back = after?.replaceAll(NEW.baseUrl, OLD.baseUrl).replaceAll(NEW.key, "portico");
      expect(back?.trim()).toBe(before?.trim());
    }
    expect(plan.left).toEqual([]);
    await connections.update(id, NEW, plan);
    const now = await of();
    expect(now).toMatchObject({ connected: true, baseUrl: NEW.baseUrl, model: "m-1" });
    expect(now?.outdated).toBeUndefined();
    await connections.disconnect(id, await connections.planDisconnect(id));
    for (const { path } of plan.files) expect(existsSync(path)).toBe(false);
  });
});

describe("portico connect --outdated", () => {
  it("shows, asks, and brings all of them to where Portico is now", async () => {
    const env = homeEnvironment(home);
    const done = async (...args: string[]) => {
      await using program = start(args, env);
      const { code } = await program.ended;
      return { code, out: program.stdout(), err: program.stderr() };
    };
    const claude = join(home, ".claude/settings.json");
    const opencode = join(home, ".config/opencode/opencode.json");
    await mkdir(dirname(claude));
    await writeFile(claude, '{ "model": "opus" }');
    {
      await using program = start(["serve", "--port", "0"], env);
      const base = await program.ready();
      expect((await done("connect", "claude-code", "--yes")).out).toContain("Claude Code is refused");
      expect((await done("connect", "opencode", "--model", "sandbox/echo", "--yes")).code).toBe(0);
      expect(await readFile(claude, "utf8")).toContain(base);
      const stopped = await done("stop");
      expect(stopped.out).toContain("Refused until it runs again: Claude Code, OpenCode");
    }
    expect((await done("connect", "--outdated")).err).toContain("Start it first");
    const config = join(home, "portico.json");
    await writeFile(config, JSON.stringify({ auth: { mode: "strict", apiKey: "sk-portico-of-the-test" } }));
    await using program = start(["serve", "--port", "0", "--config", config], env);
    const base = await program.ready();
    const before = await readFile(claude, "utf8");
    expect(before).not.toContain(base);
    const listed = await done("clients");
    expect(listed.out).toContain("where Portico is no longer");
    expect(listed.out).toContain("connect --outdated");
    expect((await done("status")).out).toContain("Claude Code, OpenCode: connected to an address");

    const asked = await done("connect", "--outdated");
    expect(asked.code).toBe(2);
    expect(asked.out).toContain(base);
    expect(asked.out).not.toContain("sk-portico-of-the-test");
    expect(await readFile(claude, "utf8")).toBe(before);

    // One alone, with the model that it has.
    const one = await done("connect", "opencode", "--yes");
    expect(one.out).toContain("A request for sandbox/echo was answered");
    expect(await readFile(claude, "utf8")).toBe(before);
    const all = await done("connect", "--outdated", "--yes");
    expect(all).toMatchObject({ code: 0, err: "" });
    expect(all.out).toContain(`Claude Code is connected to ${base}`);
    expect(all.out).not.toContain("OpenCode");
    expect(await readFile(claude, "utf8")).toContain("sk-portico-of-the-test");
    expect(await readFile(opencode, "utf8")).toContain("sk-portico-of-the-test");
    expect((await done("connect", "--outdated", "--yes")).out).toContain("Nothing to do");
    expect((await done("status")).out).not.toContain("an address");
    for (const id of ["claude-code", "opencode"]) await done("disconnect", id, "--yes");
    expect(await readFile(claude, "utf8")).toBe('{ "model": "opus" }');
    expect((await done("connect", "--outdated", "claude-code")).err).toContain("takes no");
    expect((await done("connect", "--outdated", "--model", "m")).err).toContain("takes no --model");
  });
});
