// npm start: installs and builds what is missing, then runs `portico serve` with the given options.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ensureBuilt } from "./lib/build.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { findNode, root } from "./lib/paths.mjs";

async function main() {
  await ensureInstalled();
  await ensureBuilt();
  const child = spawn(findNode(), [join(root, "dist", "cli.js"), "serve", ...process.argv.slice(2)], {
    stdio: "inherit",
    // Ctrl+C reaches it from the terminal, from npm and from us: it counts those as one.
    env: { ...process.env, PORTICO_WRAPPED: "1" },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    // On Windows the console tells the child itself, and kill() would end it without a word.
    process.on(signal, () => process.platform === "win32" || child.kill(signal));
  }
  child.on("error", fail);
  child.on("exit", (code) => process.exit(code ?? 1));
}

function fail(error) {
  console.error(error.message);
  process.exit(1);
}

main().catch(fail);
