/**
 * The commands that steer a gateway. The gateway is a process of its own, and so are some of the commands;
 * most run in this one, as `cli.ts` would run them.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { add, KEY, type Ran, runHere, server } from "./here.ts";
import { ask, completion, type Program, start } from "./program.ts";

/** Starting takes its time while the computer is busy. */
vi.setConfig({ testTimeout: 240_000 });

let folder = "";
let data = "";
let env: NodeJS.ProcessEnv = {};
beforeEach(async () => {
  folder = makeFolder("steer");
  data = join(folder, "data");
  // The usual data folder is another one than that of most tests here.
  const usual = join(folder, "usual");
  env = {
    XDG_RUNTIME_DIR: join(folder, "run"),
    LOCALAPPDATA: join(folder, "run"),
    PORTICO_DATA_DIR: usual,
  };
});
afterEach(() => removeFolder(folder));

const serve = (...args: string[]) => start(["serve", "--port", "0", "--data-dir", data, ...args], env);

const run = (args: readonly string[], input = "", more: NodeJS.ProcessEnv = {}): Promise<Ran> =>
  runHere(args, { ...env, ...more }, input);

/** The same, as a process of its own. */
async function runApart(args: readonly string[], input?: string): Promise<Ran> {
  await using program = start(args, env, undefined, input);
  const { code } = await program.ended;
  return { code, out: program.stdout(), err: program.stderr() };
}

const jsonOf = async (args: readonly string[]): Promise<unknown> => JSON.parse((await run(args)).out);

async function ended(program: Program): Promise<void> {
  program.kill("SIGTERM");
  await program.ended;
}

describe("who leads a data folder", () => {
  it("is one: the second says who and what to do, and ends with 1", async () => {
    await using first = serve();
    const base = await first.ready();
    await using second = serve();
    expect(await second.ended).toEqual({ code: 1, signal: null });
    expect(second.stderr()).toContain(`(pid ${first.pid}, at ${base})`);
    expect(second.stderr()).toContain("--data-dir");
    expect(second.stdout()).toBe("");
    expect((await ask(base, "sandbox/echo")).status).toBe(200);
    if (process.platform === "win32") return;
    await ended(first);
    expect(await readdir(join(folder, "run", "portico"))).toEqual([]);
    const left = await readdir(data);
    expect(left).not.toContain("gateway.json");
    expect(left).not.toContain("leader.db-journal");
    await using third = serve();
    await third.ready();
  });
});

