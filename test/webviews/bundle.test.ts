/** What is shipped: small enough, nothing in it that does not belong into a browser, and all strings collected. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const KB = 1024;

// Plain scripts without types: what is used of them is said here.
const { pagesBundle } = (await import(`${root}/scripts/lib/pages.mjs`)) as { pagesBundle: object };
const { collectStrings } = (await import(`${root}/scripts/lib/l10n.mjs`)) as {
  collectStrings(pattern?: string): Promise<Record<string, unknown>>;
};
const { NATIVE, nativeSources, ownTexts } = (await import(`${root}/scripts/lib/ownTexts.mjs`)) as {
  NATIVE: string;
  ownTexts(texts: Record<string, string>, sources: string): Record<string, string>;
  nativeSources(): Promise<string>;
};

describe("the pages' bundle", () => {
  let files: { name: string; bytes: number; text: string }[];
  let inputs: string[];
  /** A file and those that have to be there before it runs. */
  let importsOf: Map<string, string[]>;

  beforeAll(async () => {
    const result = await build({
      ...pagesBundle,
      absWorkingDir: root,
      bundle: true,
      minify: true,
      metafile: true,
      write: false,
      logLevel: "silent",
    });
    files = (result.outputFiles ?? []).map(({ path, contents, text }) => ({
      name: path.slice(path.lastIndexOf("/") + 1),
      bytes: contents.length,
      text,
    }));
    const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);
    importsOf = new Map(
      Object.entries(result.metafile?.outputs ?? {}).map(([path, { imports }]) => [
        nameOf(path),
        imports.filter(({ kind }) => kind === "import-statement").map((each) => nameOf(each.path)),
      ]),
    );
    inputs = Object.keys(result.metafile?.inputs ?? {});
  });

  it("has an entry each for the panel and the sidebar, and one style sheet", () => {
    const names = files.map(({ name }) => name);
    for (const name of ["panel.js", "sidebar.js", "panel.css", "codicon.ttf"]) expect(names).toContain(name);
  });

  it("has no part of 200 KB or more", () => {
    expect(files.filter(({ bytes }) => bytes >= 200 * KB)).toEqual([]);
  });

  it("shows the first page after 100 KB at most", () => {
    const first = new Set(["panel.js", files.find(({ name }) => /^dashboard-.*\.js$/.test(name))?.name]);
    // A set that grows is gone through to its end.
    for (const name of first) for (const needed of importsOf.get(name ?? "") ?? []) first.add(needed);
    const loaded = files.filter(({ name }) => first.has(name));
    expect(loaded.length).toBeGreaterThan(5);
    expect(loaded.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(100 * KB);
  });

  it("has nothing of the gateway, of Node or of the editor in it", () => {
    expect(
      inputs.filter((each) => /src\/(gateway|vscode|cli)|node_modules\/(zod|undici|ws)\//.test(each)),
    ).toEqual([]);
  });

  it("makes no code from text, which the policy of the page would refuse", () => {
    const scripts = files.filter(({ name }) => name.endsWith(".js"));
    expect(
      scripts
        .filter(({ text }) => /\beval\(|new Function\(|\bFunction\("/.test(text))
        .map(({ name }) => name),
    ).toEqual([]);
  });
});

describe("l10n/bundle.l10n.json", () => {
  // The tool that finds them is thorough rather than fast.
  it("has every string that people read; npm run l10n writes it", { timeout: 120_000 }, async () => {
    const written = JSON.parse(await readFile(resolve(root, "l10n/bundle.l10n.json"), "utf8"));
    const strings = await collectStrings();
    expect(Object.keys(strings)).toContain("Start Proxy");
    expect(Object.keys(strings).filter((each) => each.trim() === "")).toEqual([]);
    expect(written).toEqual(strings);
  });

  it("gives VS Code's side and the command line all that they say, and not what pages alone do", {
    timeout: 120_000,
  }, async () => {
    const all = JSON.parse(await readFile(resolve(root, "l10n/bundle.l10n.ko.json"), "utf8"));
    const own = Object.keys(ownTexts(all, await nativeSources()));
    const said = Object.keys(await collectStrings(NATIVE));
    expect(said.filter((text) => !own.includes(text))).toEqual([]);
    expect(own.length).toBeLessThan(0.7 * Object.keys(all).length);
  });
});
