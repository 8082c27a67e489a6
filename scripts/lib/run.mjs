// Child processes, without a shell on any platform.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { root } from "./paths.mjs";

/**
 * Runs a program to its end; its standard output goes to our standard error unless `stdio` says
 * otherwise, as ours may be read by a program.
 * @returns {Promise<number>} its exit code; 1 when a signal ended it
 */
export function run(program, args, { stdio = ["ignore", 2, 2], env = process.env, cwd = root } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio });
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

/** npm as a script, as `npm.cmd` cannot be started without a shell. */
export function npm(args) {
  const beside = join(dirname(process.execPath), "node_modules", "npm", "bin", "npm-cli.js");
  const script = [process.env.npm_execpath, beside].find(
    (path) => path !== undefined && basename(path) === "npm-cli.js" && existsSync(path),
  );
  return script === undefined
    ? { program: "npm", args }
    : { program: process.execPath, args: [script, ...args] };
}

/** Seconds since `start` (of `performance.now()`), for a person. */
export function seconds(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}
