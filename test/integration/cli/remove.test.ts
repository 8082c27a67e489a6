/** `portico remove`: settings in tools, keys and data go, each shown first, and nothing while somebody uses the data folder. */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { homeEnvironment } from "../../support/clientHome.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { CLAUDE, SETTINGS } from "./clientFiles.ts";
import { add, KEY, type Ran, runHere, server } from "./here.ts";
import { start } from "./program.ts";

vi.setConfig({ testTimeout: 240_000 });

let home = "";
let env: NodeJS.ProcessEnv = {};
beforeEach(async () => {
  home = makeFolder("remove");
  env = homeEnvironment(home);
  await mkdir(dirname(join(home, CLAUDE)), { recursive: true });
  await writeFile(join(home, CLAUDE), SETTINGS);
});
afterEach(() => removeFolder(home));

const claude = () => readFile(join(home, CLAUDE), "utf8");
const data = () => join(home, "data");

async function done(args: readonly string[], input = ""): Promise<Ran> {
  const ran = await runHere(args, env, input);
  expect({ code: ran.code, err: ran.err }, ran.out).toMatchObject({ code: 0 });
  return ran;
}

describe("portico remove", () => {
  it("shows tools, keys and data, and takes all of it away at a word", async () => {
    await using provider = await server();
    await done(add(provider.url), `${KEY}\n`);
    await done(["connect", "claude-code", "--yes"]);
    const key = (await done(["keys", "add", "CI of the team"])).out.trim();
    const connected = await claude();
    expect(connected).not.toBe(SETTINGS);

    const asked = await runHere(["remove"], env);
    expect(asked.code).toBe(2);
    expect(asked.err).toContain("give --yes");
    expect(asked.out).toContain("Tools that get their own settings back: Claude Code.");
    expect(asked.out).toContain("Portico's own, and those of 1 account");
    expect(asked.out).toContain(`Data that is deleted: ${data()}`);
    expect(asked.out).toContain("Client keys that nobody can use any more: CI of the team.");
    for (const secret of [KEY, key]) expect(asked.out).not.toContain(secret);
    expect(existsSync(join(data(), "keys.json"))).toBe(true);
    expect(await claude()).toBe(connected);
    expect(existsSync(join(data(), "secrets.json"))).toBe(true);

    const { out } = await done(["remove", "--yes"]);
    expect(out).toContain("Claude Code is no longer connected.");
    expect(out).toContain(`Data deleted: ${data()}.`);
    expect(await claude()).toBe(SETTINGS);
    expect(existsSync(data())).toBe(false);
    expect((await done(["remove", "--yes"])).out).toContain("There is nothing of Portico here");
    expect(existsSync(data())).toBe(false);
  });

  it("is refused while a gateway runs with that data folder, and touches nothing", async () => {
    await using portico = start(["serve", "--port", "0"], env);
    await portico.ready();
    await done(["connect", "claude-code", "--model", "sandbox/echo", "--yes"]);
    const connected = await claude();
    const refused = await runHere(["remove", "--yes"], env);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(`Portico runs with the data folder ${data()}`);
    expect(await claude()).toBe(connected);
    expect(existsSync(join(data(), "leader.db"))).toBe(true);
    portico.kill("SIGTERM");
    expect(await portico.ended).toMatchObject({ code: 0 });
    await done(["remove", "--yes"]);
    expect(await claude()).toBe(SETTINGS);
    expect(existsSync(data())).toBe(false);
  });

  it("leaves a tool alone that another Portico serves, and a file that it cannot read", async () => {
    const other = join(home, "other");
    await using portico = start(["serve", "--port", "0", "--data-dir", other], env);
    await portico.ready();
    const options = ["--data-dir", other, "--model", "sandbox/echo", "--yes"];
    await done(["connect", "claude-code", ...options]);
    const connected = await claude();
    await done(["accounts", "list"]);
    const { out } = await done(["remove", "--yes"]);
    expect(out).toContain("Claude Code stays connected: a Portico answers at");
    expect(await claude()).toBe(connected);
    portico.kill("SIGTERM");
    await portico.ended;
    await writeFile(join(home, CLAUDE), "{");
    const broken = await runHere(["remove", "--data-dir", other, "--yes"], env);
    expect(broken.out).toContain("was left as it is");
    expect(await claude()).toBe("{");
    expect(existsSync(other)).toBe(false);
  });
});
