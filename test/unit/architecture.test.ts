/** The direction of imports, checked on the graph itself; `biome.json` says the same to the editor. */
import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { describe, expect, it } from "vitest";
import { type Import, importsOf } from "./support/imports.ts";

const root = resolve(import.meta.dirname, "../..");
const src = join(root, "src");
const { breach, mermaid, roomOf, STAIR } = (await import(`${root}/scripts/lib/rooms.mjs`)) as {
  breach(from: string, to: string): string | undefined;
  mermaid(graph: ReadonlyMap<string, ReadonlySet<string>>): string;
  roomOf(path: string): string;
  STAIR: readonly (readonly string[])[];
};
const { roomGraph, withPicture, withRooms } = (await import(`${root}/scripts/rooms.mjs`)) as {
  roomGraph(): Promise<Map<string, Set<string>>>;
  withPicture(page: string): Promise<string>;
  withRooms(config: string): string;
};

type Layer = "control" | "gateway" | "cli" | "vscode" | "webviews";

/** What each layer may import from others. */
const MAY_IMPORT: Readonly<Record<Layer, readonly Layer[]>> = {
  control: [],
  gateway: ["control"],
  cli: ["gateway", "control"],
  vscode: ["control"],
  webviews: ["control"],
};

function layerOf(file: string): Layer | undefined {
  const path = relative(src, file).split(sep).join("/");
  if (path === "extension.ts" || path.startsWith("vscode/")) return "vscode";
  if (path === "cli.ts" || path.startsWith("cli/")) return "cli";
  for (const layer of ["control", "gateway", "webviews"] as const) {
    if (path.startsWith(`${layer}/`)) return layer;
  }
  return undefined;
}

const roomAt = (file: string): string => roomOf(relative(join(src, "gateway"), file).split(sep).join("/"));

/** Why this import is not allowed, else `undefined`. */
function complaint(from: string, { specifier, typeOnly }: Import): string | undefined {
  const layer = layerOf(from);
  if (layer === undefined) return "is in no layer";
  if (!specifier.startsWith(".")) return packageComplaint(layer, specifier, typeOnly);
  const target = resolve(dirname(from), specifier);
  const other = layerOf(target);
  const path = relative(src, target).split(sep).join("/");
  if (path === "../package.json") return undefined;
  // Texts without code, for whoever shows them.
  if (/^\.\.\/l10n\/[\w.-]+\.json$/.test(path)) return undefined;
  if (other === undefined) return `imports ${path}, which is in no layer`;
  if (other === "gateway" && layer === "gateway") return breach(roomAt(from), roomAt(target));
  if (other === layer) return undefined;
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
    ["vscode/a.ts", "../gateway/controlServer/client.ts", true],
    ["gateway/common/a.ts", "../protocols/chat.ts", true],
    ["gateway/routing/a.ts", "../records/record.ts", true],
    ["gateway/upstream/relay/a.ts", "../../requests/call.ts", false],
    ["gateway/accounts/pool.ts", "../requests/call.ts", true],
    ["gateway/requests/a.ts", "../gateway.ts", true],
    ["gateway/shed/a.ts", "../common/log.ts", false],
    ["gateway/common/a.ts", "../shed/a.ts", false],
    ["gateway/loose.ts", "./common/log.ts", false],
  ])("refuses that %s imports %s", (file, specifier, typeOnly) => {
    expect(complaint(join(src, file), { specifier, typeOnly })).toBeDefined();
  });

  it.each([
    ["gateway/a.ts", "undici", false],
    ["gateway/requests/a.ts", "../../control/contract.ts", false],
    ["gateway/requests/attempts/a.ts", "../call.ts", false],
    ["gateway/requests/attempts/a.ts", "../../upstream/relay/result.ts", true],
    ["gateway/worker.ts", "./worker/run.ts", false],
    ["cli.ts", "./gateway/gateway.ts", false],
    ["vscode/a.ts", "vscode", false],
    ["vscode/a.ts", "../control/contract.ts", false],
    ["webviews/a.tsx", "../control/quotas.ts", false],
    ["webviews/a.tsx", "preact", false],
  ])("accepts that %s imports %s", (file, specifier, typeOnly) => {
    expect(complaint(join(src, file), { specifier, typeOnly })).toBeUndefined();
  });
});

describe("the rooms of the gateway", () => {
  it("stand on the stair, each once, and each is there but for those to come", async () => {
    const rooms = STAIR.flat();
    expect(new Set(rooms).size).toBe(rooms.length);
    expect([...(await roomGraph()).keys()].filter((room) => !rooms.includes(room))).toEqual([]);
  });

  it("form no circle", async () => {
    const graph = await roomGraph();
    const circles: string[] = [];
    const walk = (room: string, way: readonly string[]) => {
      if (way.includes(room)) circles.push([...way, room].join(" -> "));
      else for (const next of graph.get(room) ?? []) walk(next, [...way, room]);
    };
    for (const room of graph.keys()) walk(room, []);
    expect(circles).toEqual([]);
  });

  it("are what the linter was told (npm run rooms)", () => {
    const text = readFileSync(join(root, "biome.json"), "utf8");
    expect(JSON.parse(text)).toEqual(JSON.parse(withRooms(text)));
  });

  it("are in the picture of docs/architecture.md (npm run rooms)", async () => {
    const page = readFileSync(join(root, "docs", "architecture.md"), "utf8").replaceAll("\r\n", "\n");
    expect(page).toContain("```mermaid");
    expect(await withPicture(page)).toBe(page);
  });

  it("have a picture without ways that a longer one says already", () => {
    const graph = new Map([
      ["leader", new Set(["common", "accounts"])],
      ["accounts", new Set(["common"])],
      ["common", new Set<string>()],
    ]);
    expect(mermaid(graph)).toBe(
      "```mermaid\nflowchart TD\n  leader --> accounts\n  accounts --> common\n```",
    );
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
