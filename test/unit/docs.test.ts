/** Paths that the project's pages name are there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const PAGES = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`),
].filter((name) => name.endsWith(".md"));
/** Where a page's path may begin. */
const HOMES = [
  "",
  "src",
  "src/gateway",
  "src/gateway/upstream",
  "src/gateway/upstream/relay",
  "src/webviews",
  "test",
];

/** Paths of sources in a page: in backticks or in a link, with a folder; globs and blanks to fill in are none. */
function pathsIn(page: string): string[] {
  const found = page.matchAll(/[`(]((?:[\w.-]+\/)+[\w.-]*\.(?:ts|tsx|mjs|css|md))(?=[`#)])/g);
  return [...new Set(Array.from(found, ([, path = ""]) => path))];
}

const isThere = (path: string, page: string): boolean =>
  HOMES.some((home) => existsSync(join(root, home, path))) || existsSync(join(root, page, "..", path));

describe("pages", () => {
  it.each(PAGES)("%s names no dead path", (page) => {
    const text = readFileSync(join(root, page), "utf8");
    expect(pathsIn(text).filter((path) => !isThere(path, page))).toEqual([]);
  });

  it("are read for paths", () => {
    expect(pathsIn("`src/a.ts` [b](docs/b.md#c) `a.ts` `x/*.ts` `protocols/chat.ts`, src/no.ts")).toEqual([
      "src/a.ts",
      "docs/b.md",
      "protocols/chat.ts",
    ]);
  });
});
