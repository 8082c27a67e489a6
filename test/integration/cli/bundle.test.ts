import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { dist, isBuilt, partsOf } from "../../support/dist.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { ask, root, start } from "./program.ts";

const bundle = dist("cli.js");

describe.skipIf(!isBuilt("cli.js", "worker.js"))("the bundled command line (needs dist/)", () => {
  it("knows its version, and shows help", async () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    await using program = start(["--version"], {}, bundle);
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.stdout()).toBe(`${version}\n`);
    await using help = start(["serve", "--help"], {}, bundle);
    expect(await help.ended).toEqual({ code: 0, signal: null });
    expect(help.stdout()).toContain("Usage: portico serve");
  });

  it.runIf(process.platform === "linux")(
    "speaks the language of a terminal, and English to programs",
    async () => {
      const env = { ...process.env, LC_ALL: "ko_KR.UTF-8", NO_COLOR: "1" };
      // A terminal of its own, from util-linux.
      const command = `"${process.execPath}" "${bundle}" status --data-dir "${join(root, "nowhere")}"`;
      const { stdout } = await promisify(execFile)("script", ["-qec", `${command}; true`, "/dev/null"], {
        env,
      });
      // Under npm the program is called otherwise.
      expect(stdout).toMatch(/시작하기: (npx )?portico serve/);
      await using piped = start(["status", "--data-dir", join(root, "nowhere")], env, bundle);
      await piped.ended;
      expect(piped.stdout()).toMatch(/Start it: (npx )?portico serve/);
    },
  );

  it("serves", async () => {
    const data = makeFolder("bundle");
    {
      await using program = start(["serve", "--port", "0", "--data-dir", data], {}, bundle);
      expect((await ask(await program.ready(), "sandbox/echo")).status).toBe(200);
      await using dashboard = start(["dashboard", "--data-dir", data], {}, bundle);
      await dashboard.ended;
      const { origin } = new URL(/http:\S+/.exec(dashboard.stdout())?.[0] ?? "");
      // What reads the body is loaded only now.
      const signIn = async (body: string): Promise<number> => {
        const headers = { origin, connection: "close", "content-type": "application/json" };
        return (await fetch(`${origin}/session`, { method: "POST", headers, body })).status;
      };
      expect(await signIn('{"code":"nöne"}')).toBe(401);
      expect(await signIn("{")).toBe(400);
    }
    // Not before it ended: it writes until then.
    await removeFolder(data);
  });

  it("says which Node.js it needs where it gets one without SQLite", async () => {
    await using program = start(["--version"], { NODE_OPTIONS: "--no-experimental-sqlite" }, bundle);
    expect(await program.ended).toEqual({ code: 1, signal: null });
    expect(program.stdout()).toBe("");
    expect(program.stderr()).toMatch(
      new RegExp(
        `^portico: needs Node\\.js 22\\.13 or newer, but this is ${process.versions.node}\\. .*npm start.*\\n$`,
      ),
    );
  });

  it("looks at the Node.js before it loads what an old one has not", () => {
    const imports = [...readFileSync(bundle, "utf8").matchAll(/(?:from\s*|import\s*\(?\s*)"([^"]+)"/g)];
    expect(imports.map(([, name]) => name)).toEqual(["node:module", "./portico.js"]);
  });

  it("has what VS Code's thread has as well once, in parts that are in the package", () => {
    const worker = partsOf("worker.js");
    const shared = [...partsOf("portico.js").keys()].filter((name) => worker.has(name));
    const bytes = (names: Iterable<string>) =>
      [...names].reduce((sum, name) => sum + readFileSync(dist(name)).length, 0);
    expect(bytes(shared) / bytes(worker.keys())).toBeGreaterThan(0.9);
    const packaged = readFileSync(join(root, ".vscodeignore"), "utf8").split("\n");
    for (const file of ["*-????????.js", "portico.js", "cli.js"]) expect(packaged).toContain(`!dist/${file}`);
    for (const name of worker.keys()) expect(name).toMatch(/^worker\.js$|-[0-9A-Z]{8}\.js$/);
  });

  it("serves without what Node.js has for fetch, which an import of node:http would load", async () => {
    const data = makeFolder("bundle");
    const telling = `process.on("exit", () => console.error(process.moduleLoadList.join("\\n")))`;
    {
      const preload = `--import=data:text/javascript,${encodeURIComponent(telling)}`;
      const options = { NODE_OPTIONS: preload };
      await using program = start(["serve", "--port", "0", "--data-dir", data], options, bundle);
      expect((await ask(await program.ready(), "sandbox/echo")).status).toBe(200);
      program.kill("SIGTERM");
      await program.ended;
      expect(program.stderr()).toContain("internal/http");
      expect(program.stderr()).not.toContain("undici/undici");
    }
    await removeFolder(data);
  });

  it("speaks none of the sixty languages of zod, which come with its whole namespace", () => {
    for (const entry of ["worker.js", "portico.js", "uninstall.js"]) {
      for (const [name, text] of partsOf(entry)) expect(text, name).not.toContain("Ongeldige");
    }
    expect(readFileSync(join(root, "node_modules/zod/v4/locales/nl.js"), "utf8")).toContain("Ongeldige");
  });

  it.skipIf(process.platform === "win32")("is a program of its own (Windows has no modes)", async () => {
    expect((await stat(bundle)).mode & 0o111).toBe(0o111);
    expect(readFileSync(bundle, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});
