/** All styles are loaded together, so a class belongs to one file. */
import { glob, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const folder = resolve(import.meta.dirname, "../../src/webviews");

/** The classes that begin a selector, after which further ones only say which. */
function owned(css: string): string[] {
  const selectors = css.replaceAll(/\/\*.*?\*\//gs, "").match(/[^{}]+(?=\{)/g) ?? [];
  return selectors
    .filter((selector) => !selector.trim().startsWith("@"))
    .flatMap((selector) => selector.split(","))
    .flatMap((selector) => /^\s*\.([a-z][\w-]*)/.exec(selector)?.[1] ?? []);
}

/** What VS Code sets, and what a narrow view changes of another file's. */
const SHARED = new Set(["vscode-high-contrast", "vscode-high-contrast-light", "vscode-light", "vscode-dark"]);

describe("styles", () => {
  it("give no class two owners", async () => {
    const owners = new Map<string, Set<string>>();
    for await (const file of glob("pages/**/*.css", { cwd: folder })) {
      for (const name of owned(await readFile(join(folder, file), "utf8"))) {
        owners.set(name, (owners.get(name) ?? new Set()).add(file));
      }
    }
    for (const file of ["components/components.css", "theme.css"]) {
      for (const name of owned(await readFile(join(folder, file), "utf8"))) {
        if (owners.has(name)) owners.get(name)?.add(file);
      }
    }
    const twice = [...owners].filter(([name, files]) => files.size > 1 && !SHARED.has(name));
    expect(twice.map(([name, files]) => `${name}: ${[...files].join(", ")}`)).toEqual([]);
  });

  it("take their colours from the theme", async () => {
    const raw: string[] = [];
    for await (const file of glob("{pages,components}/**/*.css", { cwd: folder })) {
      const css = await readFile(join(folder, file), "utf8");
      for (const [line] of css.matchAll(/^.*(?:#[0-9a-f]{3,8}\b|rgba?\().*$/gim)) {
        if (!line.includes("var(--vscode-") && !line.includes("backdrop"))
          raw.push(`${file}: ${line.trim()}`);
      }
    }
    // The shade behind a dialog darkens whatever is there.
    expect(raw).toEqual(["components/components.css: background: rgb(0 0 0 / 40%);"]);
  });

  it("finds the class that begins a selector", () => {
    expect(
      owned(".a > .b, .c.d:hover { color: red } @media (x) { .e { top: 0 } } h1 .f { left: 0 }"),
    ).toEqual(["a", "c", "e"]);
  });
});
