// Bundles dist/ where a source is newer than it.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { findNode, root } from "./paths.mjs";
import { run, seconds } from "./run.mjs";

const SOURCES = ["src", "l10n", "esbuild.mjs", "package.json", "package-lock.json"];

/** @param {string[]} args of esbuild.mjs */
export async function build(args = []) {
  const code = await run(findNode(), [join(root, "esbuild.mjs"), ...args]);
  if (code !== 0) throw new Error("The build failed; its messages are above.");
}

export async function ensureBuilt() {
  const built = await modified(join(root, "dist", "cli.js"));
  const newest = Math.max(...(await Promise.all(SOURCES.map((source) => newestBelow(join(root, source))))));
  if (built > newest) return;
  const start = performance.now();
  console.error("Building …");
  await build(["--quiet"]);
  console.error(`Built (${seconds(start)}).`);
}

/** Milliseconds since 1970; 0 for what does not exist. */
async function modified(path) {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return 0;
  }
}

async function newestBelow(path) {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) return 0;
  if (!info.isDirectory()) return info.mtimeMs;
  const names = await readdir(path);
  // The folder's own time tells of files that are gone.
  return Math.max(info.mtimeMs, ...(await Promise.all(names.map((name) => newestBelow(join(path, name))))));
}
