import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { configDirectory } from "../../../src/gateway/config/dataDir.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { leaksInFolder } from "../../support/secrets.ts";
import { ask, completion, start, startUpstream } from "./program.ts";

/** Starting takes its time while the computer is busy. */
vi.setConfig({ testTimeout: 240_000 });

let folder = "";
let data = "";
let config = "";
beforeEach(async () => {
  folder = makeFolder("cli");
  data = join(folder, "data");
  config = join(folder, "portico.jsonc");
});
afterEach(async () => {
  expect(await leaksInFolder(folder, ["secrets.json", "portico.jsonc"])).toEqual([]);
  await removeFolder(folder);
});

const serve = (...args: string[]) => start(["serve", "--port", "0", "--data-dir", data, ...args]);

async function writeConfig(upstream: string, more = ""): Promise<void> {
  await writeFile(
    config,
    `{ // accounts
      "accounts": [{ "id": "up", "provider": "custom", "endpoints": { "openai-chat": "${upstream}" },
        "credentials": { "apiKey": "upstream-key-SEEDED-1234567890" }, "models": ["m*"] }],
      ${more}
    }`,
  );
}

describe("portico serve", () => {
  it("prints one line on standard output when it is ready, and what to do next on standard error", async () => {
    await using program = serve();
    const base = await program.ready();
    expect(await (await fetch(`${base}/healthz`)).json()).toMatchObject({ status: "ok", name: "portico" });
    const reply = await ask(base, "sandbox/echo");
    expect(await reply.json()).toMatchObject({
      choices: [{ message: { content: expect.stringContaining("Hello") } }],
    });
    await program.says("curl");
    expect(program.stderr()).toContain(`${base}/v1`);
    expect(program.stderr()).toContain("sandbox");
    expect(program.stdout()).toMatch(/^[^\n]*listening on http:\/\/127\.0\.0\.1:[1-9]\d*\n$/);
  });

  it("says who has the port and how to choose another, and exits with 1", async () => {
    const other = createServer((socket) => socket.resume());
    await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
    const address = other.address();
    const port = typeof address === "object" ? address?.port : undefined;
    await using program = start(["serve", "--data-dir", data, "--port", String(port)]);
    expect(await program.ended).toEqual({ code: 1, signal: null });
    expect(program.stderr()).toContain(`Port ${port} is taken`);
    expect(program.stderr()).not.toMatch(/WARN|EADDRINUSE/);
    expect(program.stderr()).toContain("--port N");
    expect(program.stdout()).toBe("");
    await new Promise((done) => other.close(done));
  });

  it("takes portico.jsonc of the user's configuration folder where no file is named, and says so", async () => {
    const env = { XDG_CONFIG_HOME: join(folder, "conf"), APPDATA: join(folder, "conf"), HOME: folder };
    const usual = join(configDirectory({ platform: process.platform, env, home: folder }), "portico.jsonc");
    await mkdir(dirname(usual), { recursive: true });
    await writeFile(usual, '{ "auth": { "mode": "strict", "apiKey": "gateway-key-SEEDED-0123456789" } }');
    const serve = ["serve", "--port", "0", "--data-dir", data];
    {
      await using program = start(serve, env);
      const base = await program.ready();
      await program.says(`Settings and accounts come from ${usual}`);
      expect((await ask(base, "sandbox/echo", "another-key")).status).toBe(401);
      expect((await ask(base, "sandbox/echo", "gateway-key-SEEDED-0123456789")).status).toBe(200);
    }
    await writeFile(config, "{}");
    await using program = start([...serve, "--config", config], env);
    const base = await program.ready();
    await program.says(`Settings and accounts come from ${config}`);
    expect((await ask(base, "sandbox/echo")).status).toBe(200);
  });

  it("keeps the key that it made", async () => {
    for (let i = 0; i < 2; i++) {
      await using program = serve();
      await program.ready();
    }
    const kept: unknown = JSON.parse(await readFile(join(data, "secrets.json"), "utf8"));
    expect(kept).toEqual({ "gateway.apiKey": expect.stringMatching(/^sk-portico-/) });
    if (process.platform !== "win32") {
      expect((await stat(join(data, "secrets.json"))).mode & 0o777).toBe(0o600);
      expect((await stat(data)).mode & 0o777).toBe(0o700);
    }
  });

  it("demands the key where the settings say so, and says where it is", async () => {
    await writeFile(config, '{ "auth": { "mode": "strict" } }');
    await using program = serve("--config", config);
    const base = await program.ready();
    await program.says("Clients must show the key");
    const { "gateway.apiKey": key } = JSON.parse(await readFile(join(data, "secrets.json"), "utf8"));
    expect((await ask(base, "sandbox/echo")).status).toBe(401);
    expect((await ask(base, "sandbox/echo", key)).status).toBe(200);
    expect(program.stderr()).toContain("secrets.json");
    expect(program.stderr()).not.toContain(key);
  });
});

