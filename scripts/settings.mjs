// npm run settings: writes what derives from src/gateway/settings into package.json, its words, the README
// and the editor's side.
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./lib/paths.mjs";
import { DERIVED } from "./lib/settings.ts";

for (const [file, derive] of Object.entries(DERIVED)) {
  const path = join(root, file);
  await writeFile(path, derive(await readFile(path, "utf8").catch(() => "")));
}
const formatted = Object.keys(DERIVED).filter((file) => !file.endsWith(".md"));
const biome = join(root, "node_modules", "@biomejs", "biome", "bin", "biome");
execFileSync(process.execPath, [biome, "format", "--write", ...formatted], { cwd: root, stdio: "inherit" });
