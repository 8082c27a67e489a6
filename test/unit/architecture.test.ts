/** The direction of imports, checked on the graph itself; `biome.json` says the same to the editor. */
import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { describe, expect, it } from "vitest";
import { type Import, importsOf } from "./support/imports.ts";

const src = resolve(import.meta.dirname, "../../src");

type Layer = "control" | "gateway" | "cli" | "vscode" | "webviews";

/** What each layer may import from others. */
const MAY_IMPORT: Readonly<Record<Layer, readonly Layer[]>> = {
  control: [],
  gateway: ["control"],
  cli: ["gateway", "control"],
  vscode: ["control"],
  webviews: ["control"],
};

/** The client side of the control API is how the editor's side reaches the gateway. */
const OPEN_TO_VSCODE = ["gateway/control/"];

function layerOf(file: string): Layer | undefined {
  const path = relative(src, file).split(sep).join("/");
  if (path === "extension.ts" || path.startsWith("vscode/")) return "vscode";
  if (path === "cli.ts" || path.startsWith("cli/")) return "cli";
  for (const layer of ["control", "gateway", "webviews"] as const) {
    if (path.startsWith(`${layer}/`)) return layer;
  }
  return undefined;
}

/** Why this import is not allowed, else `undefined`. */
function complaint(from: string, { specifier, typeOnly }: Import): string | undefined {
  const layer = layerOf(from);
  if (layer === undefined) return "is in no layer";
  if (!specifier.startsWith(".")) return packageComplaint(layer, specifier, typeOnly);
  const target = resolve(dirname(from), specifier);
  const other = layerOf(target);
  const path = relative(src, target).split(sep).join("/");
  if (path === "../package.json") return undefined;
  if (other === undefined) return `imports ${path}, which is in no layer`;
  if (other === layer) return undefined;
  if (layer === "vscode" && OPEN_TO_VSCODE.some((open) => path.startsWith(open))) return undefined;
  return MAY_IMPORT[layer].includes(other) ? undefined : `${layer} imports ${path}`;
}

function packageComplaint(layer: Layer, name: string, typeOnly: boolean): string | undefined {
  const base = name.startsWith("@") ? name.split("/").slice(0, 2).join("/") : (name.split("/")[0] ?? name);
  if (base === "vscode" && layer !== "vscode") return `${layer} imports vscode`;
  if (base === "undici" && layer !== "gateway") return `${layer} imports undici`;
  if (layer === "control") return `control imports ${name}`;
  if (layer === "webviews" && !typeOnly && (name.startsWith("node:") || base === "zod")) {
    return `webviews imports ${name}, which no browser has or needs`;
  }
  return undefined;
}

const files: string[] = [];
for await (const file of glob("**/*.{ts,tsx}", { cwd: src })) files.push(join(src, file));

describe("the direction of imports", () => {
  it("finds the sources", () => {
    expect(files.length).toBeGreaterThan(20);
    const imports = files.flatMap((file) => importsOf(readFileSync(file, "utf8")));
    expect(imports.length).toBeGreaterThan(files.length);
  });

  it("is kept by every file", () => {
    const complaints = files.flatMap((file) =>
      importsOf(readFileSync(file, "utf8"))
        .map((each) => complaint(file, each))
        .filter((each) => each !== undefined)
        .map((each) => `${relative(src, file)}: ${each}`),
    );
    expect(complaints).toEqual([]);
  });

  it("runs as it is under Node.js 22, which does not know `using`", () => {
    const newer = files.filter((file) => /^\s*(?:await )?using \w+ =/m.test(readFileSync(file, "utf8")));
    expect(newer).toEqual([]);
  });

  it("has no test code in it", () => {
    const fromTests = files.filter((file) =>
      importsOf(readFileSync(file, "utf8")).some(({ specifier }) =>
        /vitest|fast-check|\/test\//.test(specifier),
      ),
    );
    expect(fromTests).toEqual([]);
  });

  it.each([
    ["gateway/a.ts", "vscode", false],
    ["gateway/a.ts", "../vscode/b.ts", true],
    ["gateway/a/b.ts", "../../webviews/b.ts", true],
    ["gateway/a.ts", "../cli/b.ts", true],
    ["control/a.ts", "zod", true],
    ["control/a.ts", "../gateway/ports.ts", true],
    ["cli.ts", "undici", false],
    ["cli.ts", "./vscode/a.ts", true],
    ["extension.ts", "./gateway/gateway.ts", true],
    ["vscode/a.ts", "undici", true],
    ["vscode/a.ts", "../webviews/a.ts", true],
    ["webviews/a.tsx", "zod", false],
    ["webviews/a.tsx", "node:fs", false],
    ["webviews/a.tsx", "../gateway/settings.ts", true],
    ["stray.ts", "node:fs", false],
  ])("refuses that %s imports %s", (file, specifier, typeOnly) => {
    expect(complaint(join(src, file), { specifier, typeOnly })).toBeDefined();
  });

  it.each([
    ["gateway/a.ts", "undici", false],
    ["gateway/a.ts", "../control/contract.ts", false],
    ["cli.ts", "./gateway/gateway.ts", false],
    ["vscode/a.ts", "vscode", false],
    ["vscode/a.ts", "../control/contract.ts", false],
    ["vscode/a.ts", "../gateway/control/client.ts", false],
    ["webviews/a.tsx", "../control/quotas.ts", false],
    ["webviews/a.tsx", "preact", false],
  ])("accepts that %s imports %s", (file, specifier, typeOnly) => {
    expect(complaint(join(src, file), { specifier, typeOnly })).toBeUndefined();
  });
});

describe("importsOf", () => {
  it.each([
    ['import a from "x";', false],
    ['import { a,\n  b } from "x";', false],
    ['import * as a from "x";', false],
    ['import a, { type b } from "x";', false],
    ['import "x";', false],
    ['export * from "x";', false],
    ['export { a } from "x";', false],
    ['export * as a from "x";', false],
    ['import type { a } from "x";', true],
    ['import type a from "x";', true],
    ['export type { a } from "x";', true],
    ['const a = await import("x");', false],
    ["const a = require('x');", false],
    ['const u = "https://a"; import("x");', false],
    ['const a = 1;import b from "x";', false],
  ])("sees %s", (source, typeOnly) => {
    expect(importsOf(source)).toEqual([{ specifier: "x", typeOnly }]);
  });

  it.each([
    '// import a from "x"',
    '/* import "x" */',
    'const a = "y";',
    'export const from = "x";',
    "reimport ('x')",
  ])("sees nothing in %s", (source) => {
    expect(importsOf(source)).toEqual([]);
  });
});
