/** What VS Code runs after it has uninstalled the extension: the built file with its parts, by a bare Node.js process. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Connections, openConnections, systemHost } from "../../../src/gateway/clients/connections.ts";
import { recordsFolder } from "../../../src/gateway/clients/records.ts";
import { tryLead } from "../../../src/gateway/common/leaderLock.ts";
import { runtimeDirectory } from "../../../src/gateway/config/dataDir.ts";
import { homeEnvironment } from "../../support/clientHome.ts";
import { dist, isBuilt, partsOf } from "../../support/dist.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { CLAUDE, CLIENT_FILES, SETTINGS } from "./clientFiles.ts";
import { root, start } from "./program.ts";

vi.setConfig({ testTimeout: 120_000 });

const KEY = "not-for-any-log-8f2c";
const NAME = "portico-gateway.portico-1.2.3";
/** Nobody listens on it: it is reserved. */
const TARGET = { baseUrl: "http://127.0.0.1:1", key: KEY, model: "m-1" };
const CODEX = CLIENT_FILES.find(({ client }) => client === "codex");

let home = "";
let env: NodeJS.ProcessEnv = {};
let connections: Connections;
beforeEach(async () => {
  home = makeFolder("uninstall");
  env = homeEnvironment(home);
  connections = openConnections({ host: systemHost(env), clock: { now: Date.now } });
  // Nothing else of the package is there but what says that these are modules.
  await put(`.vscode/extensions/${NAME}/package.json`, '{"type":"module"}');
  await mkdir(at(`.vscode/extensions/${NAME}/dist`));
  const parts = isBuilt("uninstall.js") ? partsOf("uninstall.js").keys() : [];
  for (const part of parts) await copyFile(dist(part), at(`.vscode/extensions/${NAME}/dist/${part}`));
});
afterEach(() => removeFolder(home));

const at = (file: string) => join(home, file);
const read = (file: string) => readFile(at(file), "utf8");
async function put(file: string, text: string): Promise<void> {
  await mkdir(dirname(at(file)), { recursive: true });
  await writeFile(at(file), text);
}
const connect = async (id: string, target = TARGET) =>
  connections.connect(id, target, await connections.planConnect(id, target));
const records = () => recordsFolder(systemHost(env));
const recorded = async () => (await readdir(records())).filter((name) => name.endsWith(".json"));

/** As VS Code starts it. @returns what its log says */
async function uninstall(): Promise<string> {
  const child = spawn(
    process.execPath,
    [at(`.vscode/extensions/${NAME}/dist/uninstall.js`), "--type=extension-post-uninstall"],
    { env: { ...env, PATH: process.env.PATH, SystemRoot: process.env.SystemRoot }, cwd: root },
  );
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (said += bytes));
  const code = await new Promise((done) => child.on("close", done));
  expect({ code, said }).toEqual({ code: 0, said: "" });
  const log = join(records(), "uninstall.log");
  const text = existsSync(log) ? await readFile(log, "utf8") : "";
  expect(text).not.toContain(KEY);
  return text;
}

