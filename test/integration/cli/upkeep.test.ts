/** What a person does with a Portico that is there: stop and start it, its key, moving accounts, another key. */
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { add, KEY, runHere, server } from "./here.ts";
import { ask, completion, start, startUpstream } from "./program.ts";

/** Starting takes its time while the computer is busy. */
vi.setConfig({ testTimeout: 240_000 });

let folder = "";
let data = "";
let env: NodeJS.ProcessEnv = {};
beforeEach(() => {
  folder = makeFolder("upkeep");
  data = join(folder, "data");
  env = {
    XDG_RUNTIME_DIR: join(folder, "run"),
    LOCALAPPDATA: join(folder, "run"),
    PORTICO_DATA_DIR: data,
  };
});
afterEach(() => removeFolder(folder));

const run = (args: readonly string[], input = "", more: NodeJS.ProcessEnv = {}) =>
  runHere(args, { ...env, ...more }, input);
const serve = () => start(["serve", "--port", "0", "--data-dir", data], env);
const PASSPHRASE = "correct horse battery";

describe("start, stop and restart", () => {
  it("steer the proxy of the gateway that runs", async () => {
    await using program = serve();
    const base = await program.ready();
    const stopped = await run(["stop"]);
    expect(stopped).toMatchObject({ code: 0, out: "Stopped. Start it again: portico start\n" });
    await expect(ask(base, "sandbox/echo")).rejects.toThrow("fetch failed");
    expect((await run(["status"])).code).toBe(1);
    const started = await run(["start"]);
    expect(started.code).toBe(0);
    const address = /Running at (\S+)/.exec(started.out)?.[1] ?? "";
    expect((await ask(address, "sandbox/echo")).status).toBe(200);
    const restarted = JSON.parse((await run(["restart", "--json"])).out) as { proxy: { kind: string } };
    expect(restarted.proxy.kind).toBe("running");
  });

  it("say what a stop waits for, and stop at once where that is asked for", async () => {
    await using upstream = await startUpstream();
    await using program = serve();
    const base = await program.ready();
    await run(add(upstream.url, "--model", "m", "--keep"), KEY);
    const cut = ask(base, "mine/m").then(
      (reply) => reply.status,
      () => "cut",
    );
    await upstream.next();
    const waiting = run(["stop"]);
    await expect.poll(async () => (await run(["status"])).out).toContain("1 in flight");
    expect((await run(["stop", "--now"])).code).toBe(0);
    const { code, err } = await waiting;
    expect({ code, err }).toEqual({
      code: 0,
      err: "Waiting for 1 request under way. End it now: portico stop --now\n",
    });
    expect(await cut).not.toBe(200);
  });

  it("have nothing to steer where nothing runs", async () => {
    for (const [name, code] of [
      ["stop", 0],
      ["start", 1],
      ["restart", 1],
    ] as const) {
      const ran = await run([name]);
      expect(ran).toMatchObject({ code, err: "Portico is not running. Start it: portico serve\n" });
    }
  });
});

describe("the key", () => {
  it("is shown alone, and made anew, with a gateway and without", async () => {
    const before = (await run(["key", "show"])).out.trim();
    expect(before).toMatch(/^sk-\S{20,}$/);
    expect((await run(["key", "show"])).out.trim()).toBe(before);
    await using program = serve();
    await program.ready();
    expect(JSON.parse((await run(["key", "show", "--json"])).out)).toEqual({ apiKey: before });
    const rotated = await run(["key", "rotate"]);
    expect(rotated.out.trim()).toMatch(/^sk-/);
    expect(rotated.out.trim()).not.toBe(before);
    expect((await run(["key", "show"])).out).toBe(rotated.out);
    expect(rotated.err).toContain("no longer taken");
  });
});

