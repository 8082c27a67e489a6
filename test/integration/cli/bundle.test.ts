import { existsSync, readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { ask, root, start } from "./program.ts";

const bundle = join(root, "dist", "cli.js");

describe.skipIf(!existsSync(bundle))("the bundled command line (needs dist/)", () => {
  it("knows its version, and shows help", async () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    await using program = start(["--version"], {}, bundle);
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.stdout()).toBe(`${version}\n`);
    await using help = start(["serve", "--help"], {}, bundle);
    expect(await help.ended).toEqual({ code: 0, signal: null });
    expect(help.stdout()).toContain("Usage: portico serve");
  });

  it("serves", async () => {
    const data = makeFolder("bundle");
    {
      await using program = start(["serve", "--port", "0", "--data-dir", data], {}, bundle);
      expect((await ask(await program.ready(), "sandbox/echo")).status).toBe(200);
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

  it.skipIf(process.platform === "win32")("is a program of its own (Windows has no modes)", async () => {
    expect((await stat(bundle)).mode & 0o111).toBe(0o111);
    expect(readFileSync(bundle, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});