describe("what was called wrongly", () => {
  it.each([
    [["serve", "--prot", "1"], "did you mean --port?"],
    [["serve", "--port", "x"], "--port must be"],
    [["serve", "--host", "0.0.0.0"], "allowLanAccess"],
    [["serve", "--config", join(tmpdir(), "there-is-no-such-file")], "there is no such file"],
    [["zzzzzz"], 'unknown command "zzzzzz"'],
    [[], "portico serve"],
  ])("exits with 2 for %j", async (args, message) => {
    await using program = start(args, { PORTICO_DATA_DIR: data });
    expect(await program.ended).toEqual({ code: 2, signal: null });
    expect(program.stderr()).toContain(message);
    expect(program.stderr()).not.toMatch(/\n\s+at /);
    expect(program.stdout()).toBe("");
  });

  it("names all that is wrong with the config file, with its place", async () => {
    await writeFile(
      config,
      '{\n  "prot": 1,\n  "accounts": [{ "id": "a", "provider": "${env:PORTICO_NONE}" }]\n}',
    );
    await using program = serve("--config", config);
    expect(await program.ended).toEqual({ code: 2, signal: null });
    expect(program.stderr()).toContain(`${config}:2:3 prot: is no known setting; did you mean "port"?`);
    expect(program.stderr()).toContain(`${config}:3:41 accounts[0].provider: the environment variable`);
  });
});

describe("a config file that changes", () => {
  it("applies without dropping a request; an invalid one is reported and the old one kept", async () => {
    await using upstream = await startUpstream();
    await writeConfig(upstream.url);
    await using program = serve("--config", config);
    const base = await program.ready();
    const held = ask(base, "model-1");
    const first = await upstream.next();

    await writeConfig(upstream.url, '"routes": [{ "model": "alias", "to": ["up/model-2"] }]');
    await program.says("is in force");
    const routed = ask(base, "alias");
    const second = await upstream.next();
    second.reply.setHeader("content-type", "application/json").end(completion("two"));
    expect(await (await routed).text()).toBe(completion("two"));

    await writeFile(config, '{ "port": "many" }');
    await program.says("port: must be a number, not text");
    expect(program.stderr()).toContain(`${config}:1:11 port`);
    const after = ask(base, "alias");
    (await upstream.next()).reply.setHeader("content-type", "application/json").end(completion("three"));
    expect((await after).status).toBe(200);

    await rm(config);
    await program.says("cannot be read");
    await writeConfig(upstream.url);
    await program.says("is in force", 2);
    expect((await ask(base, "alias")).status).toBe(404);

    first.reply.setHeader("content-type", "application/json").end(completion("one"));
    expect(await (await held).text()).toBe(completion("one"));
  });
});

describe("secrets", () => {
  it("are in no line of output, also when an upstream repeats them", async () => {
    await using upstream = await startUpstream();
    await writeConfig(upstream.url);
    await using program = serve("--config", config, "--log-level", "debug");
    const base = await program.ready();
    const asked = ask(base, "model-1");
    const { key, reply } = await upstream.next();
    expect(key).toBe("Bearer upstream-key-SEEDED-1234567890");
    reply.writeHead(401, { "content-type": "application/json" });
    reply.end(
      JSON.stringify({ error: { message: "Incorrect API key: upstream-key-SEEDED-1234567890", code: "x" } }),
    );
    await (await asked).text();
    await program.says("model-1");
    const { "gateway.apiKey": own } = JSON.parse(await readFile(join(data, "secrets.json"), "utf8"));
    const output = program.stdout() + program.stderr();
    for (const secret of ["upstream-key-SEEDED-1234567890", "client-key-SEEDED-of-the-test", own]) {
      expect(output).not.toContain(secret);
    }
  });
});

describe.skipIf(process.platform === "win32")("signals (Windows has no signals to send)", () => {
  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("%s ends an idle program with 0", async (signal) => {
    await using program = serve();
    await program.ready();
    program.kill(signal);
    expect(await program.ended).toEqual({ code: 0, signal: null });
  });

  it("lets a running request end and takes no new one", async () => {
    await using upstream = await startUpstream();
    await writeConfig(upstream.url);
    await using program = serve("--config", config);
    const base = await program.ready();
    const asked = ask(base, "model-1");
    const { reply } = await upstream.next();
    program.kill("SIGTERM");
    await program.says("stopping on SIGTERM; waiting for 1");
    await expect(fetch(`${base}/healthz`)).rejects.toThrow();
    reply.setHeader("content-type", "application/json").end(completion("done"));
    expect(await (await asked).text()).toBe(completion("done"));
    expect(await program.ended).toEqual({ code: 0, signal: null });
  });

  it("lets one end for as long as --drain says", async () => {
    await using upstream = await startUpstream();
    await writeConfig(upstream.url);
    await using program = serve("--config", config, "--drain", "1");
    const asked = ask(await program.ready(), "model-1");
    asked.catch(() => {});
    await upstream.next();
    const before = performance.now();
    program.kill("SIGTERM");
    expect(await program.ended).toEqual({ code: 0, signal: null });
    // By itself it would be thirty.
    expect(performance.now() - before).toBeLessThan(25_000);
    expect(await (await asked).text()).toContain("The Portico that answered was ended");
  });

  it("stops at once on the second, and says so to whoever waits", async () => {
    await using upstream = await startUpstream();
    await writeConfig(upstream.url);
    await using program = serve("--config", config);
    const asked = ask(await program.ready(), "model-1");
    asked.catch(() => {});
    await upstream.next();
    program.kill("SIGTERM");
    await program.says("stopping on SIGTERM");
    program.kill("SIGINT");
    expect(await program.ended).toEqual({ code: 130, signal: null });
    const reply = await asked;
    expect(reply.status).toBe(503);
    expect(await reply.text()).toContain("The Portico that answered was ended");
    // Nobody else leads: it has written the record itself.
    await using after = serve("--config", config);
    await after.ready();
    await using logs = start(["logs", "--data-dir", data, "--json"]);
    expect(await logs.ended).toEqual({ code: 0, signal: null });
    const lines = logs.stdout().trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).errorKind)).toEqual(["cut"]);
  });
});
