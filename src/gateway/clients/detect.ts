/** Whether a client is on this computer, and in which version. */
import { execFile } from "node:child_process";
import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { parseJson } from "../common/json.ts";
import type { Host } from "../config/dataDir.ts";
import { textAt } from "./values.ts";

const run = promisify(execFile);
/** Milliseconds that a program gets to say its version. */
const WAIT_MS = 5000;
/** Folders above a program in which its package may be described. */
const LEVELS = 4;

/** Path of the first of these programs on the path. */
export function findProgram(names: readonly string[], { platform, env }: Host): string | undefined {
  const folders = (env.PATH ?? env.Path ?? "").split(delimiter).filter((each) => each !== "");
  const endings = platform === "win32" ? (env.PATHEXT ?? ".COM;.EXE;.BAT;.CMD").split(";") : [""];
  for (const name of names) {
    for (const folder of folders) {
      const found = endings.map((ending) => join(folder, name + ending)).find(isProgram);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** By the package that it is of, else by its own word. Never rejects. */
export async function versionOf(program: string, env: Host["env"]): Promise<string | undefined> {
  return (await packageVersion(program)) ?? ownVersion(program, env);
}

async function packageVersion(program: string): Promise<string | undefined> {
  try {
    let folder = dirname(realpathSync(program));
    for (let level = 0; level < LEVELS; level++) {
      const text = await readFile(join(folder, "package.json"), "utf8").catch(() => "");
      const version = textAt(parseJson(text), ["version"]);
      if (version !== undefined) return version;
      folder = dirname(folder);
    }
  } catch {
    // It is gone meanwhile.
  }
  return undefined;
}

async function ownVersion(program: string, env: Host["env"]): Promise<string | undefined> {
  try {
    const { stdout } = await run(program, ["--version"], { timeout: WAIT_MS, env, windowsHide: true });
    return /\d+\.\d+[\w.-]*/.exec(stdout)?.[0];
  } catch {
    // Some cannot be started so, some are being replaced just now; it is found all the same.
    return undefined;
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