describe("the gateway that runs", () => {
  it("is found by itself, wherever its data is", async () => {
    await using program = serve();
    const base = await program.ready();
    const { code, out, err } = await runApart(["status"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain(`Portico is running`);
    expect(out).toContain(base);
    expect(await jsonOf(["status", "--json"])).toMatchObject({
      running: true,
      pid: program.pid,
      dataDir: data,
      status: { proxy: { kind: "running", baseUrl: base }, accounts: 0, sandboxOnly: true },
    });
    // Another folder was asked for by name.
    const other = await run(["status", "--data-dir", join(folder, "other")]);
    expect(other.code).toBe(1);
    expect(other.out).toContain("Portico is not running");
  });

  it("of several is that of the usual folder, else the one started last; --data-dir picks", async () => {
    const dataOf = async (...args: string[]) =>
      Reflect.get(Object(await jsonOf(["status", "--json", ...args])), "dataDir");
    await using first = serve();
    await first.ready();
    const later = join(folder, "later");
    await using second = start(["serve", "--port", "0", "--data-dir", later], env);
    await second.ready();
    expect(await dataOf()).toBe(later);
    await using usual = start(["serve", "--port", "0"], env);
    await usual.ready();
    expect(await dataOf()).toBe(env.PORTICO_DATA_DIR);
    expect(await dataOf("--data-dir", data)).toBe(data);
  });

  it("that was killed is not taken for one that runs", async () => {
    const program = serve();
    await program.ready();
    program.kill("SIGKILL");
    await program.ended;
    const { code, out } = await run(["status", "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({ running: false, dataDir: env.PORTICO_DATA_DIR });
    if (process.platform !== "win32") expect(await readdir(join(folder, "run", "portico"))).toEqual([]);
  });
});

describe("accounts", () => {
  it("are added with a key that no argument shows, work at once, and are removed", async () => {
    await using provider = await server();
    await using program = serve();
    const base = await program.ready();

    const refused = await run(add(provider.url), "sk-wrong-0123456789");
    expect(refused.code).toBe(1);
    expect(refused.err).toContain("Incorrect API key");
    expect(refused.err).toContain("--keep");
    expect(await jsonOf(["accounts", "list", "--json"])).toEqual([]);

    const added = await runApart(add(provider.url, "--label", "My server", "--json"), `${KEY}\n`);
    expect(added.code).toBe(0);
    expect(JSON.parse(added.out)).toMatchObject({
      ok: true,
      account: { id: "mine", label: "My server", protocols: ["openai-chat"] },
      models: ["m-1", "m-2"],
    });
    expect(await (await ask(base, "mine/m-1")).text()).toBe(completion("hello"));
    expect((await run(["accounts", "list"])).out).toMatch(/^mine +My server +custom +ready$/m);
    expect((await run(["accounts", "test"])).out).toBe("mine: works, 2 models\n");
    expect((await run(["route", "m-2"])).out).toContain('A new conversation would go to "mine".');
    expect(await jsonOf(["accounts", "test", "mine", "--json"])).toEqual([
      { id: "mine", ok: true, models: ["m-1", "m-2"] },
    ]);

    const unknown = await run(["accounts", "remove", "other"]);
    expect(unknown.code).toBe(1);
    expect(unknown.err).toContain('no account "other". There are: mine.');
    expect((await run(["accounts", "remove", "mine"])).code).toBe(0);
    expect((await ask(base, "mine/m-1")).status).toBe(503);
    expect(await readFile(join(data, "secrets.json"), "utf8")).not.toContain(KEY);
    for (const { out, err } of [refused, added, unknown]) expect(out + err).not.toContain(KEY);
  });

  it("are kept unproved only where that is asked for; keys come from variables as well", async () => {
    await using provider = await server();
    const kept = await run([...add(provider.url), "--keep", "--key-env", "MINE"], undefined, {
      MINE: "sk-wrong-1",
    });
    expect(kept.code).toBe(0);
    expect(kept.out).toContain("as mine");
    expect(kept.err).toContain("does not work yet");
    const tested = await run(["accounts", "test", "mine"]);
    expect(tested.code).toBe(1);
    expect(tested.out).toContain("mine: does not work: ");
    expect((await run(add(provider.url, "--key-env", "NONE"))).code).toBe(2);
    expect((await run(["accounts", "add", "opnai"], KEY)).err).toContain("did you mean openai?");
    expect((await run(["accounts", "add", "custom"], KEY)).err).toContain("--base-url URL");
  });

  it("are worked on while nothing runs, and are there when it does, beside the config file's", async () => {
    await using provider = await server();
    expect((await run(add(provider.url, "--data-dir", data), KEY)).code).toBe(0);
    expect((await run(add(provider.url, "--data-dir", data), KEY)).err).toContain("exists already");
    const twin = ["accounts", "add", "ollama", "--id", "twin", "--keep", "--data-dir", data];
    expect((await run(twin, "")).code).toBe(0);
    const config = join(folder, "portico.jsonc");
    const fixed = {
      id: "twin",
      provider: "custom",
      label: "Fixed",
      endpoints: { "openai-chat": provider.url },
    };
    const credentials = { apiKey: KEY };
    await writeFile(config, JSON.stringify({ accounts: [{ ...fixed, credentials, models: ["f"] }] }));

    const offline = ["--config", config, "--data-dir", data];
    expect(await jsonOf(["accounts", "list", "--json", ...offline])).toMatchObject([
      { id: "twin", label: "Fixed", readOnly: true, credential: "key" },
      { id: "mine", readOnly: false },
    ]);
    expect((await run(["accounts", "list", ...offline])).out).toContain("From the config file: twin");
    expect(await run(["accounts", "test", "twin", ...offline])).toMatchObject({
      code: 0,
      out: "twin: works, 2 models\n",
    });
    expect((await run(["accounts", "list", "--config", join(folder, "none")])).code).toBe(2);

    await using program = serve("--config", config);
    const base = await program.ready();
    expect((await ask(base, "mine/m-1")).status).toBe(200);
    expect((await ask(base, "twin/f")).status).toBe(200);
    const list = await jsonOf(["accounts", "list", "--json"]);
    expect(list).toMatchObject([
      { id: "twin", label: "Fixed", readOnly: true, credential: "key" },
      { id: "mine", readOnly: false },
    ]);
    expect((await run(["status"])).out).toContain('two accounts named "twin"');
    expect((await run(["accounts", "test", "twin"])).out).toBe("twin: works, 2 models\n");
    expect((await run(["accounts", "remove", "twin"])).code).toBe(0);
    const again = await run(["accounts", "remove", "twin"]);
    expect(again.code).toBe(1);
    expect(again.err).toContain("stands in the config file");

    // Its own accounts stay while the file changes.
    await writeFile(config, "{}");
    await program.says("is in force");
    expect((await ask(base, "mine/m-1")).status).toBe(200);
    expect((await ask(base, "twin/f")).status).toBe(404);
  });
});

describe("logs and stats", () => {
  it("tell of requests, also after the gateway is gone", async () => {
    await using program = serve();
    const base = await program.ready();
    await (await ask(base, "sandbox/echo")).text();
    await (await ask(base, "no-such-model")).text();
    const rows = async (...args: string[]) => {
      const { out } = await run(["logs", "--json", "--data-dir", data, ...args]);
      const lines = out.split("\n").filter((line) => line !== "");
      return lines.map((line) => Reflect.get(Object(JSON.parse(line)), "model"));
    };
    await expect.poll(() => rows(), { timeout: 30_000 }).toEqual(["sandbox/echo", "no-such-model"]);
    expect(await rows("--errors")).toEqual(["no-such-model"]);
    expect(await rows("--model", "sandbox/*")).toEqual(["sandbox/echo"]);
    expect(await rows("--limit", "1")).toEqual(["no-such-model"]);
    expect((await run(["logs"])).out).toMatch(/^\d\d:\d\d:\d\d +200 .*sandbox\/echo/m);
    if (process.platform === "win32") return;
    await ended(program);
    expect((await runApart(["logs", "--data-dir", data])).out).toMatch(/sandbox\/echo/);
    expect(await rows()).toEqual(["sandbox/echo", "no-such-model"]);
    expect(await jsonOf(["stats", "--json", "--days", "1", "--data-dir", data])).toMatchObject({
      total: { requests: 2, errors: 1 },
    });
    expect((await run(["stats", "--by", "client", "--data-dir", data])).out).toMatch(/^all +2 +1 /m);
  });

  it("follow requests as they end, until the gateway ends", async () => {
    await using program = serve();
    const base = await program.ready();
    await (await ask(base, "sandbox/echo")).text();
    await using following = start(["logs", "--follow", "--json"], env);
    await expect.poll(() => following.stdout(), { timeout: 30_000 }).toContain("sandbox/echo");
    await (await ask(base, "sandbox/markdown")).text();
    await expect.poll(() => following.stdout(), { timeout: 30_000 }).toContain("sandbox/markdown");
    program.kill("SIGKILL");
    expect((await following.ended).code).toBe(1);
    expect(following.stderr()).toContain("Portico has ended");
    const lines = following.stdout().trim().split("\n");
    expect(lines.map((line) => Reflect.get(Object(JSON.parse(line)), "seq"))).toEqual([1, 2]);
  });

  it("say nothing, and make nothing, where there is nothing", async () => {
    expect(await run(["logs"])).toEqual({
      code: 0,
      out: "",
      err: "No request is recorded that this asks for.\n",
    });
    expect((await run(["stats"])).out).toBe("No request was recorded in the last 7 days.\n");
    expect((await run(["accounts", "list"])).out).toContain("There is no account yet");
    expect((await run(["logs", "--follow"])).code).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("the dashboard", () => {
  it("is opened by a link that works once", async () => {
    await using program = serve();
    await program.ready();
    await program.says("/#code=");
    const open = async (link: string) => {
      const { origin, hash } = new URL(link);
      const { status } = await fetch(`${origin}/session`, {
        method: "POST",
        headers: { origin, "content-type": "application/json" },
        body: JSON.stringify({ code: hash.slice("#code=".length) }),
      });
      return status;
    };
    const first = /http:\S+\/#code=\S+/.exec(program.stderr())?.[0] ?? "";
    expect(await open(first)).toBe(204);
    expect(await open(first)).toBe(401);
    const { code, out } = await run(["dashboard"]);
    expect(code).toBe(0);
    expect(await open(out.trim())).toBe(204);
    expect(await jsonOf(["dashboard", "--json"])).toEqual({ url: expect.stringContaining("/#code=") });

    // The program that is started in place of a browser notes what it is given.
    const noted = join(folder, "noted");
    const browser = process.platform === "darwin" ? "open" : "xdg-open";
    if (process.platform === "win32") return;
    await mkdir(join(folder, "bin"));
    await writeFile(
      join(folder, "bin", browser),
      `#!/bin/sh\nprintf '%s' "$1" > ${noted}.part && mv ${noted}.part ${noted}\n`,
      {
        mode: 0o755,
      },
    );
    await using opening = start(["dashboard", "--open"], {
      ...env,
      PATH: `${join(folder, "bin")}:${process.env.PATH}`,
    });
    expect((await opening.ended).code).toBe(0);
    await expect.poll(() => existsSync(noted), { timeout: 30_000 }).toBe(true);
    const argument = await readFile(noted, "utf8");
    expect(argument).toMatch(/^file:.*\.html$/);
    const page = await readFile(new URL(argument), "utf8");
    expect((await stat(new URL(argument))).mode & 0o777).toBe(0o600);
    const inPage = /url=(http:[^"]+)"/.exec(page)?.[1] ?? "";
    expect(opening.stdout().trim()).toBe(inPage);
    expect(argument).not.toContain(new URL(inPage).hash.slice("#code=".length));
    expect(await open(inPage)).toBe(204);
    await expect.poll(() => existsSync(new URL(argument)), { timeout: 30_000 }).toBe(false);
  });

  it("is left out with --no-dashboard; a port that is taken is named", async () => {
    await using program = serve("--no-dashboard");
    await program.ready();
    await program.says("Base URLs");
    expect(program.stderr()).not.toContain("#code=");
    const { code, err } = await run(["dashboard"]);
    expect(code).toBe(1);
    expect(err).toContain("without its dashboard");
    const port = new URL(await program.ready()).port;
    await using other = start(
      ["serve", "--port", "0", "--dashboard-port", port, "--data-dir", join(folder, "other")],
      env,
    );
    expect((await other.ended).code).toBe(1);
    expect(other.stderr()).toContain(`The dashboard cannot have port ${port}`);
    expect(other.stderr()).toContain("--dashboard-port N");
  });
});
