/** Settings of other programs that are not as one would like them: links, damage, other hands. Nothing of theirs is lost. */
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ClientTarget } from "../../../src/control/clients.ts";
import { type Connections, openConnections } from "../../../src/gateway/clients/connections.ts";
import type { ClientHost } from "../../../src/gateway/clients/table/client.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";

const TARGET: ClientTarget = { baseUrl: "http://127.0.0.1:8045", key: "portico", model: "m" };
const MINE = '{ "env": { "ANTHROPIC_BASE_URL": "https://mine.example", "ANTHROPIC_AUTH_TOKEN": "mine" } }\n';
const RECORD = "portico/connected/claude-code.json";

let home = "";
let host: ClientHost;
let connections: Connections;
beforeEach(() => {
  home = makeFolder("client-trouble");
  // The same on every platform, as far as the clients' own folders are.
  host = {
    platform: "linux",
    env: { XDG_CONFIG_HOME: join(home, "config") },
    home,
    cwd: join(home, "project"),
    exists: existsSync,
  };
  connections = openConnections({ host, clock: { now: Date.now } });
});
afterEach(() => removeFolder(home));

async function put(name: string, text: string): Promise<string> {
  const path = join(home, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}
const read = (path: string) => readFile(join(home, path), "utf8");
const connect = async (id: string, target = TARGET) =>
  connections.connect(id, target, await connections.planConnect(id, target));
const disconnect = async (id: string) => connections.disconnect(id, await connections.planDisconnect(id));
const stateOf = async (id: string) => (await connections.list()).find((each) => each.id === id);

describe.skipIf(process.platform === "win32")("behind links", () => {
  it("the file is changed that is really read, wherever links are on the way", async () => {
    const real = await put("dot/shared/settings.json", '{"model":"opus"}');
    await mkdir(join(home, "dot/claude"));
    await symlink("../shared/settings.json", join(home, "dot/claude/settings.json"));
    await symlink("dot/claude", join(home, ".claude"));
    await connect("claude-code");
    expect(await readFile(real, "utf8")).toContain(TARGET.baseUrl);
    expect(existsSync(join(home, "shared"))).toBe(false);
    expect(await stateOf("claude-code")).toMatchObject({ connected: true });
    await disconnect("claude-code");
    expect(await readFile(real, "utf8")).toBe('{"model":"opus"}');
  });

  it("one that leads to itself is told, and hides no other client", async () => {
    await symlink(".codex", join(home, ".codex"));
    const states = await connections.list();
    expect(states.find(({ id }) => id === "codex")?.problem).toContain("link that leads to itself");
    expect(states.filter(({ problem }) => problem !== undefined)).toHaveLength(1);
    await expect(connections.planConnect("codex", TARGET)).rejects.toThrow("could not be read");
  });
});

describe("what was written is recorded, and", () => {
  it("a record that cannot be read stays, and nothing is changed until a person has seen to it", async () => {
    await put(".claude/settings.json", MINE);
    await connect("claude-code");
    const written = await read(".claude/settings.json");
    const record = join(host.env.XDG_CONFIG_HOME ?? "", RECORD);
    const whole = await readFile(record, "utf8");
    await writeFile(record, whole.slice(0, 100));
    for (let look = 0; look < 2; look++) {
      expect(await stateOf("claude-code")).toMatchObject({ connected: false, undoable: false });
      expect((await stateOf("claude-code"))?.problem).toContain(record);
      await expect(connections.planConnect("claude-code", TARGET)).rejects.toThrow("could not be read");
      await expect(connections.planDisconnect("claude-code")).rejects.toThrow("could not be read");
    }
    expect(await readdir(dirname(record))).not.toContainEqual(expect.stringContaining("broken"));
    expect(await read(".claude/settings.json")).toBe(written);
    await writeFile(record, whole);
    await disconnect("claude-code");
    expect(await read(".claude/settings.json")).toBe(MINE);
  });

  it("a file that was emptied since is connected again, and put back", async () => {
    await put(".claude/settings.json", MINE);
    await connect("claude-code");
    await put(".claude/settings.json", "\n");
    expect(await stateOf("claude-code")).toMatchObject({ connected: false, undoable: true });
    await connect("claude-code");
    expect(JSON.parse(await read(".claude/settings.json"))).toMatchObject({
      env: { ANTHROPIC_BASE_URL: TARGET.baseUrl },
    });
    await put(".claude/settings.json", "");
    await disconnect("claude-code");
    expect((await read(".claude/settings.json")).trim()).toBe("");
  });

  it("settings under another name are connected beside those from before, and both are put back", async () => {
    const folder = ".config/opencode";
    host = { ...host, env: { XDG_CONFIG_HOME: join(home, ".config") } };
    connections = openConnections({ host, clock: { now: Date.now } });
    await put(`${folder}/opencode.json`, '{ "theme": "a" }');
    await connect("opencode");
    await put(`${folder}/opencode.jsonc`, '{ "theme": "b" } // mine\n');
    await connect("opencode");
    expect(await stateOf("opencode")).toMatchObject({ connected: true, undoable: true });
    await disconnect("opencode");
    expect(await read(`${folder}/opencode.json`)).toBe('{ "theme": "a" }');
    expect(await read(`${folder}/opencode.jsonc`)).toBe('{ "theme": "b" } // mine\n');
    expect(await stateOf("opencode")).toMatchObject({ connected: false, undoable: false });
  });

  it("an item of a list that somebody changed since stays, and is named", async () => {
    await connect("qwen-code");
    const file = ".qwen/settings.json";
    const settings = JSON.parse(await read(file)) as { modelProviders: { openai: object[] } };
    settings.modelProviders.openai = settings.modelProviders.openai.map((each) => ({ ...each, mine: 1 }));
    await put(file, JSON.stringify(settings, undefined, 2));
    const { left } = await connections.planDisconnect("qwen-code");
    expect(left).toContain("modelProviders.openai");
    await disconnect("qwen-code");
    expect(await read(file)).toContain('"mine"');
  });

  it("what is written anew is not said to stay as it is", async () => {
    await connect("claude-code");
    await put(".claude/settings.json", MINE);
    expect((await connections.planConnect("claude-code", TARGET)).left).toEqual([]);
    expect((await connections.planDisconnect("claude-code")).left).toContain("env.ANTHROPIC_BASE_URL");
  });
});

describe("files", () => {
  it("that say already what they are to say are not written", async () => {
    const path = await put(".claude/settings.json", MINE);
    await connect("claude-code");
    const before = await stat(path);
    await connect("claude-code");
    expect((await stat(path)).ino).toBe(before.ino);
  });

  it("of a writer that was ended in the midst are removed by the next", async () => {
    const draft = await put(".claude/.portico-0123456789ab.tmp", "half");
    const other = await put(".claude/.portico-notes.tmp", "a person's");
    await connect("claude-code");
    expect(existsSync(draft)).toBe(false);
    expect(existsSync(other)).toBe(true);
  });

  it("in folders that were made for them go with those", async () => {
    await connect("claude-code");
    await disconnect("claude-code");
    expect(existsSync(join(home, ".claude"))).toBe(false);
  });
});

describe("a client", () => {
  it("whose program cannot be started is found all the same", async () => {
    await mkdir(join(home, "bin"));
    const program = join(home, "bin", "claude");
    await writeFile(program, "#!/nowhere/at/all\n");
    await chmod(program, 0o755);
    host = { ...host, env: { ...host.env, PATH: join(home, "bin") } };
    connections = openConnections({ host, clock: { now: Date.now } });
    if (process.platform === "win32") await rename(program, `${program}.exe`);
    const state = await stateOf("claude-code");
    expect(state).toMatchObject({ found: true });
    expect(state).not.toHaveProperty("version");
    await rm(join(home, "bin"), { recursive: true });
  });

  it("is not beaten by its own settings, whatever folder one is in", async () => {
    host = { ...host, cwd: home };
    connections = openConnections({ host, clock: { now: Date.now } });
    for (const id of ["claude-code", "codex", "gemini-cli", "qwen-code"]) {
      await connect(id);
      expect((await stateOf(id))?.beatenBy, id).toEqual([]);
    }
  });

  it("whose address holds a key is shown without it", async () => {
    await put(
      ".claude/settings.json",
      '{ "env": { "ANTHROPIC_BASE_URL": "https://me:secret@gw.example/v1?key=secret" } }',
    );
    expect(await stateOf("claude-code")).toMatchObject({ baseUrl: "https://gw.example" });
  });
});