describe.skipIf(!isBuilt("uninstall.js"))("after the extension was uninstalled (needs dist/)", () => {
  it("every connected client has its own settings back, byte for byte", async () => {
    const files = CLIENT_FILES.flatMap((each) => Object.entries(each.files));
    for (const [file, text] of files) await put(file, text);
    for (const { client } of CLIENT_FILES) await connect(client);
    for (const [file, text] of files) expect(await read(file)).not.toBe(text);
    const log = await uninstall();
    for (const [file, text] of files) {
      expect(await read(file), file).toBe(text);
      expect(log).toContain(`${at(file)} was put back.`);
    }
    expect(await recorded()).toEqual([]);
  });

  it("files that were not there before are gone, with the folders made for them", async () => {
    for (const { client } of CLIENT_FILES) await connect(client);
    expect(await uninstall()).toContain("settings.json was removed: it was not there before.");
    expect(await recorded()).toEqual([]);
    for (const name of [".claude", ".codex", ".gemini", ".qwen", ".continue", ".cline", ".pi"])
      expect(existsSync(at(name)), name).toBe(false);
  });

  it("what was changed by hand stays, and is named", async () => {
    await put(CLAUDE, SETTINGS);
    await connect("claude-code");
    const ours = await read(CLAUDE);
    await put(CLAUDE, ours.replace('"ANTHROPIC_MODEL": "m-1"', '"ANTHROPIC_MODEL": "mine"'));
    expect(await uninstall()).toContain(
      "Claude Code: env.ANTHROPIC_MODEL was changed since and stays as it is.",
    );
    expect(JSON.parse((await read(CLAUDE)).slice(1)).env).toEqual({ A: "1", ANTHROPIC_MODEL: "mine" });
  });

  it("a file that cannot be put back is left with its record, and keeps no other from it", async () => {
    for (const [file, text] of Object.entries(CODEX?.files ?? {})) await put(file, text);
    await put(CLAUDE, SETTINGS);
    for (const id of ["claude-code", "codex"]) await connect(id);
    await put(CLAUDE, "{ broken");
    expect(await uninstall()).toMatch(
      /Claude Code: not put back\. .* was left as it is: .*claude-code\.json\./,
    );
    expect(await read(CLAUDE)).toBe("{ broken");
    expect(await recorded()).toEqual(["claude-code.json"]);
    for (const [file, text] of Object.entries(CODEX?.files ?? {})) expect(await read(file)).toBe(text);
  });

  it("nothing is written where no client is connected", async () => {
    expect(await uninstall()).toBe("");
    expect((await readdir(home)).sort()).toEqual([".vscode"]);
  });
});

describe.skipIf(!isBuilt("uninstall.js"))(
  "a client is left alone while there is Portico (needs dist/)",
  () => {
    let connected = "";
    beforeEach(async () => {
      await put(CLAUDE, SETTINGS);
      await connect("claude-code");
      connected = await read(CLAUDE);
    });

    it("in another editor, until it is uninstalled there as well", async () => {
      await mkdir(at(".cursor/extensions/portico-gateway.portico-1.1.0"), { recursive: true });
      expect(await uninstall()).toContain(
        `installed in ${at(".cursor/extensions/portico-gateway.portico-1.1.0")}`,
      );
      expect(await read(CLAUDE)).toBe(connected);
      await put(".cursor/extensions/.obsolete", '{"portico-gateway.portico-1.1.0":true}');
      await put(".other/extensions", "no folder");
      await uninstall();
      expect(await read(CLAUDE)).toBe(SETTINGS);
    });

    it("that runs without an editor, until it has ended", async () => {
      {
        await using gateway = start(["serve", "--port", "0", "--data-dir", at("own")], env);
        await gateway.ready();
        expect(await uninstall()).toContain(`running with the data folder ${at("own")} (pid ${gateway.pid})`);
        expect(await read(CLAUDE)).toBe(connected);
      }
      // Killed, it leaves its word behind.
      expect(await readdir(runtimeDirectory(systemHost(env)))).not.toEqual([]);
      await uninstall();
      expect(await read(CLAUDE)).toBe(SETTINGS);
    });

    it("that answers at the client's address, whoever runs it", async () => {
      const server = createServer((_, reply) => reply.end('{"name":"portico"}')).listen(0, "127.0.0.1");
      try {
        await new Promise((done) => server.once("listening", done));
        const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        await connect("claude-code", { ...TARGET, baseUrl });
        connected = await read(CLAUDE);
        expect(await uninstall()).toContain(`left as it is, because a Portico answers at ${baseUrl}.`);
        expect(await read(CLAUDE)).toBe(connected);
      } finally {
        server.close();
      }
    });

    it("that changes what is connected just now, and says so before VS Code ends the script", async () => {
      const held = tryLead(join(records(), "locks", "connected.lock"));
      try {
        const since = performance.now();
        expect(await uninstall()).toContain("not put back. Another Portico on this computer holds a lock");
        // Otherwise a lock is waited for three quarters of a minute.
        expect(performance.now() - since).toBeLessThan(20_000);
        expect(await read(CLAUDE)).toBe(connected);
      } finally {
        held?.release();
      }
      await uninstall();
      expect(await read(CLAUDE)).toBe(SETTINGS);
    });
  },
);

it("package.json says it as VS Code reads it, and the file is in the package", async () => {
  const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  expect(scripts["vscode:uninstall"]).toBe("node ./dist/uninstall.js");
  expect(await readFile(join(root, ".vscodeignore"), "utf8")).toContain("!dist/uninstall.js\n");
});
