/** `portico` for terminals: a small file that runs the extension's command line by the editor's own runtime. */
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface Shim {
  /** The editor's runtime, which is Electron or Node.js. */
  readonly runtime: string;
  /** `dist/cli.js`. */
  readonly cli: string;
}

/**
 * Written anew at each start: terminals that are open stay with the folder, and the extension's own has another name
 * after each update.
 * @returns the folder for the path, which only this user can read
 */
export async function writeShim(dataDir: string, shim: Shim, platform = process.platform): Promise<string> {
  const folder = join(dataDir, "bin");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const windows = platform === "win32";
  const file = join(folder, windows ? "portico.cmd" : "portico");
  await writeFile(file, windows ? forCmd(shim) : forShell(shim), { mode: 0o700 });
  // A file that was there keeps its mode.
  if (!windows) await chmod(file, 0o700);
  return folder;
}

const forShell = ({ runtime, cli }: Shim): string =>
  `#!/bin/sh\nELECTRON_RUN_AS_NODE=1 exec ${quoted(runtime)} ${quoted(cli)} "$@"\n`;

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** `%` would begin a variable. */
const forCmd = ({ runtime, cli }: Shim): string =>
  [
    "@echo off",
    "setlocal",
    "set ELECTRON_RUN_AS_NODE=1",
    `"${runtime.replaceAll("%", "%%")}" "${cli.replaceAll("%", "%%")}" %*`,
    "",
  ].join("\r\n");
