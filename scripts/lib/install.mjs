// Installs the packages where they are missing or are not those of package-lock.json.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./paths.mjs";
import { npm, run, seconds } from "./run.mjs";

/** Milliseconds between signs of life. */
const STILL_THERE_MS = 10_000;

export async function ensureInstalled() {
  if (await isInstalled()) return;
  const start = performance.now();
  console.error("Installing packages (npm ci); the first time this takes a minute or two …");
  const stillThere = setInterval(
    () => console.error(`… still installing (${seconds(start)})`),
    STILL_THERE_MS,
  );
  try {
    // Development packages are wanted whatever NODE_ENV says; old Node.js versions only get warnings here.
    const { program, args } = npm(["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"]);
    const code = await run(program, args);
    if (code !== 0) throw new Error(`npm ci failed with exit code ${code}; its messages are above.`);
  } finally {
    clearInterval(stillThere);
  }
  console.error(`Packages are installed (${seconds(start)}).`);
}

/** Compares what npm noted in node_modules with the lock file; times would mislead after a checkout. */
async function isInstalled() {
  const installed = await readPackages(join(root, "node_modules", ".package-lock.json"));
  if (installed === undefined) return false;
  const wanted = await readPackages(join(root, "package-lock.json"));
  return Object.entries(wanted ?? {}).every(([path, { version, optional, devOptional, peer }]) => {
    const found = installed[path];
    if (found === undefined) return path === "" || Boolean(optional || devOptional || peer);
    return found.version === version;
  });
}

async function readPackages(file) {
  try {
    return JSON.parse(await readFile(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}
