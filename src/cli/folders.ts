/** Where the command line keeps its data, and where running gateways leave word. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { configDirectory, dataDirectory, runtimeDirectory } from "../gateway/config/dataDir.ts";
import type { Environment } from "../gateway/config/load.ts";

export interface Folders {
  /** Absolute. */
  readonly data: string;
  readonly runtime: string;
}

/** @param dataDir as on the command line */
export function foldersOf(dataDir: string | undefined, env: Environment): Folders {
  const host = hostOf(env);
  return {
    data: dataDir === undefined ? dataDirectory(host) : resolve(dataDir),
    runtime: runtimeDirectory(host),
  };
}

/** The config file that `portico serve` takes where none is named: `portico.jsonc` in the user's folder for settings. */
export function usualConfig(env: Environment): string | undefined {
  const file = join(configDirectory(hostOf(env)), "portico.jsonc");
  return existsSync(file) ? file : undefined;
}

const hostOf = (env: Environment) => ({ platform: process.platform, env, home: homedir() });
