// npm start: installs and builds what is missing, then runs `portico serve` with the given options.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ensureBuilt } from "./lib/build.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { findNode, root } from "./lib/paths.mjs";

/** Milliseconds between looks whether whoever started us is still there. */
const ORPHAN_CHECK_MS = 500;

async function main() {
  const parent = process.ppid;
  await ensureInstalled();
  await ensureBuilt();
  const child = spawn(findNode(), [join(root, "dist", "cli.js"), "serve", ...process.argv.slice(2)], {
    stdio: "inherit",
    // Ctrl+C reaches it from the terminal, from npm and from us: it counts those as one.
    env: { ...process.env, PORTICO_WRAPPED: "1" },
  });
  let told = false;
  const tell = (signal) => {
    told = true;
    // On Windows the console tells the child itself, and kill() would end it without a word.
    if (process.platform !== "win32") child.kill(signal);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => tell(signal));
  // npm dies of a SIGTERM without passing it on; nobody is to be left with a gateway they cannot see.
  setInterval(() => {
    if (process.ppid !== parent && !told) tell("SIGTERM");
  }, ORPHAN_CHECK_MS).unref();
  child.on("error", fail);
  child.on("exit", (code) => process.exit(code ?? 1));
}

function fail(error) {
  console.error(error.message);
  process.exit(1);
}

main().catch(fail);