describe("accounts", () => {
  it("move to another computer, with their keys only under a passphrase", async () => {
    await using provider = await server();
    await run(add(provider.url, "--label", "My server"), KEY);
    const plain = join(folder, "plain.json");
    const full = join(folder, "full.json");
    expect(await run(["accounts", "export", plain])).toMatchObject({
      code: 0,
      err: "Exported 1 account (without keys).\n",
    });
    const withKeys = ["accounts", "export", full, "--with-keys", "--passphrase-env", "PASS", "--json"];
    const exported = await run(withKeys, "", { PASS: PASSPHRASE });
    expect(JSON.parse(exported.out)).toEqual({ accounts: 1, secrets: true });
    for (const file of [plain, full]) {
      expect(await readFile(file, "utf8")).not.toContain(KEY);
      if (process.platform !== "win32") expect((await stat(file)).mode & 0o777).toBe(0o600);
    }
    expect((await run(["accounts", "export", "-"])).out).toContain('"mine"');
    // What is there already stays.
    const over = await run(withKeys, "", { PASS: PASSPHRASE });
    expect(over.code).toBe(1);
    expect(over.err).toContain("is there already");

    const elsewhere = { PORTICO_DATA_DIR: join(folder, "elsewhere"), PASS: PASSPHRASE };
    const bring = ["accounts", "import", full, "--passphrase-env", "PASS"];
    const shown = await run(bring, "", elsewhere);
    expect(shown.code).toBe(2);
    expect(shown.err).toContain("  My server: new, as mine\n");
    expect(shown.err).toContain("nobody can be asked here; give --yes");
    expect((await run(["accounts", "list"], "", elsewhere)).out).toContain("There is no account yet");
    expect((await run([...bring, "--yes"], "", elsewhere)).err).toContain("Imported 1 account.");
    expect((await run(["accounts", "test"], "", elsewhere)).out).toBe("mine: works, 2 models\n");
    const again = await run([...bring, "-y"], "", elsewhere);
    expect(again).toMatchObject({ code: 0 });
    expect(again.err).toContain("here already");
    const wrong = await run([...bring, "-y"], "", { ...elsewhere, PASS: "another passphrase" });
    expect(wrong.code).toBe(1);
  });

  it("say what is wrong with a passphrase or a file, before anything is done", async () => {
    const short = ["accounts", "export", join(folder, "a.json"), "--with-keys", "--passphrase-env", "PASS"];
    expect((await run(short, "", { PASS: "short" })).err).toContain("at least 12 characters");
    expect((await run(short)).err).toContain("PASS is not set or empty");
    expect((await run(["accounts", "export", "x", "--with-keys"])).err).toContain("--passphrase-env NAME");
    expect((await run(["accounts", "import", join(folder, "none.json")])).code).toBe(1);
    const large = join(folder, "large.json");
    await writeFile(large, "x".repeat(1_000_000));
    expect((await run(["accounts", "import", large])).err).toContain("too large");
  });

  it("get another key, once it works", async () => {
    await using provider = await server();
    await using program = serve();
    const base = await program.ready();
    await run(add(provider.url, "--keep"), "sk-wrong-0123456789");
    expect((await ask(base, "mine/m-1")).status).not.toBe(200);
    const refused = await run(["accounts", "sign-in", "mine"], "sk-wrong-too-0123456789");
    expect(refused.code).toBe(1);
    expect(refused.err).toContain("is as it was: ");
    expect(refused.err).toContain("Incorrect API key");
    const done = await run(["accounts", "sign-in", "mine", "--key-env", "MINE"], "", { MINE: KEY });
    expect(done).toMatchObject({ code: 0 });
    expect(done.out).toContain("has its new key");
    expect(await (await ask(base, "mine/m-1")).text()).toBe(completion("hello"));
    const unknown = await run(["accounts", "sign-in", "other"], KEY);
    expect(unknown).toMatchObject({ code: 1 });
    expect(unknown.err).toContain('no account "other". There are: mine.');
  });
});

