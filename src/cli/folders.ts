/** Where the command line keeps its data, and where running gateways leave word. */
import { homedir } from "node:os";
import { resolve } from "node:path";
import { dataDirectory, runtimeDirectory } from "../gateway/config/dataDir.ts";
import type { Environment } from "../gateway/config/load.ts";

export interface Folders {
  /** Absolute. */
  readonly data: string;
  readonly runtime: string;
}

/** @param dataDir as on the command line */
export function foldersOf(dataDir: string | undefined, env: Environment): Folders {
  const host = { platform: process.platform, env, home: homedir() };
  return {
    data: dataDir === undefined ? dataDirectory(host) : resolve(dataDir),
    runtime: runtimeDirectory(host),
  };
}
