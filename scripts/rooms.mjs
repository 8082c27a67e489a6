// npm run rooms: writes the law of the rooms into the linter's configuration, and their picture into
// docs/architecture.md. Needs a Node.js that runs TypeScript.
import { glob, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { importsOf } from "../test/unit/support/imports.ts";
import { root } from "./lib/paths.mjs";
import { linterOverrides, mermaid, roomOf } from "./lib/rooms.mjs";

const PICTURE = /(<!-- rooms -->\n)[\s\S]*?(\n<!-- \/rooms -->)/;

/** Room -> the rooms that it imports, read from the sources. @returns {Promise<Map<string, Set<string>>>} */
export async function roomGraph() {
  const home = join(root, "src", "gateway");
  const graph = new Map();
  for await (const file of glob("**/*.ts", { cwd: home })) {
    const room = roomOf(file.replaceAll("\\", "/"));
    const rooms = graph.get(room) ?? graph.set(room, new Set()).get(room);
    const path = join(home, file);
    for (const { specifier } of importsOf(await readFile(path, "utf8"))) {
      if (!specifier.startsWith(".")) continue;
      const target = relative(home, resolve(dirname(path), specifier)).replaceAll("\\", "/");
      if (!target.startsWith("..") && roomOf(target) !== room) rooms.add(roomOf(target));
    }
  }
  return graph;
}

/** The linter's configuration with the rooms' overrides anew. @param {string} text of biome.json */
export function withRooms(text) {
  const config = JSON.parse(text);
  const isRoom = ({ includes }) => includes.every((each) => /^src\/gateway\/(\w+\/\*\*|\w+\.ts)$/.test(each));
  const at = config.overrides.findIndex(({ includes }) => includes.includes("src/gateway/**"));
  const { paths, patterns } = config.overrides[at].linter.rules.style.noRestrictedImports.options;
  const others = config.overrides.filter((each) => !isRoom(each));
  others.splice(at + 1, 0, ...linterOverrides(patterns[0], paths));
  return `${JSON.stringify({ ...config, overrides: others }, undefined, 2)}\n`;
}

/** The page with the picture anew. @param {string} page */
export async function withPicture(page) {
  const picture = mermaid(await roomGraph());
  return page.replace(PICTURE, (_all, before, after) => `${before}${picture}${after}`);
}

if (import.meta.main) {
  for (const [path, change] of [
    ["biome.json", withRooms],
    ["docs/architecture.md", withPicture],
  ]) {
    const file = join(root, path);
    await writeFile(file, await change(await readFile(file, "utf8")));
  }
}