describe("a backup", () => {
  it("brings a new data folder all that the old one had, and nothing of its computer", async () => {
    await using provider = await server();
    await run(add(provider.url, "--label", "My server"), KEY);
    // Routes and settings of a person's own.
    const accounts = JSON.parse(await readFile(join(data, "accounts.json"), "utf8"));
    await writeFile(
      join(data, "accounts.json"),
      JSON.stringify({ ...accounts, routes: [{ model: "fast", to: ["mine/m-1"] }] }),
    );
    const budgets = [{ unit: "usd", per: "month", limit: 20, warnAtPercent: 80 }];
    const settings = { budgets, "scheduling.strategy": "balanced", allowLanAccess: true, port: 9001 };
    await writeFile(join(data, "preferences.json"), JSON.stringify({ version: 1, settings }));

    const file = join(folder, "portico.backup");
    const backUp = ["backup", file, "--passphrase-env", "PASS"];
    const done = await run(backUp, "", { PASS: PASSPHRASE });
    expect(done).toMatchObject({
      code: 0,
      err: "Backed up 1 account, with routes, budgets, settings and client keys. Keep the passphrase.\n",
    });
    const text = await readFile(file, "utf8");
    for (const word of [KEY, "My server", "fast", "9001"]) expect(text).not.toContain(word);
    if (process.platform !== "win32") expect((await stat(file)).mode & 0o777).toBe(0o600);
    const over = await run(backUp, "", { PASS: PASSPHRASE });
    expect(over.err).toContain("is there already");
    expect(await readFile(file, "utf8")).toBe(text);

    const there = { PORTICO_DATA_DIR: join(folder, "elsewhere"), PASS: PASSPHRASE };
    const restore = ["restore", file, "--passphrase-env", "PASS"];
    const key = (await run(["key", "show"], "", there)).out;
    const shown = await run(restore, "", there);
    expect(shown.code).toBe(2);
    expect(shown.err).toContain("  My server: new, as mine\n  Routes: 1 new, 0 replaced, 0 as they are\n");
    expect(shown.err).toContain('  scheduling.strategy: "cache-first" → "balanced"\n');
    expect(shown.err).toContain("nobody can be asked here; give --yes");
    expect((await run(["accounts", "list"], "", there)).out).toContain("There is no account yet");

    const restored = await run([...restore, "--yes"], "", there);
    expect(restored).toMatchObject({ code: 0 });
    expect(restored.err).toMatch(
      /Restored\. Port, LAN access and key of this computer are as they were\.\n$/,
    );
    expect((await run(["accounts", "test"], "", there)).out).toBe("mine: works, 2 models\n");
    const route = JSON.parse((await run(["route", "fast", "--json"], "", there)).out);
    expect(route).toMatchObject({ chosen: { account: "mine", model: "m-1" } });
    const preferences = JSON.parse(await readFile(join(there.PORTICO_DATA_DIR, "preferences.json"), "utf8"));
    expect(preferences.settings).toEqual({ budgets, "scheduling.strategy": "balanced" });
    expect((await run(["key", "show"], "", there)).out).toBe(key);

    const again = await run([...restore, "-y"], "", there);
    expect(again).toMatchObject({ code: 0 });
    expect(again.err).toContain("Everything in this backup is here already.");
    const json = JSON.parse((await run([...restore, "--json"], "", there)).out);
    expect(json).toMatchObject({ changes: false, routes: { kept: 1 } });

    // And from the folder it came from to one that has none of its accounts by an import alone.
    const third = { PORTICO_DATA_DIR: join(folder, "third"), PASS: PASSPHRASE };
    const imported = await run(["accounts", "import", file, "--passphrase-env", "PASS", "-y"], "", third);
    expect(imported.err).toContain("Imported 1 account.");
  });

  it("that is none is refused, and nothing is written", async () => {
    const there = { PASS: PASSPHRASE };
    const file = (name: string, text: string | Buffer) => writeFile(join(folder, name), text);
    expect(
      (await run(["backup", join(folder, "b"), "--passphrase-env", "PASS"], "", { PASS: "short" })).err,
    ).toContain("at least 12 characters");
    expect(await run(["backup", join(folder, "full"), "--passphrase-env", "PASS"], "", there)).toMatchObject({
      code: 1,
    });
    await run(["key", "show"]);
    await run(["backup", join(folder, "full"), "--passphrase-env", "PASS"], "", there);
    const text = await readFile(join(folder, "full"), "utf8");
    await file("half", text.slice(0, text.length / 2));
    await file("other", "{}");
    await file("huge", Buffer.alloc(5_000_000, 32));
    const before = await readdir(data);
    for (const [name, words, pass] of [
      ["half", "cut short", PASSPHRASE],
      ["other", "no accounts of Portico", PASSPHRASE],
      ["huge", "too large to be a backup", PASSPHRASE],
      ["full", "passphrase is wrong", "another passphrase"],
    ] as const) {
      const { code, err } = await run(["restore", join(folder, name), "-y", "--passphrase-env", "PASS"], "", {
        PASS: pass,
      });
      expect(code).not.toBe(0);
      expect(err).toContain(words);
    }
    expect(await readdir(data)).toEqual(before);
  });
});

describe("route and logs", () => {
  it("tell a script whether somebody would answer", async () => {
    await using provider = await server();
    expect((await run(["route", "m-1"])).code).toBe(1);
    await run(add(provider.url), KEY);
    const found = await run(["route", "m-1", "--json"]);
    expect(found.code).toBe(0);
    expect(JSON.parse(found.out)).toMatchObject({ chosen: { account: "mine", model: "m-1" } });
    expect((await run(["route", "nobody-has-it"])).code).toBe(1);
  });

  it("tell an account that nobody has from one without requests", async () => {
    await using provider = await server();
    await using program = serve();
    await program.ready();
    await run(add(provider.url), KEY);
    expect(await run(["logs", "--account", "mine"])).toMatchObject({
      code: 0,
      err: "No request is recorded that this asks for.\n",
    });
    for (const more of [[], ["--follow"]]) {
      const stranger = await run(["logs", "--account", "mien", ...more]);
      expect(stranger).toMatchObject({ code: 1 });
      expect(stranger.err).toContain('no account "mien". There are: mine.');
    }
  });
});
