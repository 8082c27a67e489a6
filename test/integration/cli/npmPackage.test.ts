/** The npm package of the command line, as `npm run package:npm` puts it together: installed and run. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { basename, dirname, join, posix } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
// @ts-expect-error: a script, without types
import { assemble, withoutDeadLinks } from "../../../scripts/lib/npmPackage.mjs";
// @ts-expect-error: likewise
import { npm } from "../../../scripts/lib/run.mjs";
import { isBuilt } from "../../support/dist.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { nativeBuildEnvironment } from "../../support/nativeBuild.ts";
import { ask } from "./program.ts";

/** Each npx takes its time while the computer is busy. */
vi.setConfig({ testTimeout: 240_000 });

interface Invocation {
  readonly program: string;
  readonly args: readonly string[];
}

/** npx is a script beside npm's. */
function npx(args: readonly string[]): Invocation {
  const { program, args: given }: Invocation = npm([]);
  const script = given[0];
  return script === undefined || basename(script) !== "npm-cli.js"
    ? { program: program.replace(/npm$/, "npx"), args }
    : { program, args: [join(dirname(script), "npx-cli.js"), ...args] };
}

let folder = "";
let files: readonly string[] = [];
/** Without what npm tells the programs that it starts, and with the Node.js of this test in front. */
let env: NodeJS.ProcessEnv = {};

const read = (path: string) => readFile(join(folder, "package", path), "utf8");
const runIn = (cwd: string, { program, args }: Invocation) =>
  promisify(execFile)(program, [...args], { cwd, env });

describe.skipIf(!isBuilt("cli.js", "webviews/panel.js"))("the npm package (needs dist/)", () => {
  beforeAll(async () => {
    folder = makeFolder("npm");
    env = {
      ...nativeBuildEnvironment(process.execPath),
      XDG_RUNTIME_DIR: join(folder, "runtime"),
      npm_config_cache: join(folder, "cache"),
      npm_config_update_notifier: "false",
    };
    files = await assemble(join(folder, "package"));
  });
  afterAll(() => removeFolder(folder));

  it("is a program without dependencies, for the Node.js that src/cli.ts asks for", async () => {
    const root = JSON.parse(await readFile(join(import.meta.dirname, "../../../package.json"), "utf8"));
    const manifest = JSON.parse(await read("package.json"));
    expect(manifest).toMatchObject({
      name: "portico",
      version: root.version,
      license: "MIT",
      type: "module",
      bin: { portico: "dist/cli.js" },
      engines: { node: ">=22.13" },
    });
    expect(Object.keys(manifest).filter((key) => /dependencies|scripts|private|main/i.test(key))).toEqual([]);
    const asks = await readFile(join(import.meta.dirname, "../../../src/cli.ts"), "utf8");
    expect(asks).toContain("Node.js 22.13 or newer");
  });

  it("has what the program needs, its licences, and neither maps nor what is VS Code's", () => {
    for (const name of [
      "LICENSE",
      "README.md",
      "dist/third-party-notices.txt",
      "dist/tokens.br",
      "dist/prices.br",
      "dist/records.js",
      "dist/webviews/panel.js",
      "dist/l10n/bundle.l10n.ko.json",
      "dist/l10n/bundle.l10n.zh-cn.json",
      "docs/cli.md",
    ]) {
      expect(files).toContain(name);
    }
    expect(files.filter((name) => /\.map$|extension|worker\.js|uninstall|\.tsx?$|img/.test(name))).toEqual(
      [],
    );
  });

  it("has pages whose links lead somewhere", async () => {
    const pages = files.filter((name) => name.endsWith(".md") && name !== "CHANGELOG.md");
    expect(pages).toContain("docs/accounts.md");
    for (const page of pages) {
      const links = [...(await read(page)).matchAll(/\]\(([^)\s#]+)[^)]*\)/g)].map(([, link = ""]) => link);
      const own = links.filter((link) => !/^[a-z]+:/.test(link));
      for (const link of own) {
        expect(files, `${page}: ${link}`).toContain(posix.normalize(posix.join(posix.dirname(page), link)));
      }
    }
    expect(await read("README.md")).not.toContain("npm start");
  });

  it("loses links to what is not there, and keeps the others", () => {
    const text = "[a](b.md#c) [d](e.md) ![f](g.png) [h](#i) [j](../k.md) [l](m:n)";
    const has = (path: string) => ["docs/b.md", "k.md"].includes(path);
    expect(withoutDeadLinks(text, "docs/x.md", has)).toBe("[a](b.md#c) d  [h](#i) [j](../k.md) [l](m:n)");
  });

  it("is installed offline into an empty folder, and answers from npx portico serve", async () => {
    await runIn(join(folder, "package"), npm(["pack", "--ignore-scripts", "--pack-destination", folder]));
    const { version } = JSON.parse(await read("package.json"));
    expect(existsSync(join(folder, `portico-${version}.tgz`))).toBe(true);
    const home = join(folder, "empty");
    await mkdir(home);
    await runIn(home, npm(["install", `../portico-${version}.tgz`, "--offline", "--no-audit", "--no-fund"]));
    const { stdout } = await runIn(home, npx(["--offline", "portico", "--version"]));
    expect(stdout.trim()).toBe(version);

    const data = join(folder, "data");
    const serving = npx(["--offline", "portico", "serve", "--port", "0", "--data-dir", data]);
    const child = spawn(serving.program, [...serving.args], { cwd: home, env });
    const ended = once(child, "exit");
    try {
      const { base, dashboard } = await ready(child);
      const reply = await ask(base, "sandbox/echo");
      expect(await reply.json()).toMatchObject({ choices: [{ message: { content: "Hello" } }] });
      const page = await fetch(new URL("/", dashboard), { headers: { connection: "close" } });
      expect(page.status).toBe(200);
      // What was counted and recorded comes from threads with files of their own.
      const counted = await fetch(`${base}/v1/messages/count_tokens`, {
        method: "POST",
        headers: { "content-type": "application/json", connection: "close" },
        body: JSON.stringify({ model: "sandbox/echo", messages: [{ role: "user", content: "Hello" }] }),
      });
      expect(await counted.json()).toEqual({ input_tokens: expect.any(Number) });
      await expect
        .poll(
          async () => {
            const logs = npx(["--offline", "portico", "logs", "--json", "--data-dir", data]);
            return (await runIn(home, logs)).stdout;
          },
          { timeout: 120_000 },
        )
        .toContain("sandbox/echo");
    } finally {
      // npx passes it on to nobody: the program sees that it is alone.
      child.kill("SIGTERM");
      await ended;
    }
    if (process.platform !== "win32") {
      const status = () => runIn(home, npx(["--offline", "portico", "status", "--json", "--data-dir", data]));
      await expect
        .poll(() => status().catch((error: { stdout: string }) => error), { timeout: 120_000 })
        .toMatchObject({ stdout: expect.stringContaining('"running": false') });
    }
  });
});

/** The addresses that `portico serve` tells when it is ready. */
async function ready(child: ChildProcess): Promise<{ base: string; dashboard: string }> {
  let said = "";
  const wanted = /listening on (http:\S+)[\s\S]*?(http:\S+)\/#code/;
  return new Promise((resolve, reject) => {
    const look = (text: string) => {
      said += text;
      const [, base, dashboard] = wanted.exec(said) ?? [];
      if (base !== undefined && dashboard !== undefined) resolve({ base, dashboard });
    };
    child.stdout?.setEncoding("utf8").on("data", look);
    child.stderr?.setEncoding("utf8").on("data", look);
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`ended with ${code} before it was ready:\n${said}`)));
  });
}
