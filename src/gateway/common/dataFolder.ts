/** The files of the data folder, and how they are written: whole or not at all. */
import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FileFailure } from "./fileFailure.ts";
import { parseJson } from "./json.ts";

export interface DataFolder {
  readonly path: string;
  /** Accounts and routes, no secrets. */
  readonly accounts: string;
  /** Client keys, as digests. */
  readonly keys: string;
  /** Settings that a person changed from the pages. */
  readonly preferences: string;
  /** Whose lock decides which process leads. SQLite alone opens it: closing it elsewhere in the process drops the lock. */
  readonly leader: string;
  /** Where the leader's control API is. */
  readonly gateway: string;
  /** Whether the proxy is meant to run. */
  readonly wanted: string;
  /** What a webhook was told of. */
  readonly notified: string;
  /** Folder of the locks that processes share. */
  readonly locks: string;
  /** How the accounts fare: cooldowns, conversations, quotas, budgets. No secrets, no text. */
  readonly state: string;
  /** Signatures and encrypted reasoning by tool call; no text of a conversation unless `responses.onDisk` is set. */
  readonly signatures: string;
  /** Stored responses and conversations, only where `responses.onDisk` is set. */
  readonly responses: string;
  /** Clients that have their own settings while Portico does not run (`clients.restoreAtExit`), and what connects them again. No keys. */
  readonly suspended: string;
  /** Recorded requests and their statistics; SQLite. */
  readonly records: string;
}

/** @param path absolute; made when it does not exist. */
export async function openDataFolder(path: string): Promise<DataFolder> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  return {
    path,
    accounts: join(path, "accounts.json"),
    keys: join(path, "keys.json"),
    preferences: join(path, "preferences.json"),
    leader: join(path, "leader.db"),
    gateway: join(path, "gateway.json"),
    wanted: join(path, "wanted.json"),
    notified: join(path, "notified.json"),
    locks: join(path, "locks"),
    state: join(path, "state.json"),
    signatures: join(path, "proofs.json"),
    responses: join(path, "responses.json"),
    suspended: join(path, "suspended-clients.json"),
    records: join(path, "portico.db"),
  };
}

/** @returns `undefined` where there is no such file. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** @returns `undefined` where there is no such file, or it is not JSON. */
export async function readJsonIfThere(file: string): Promise<unknown> {
  return parseJson((await readIfThere(file)) ?? "");
}

/** @returns none where there is no such folder. */
export async function namesIfThere(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

/** Readers see the old text or the new, also after a crash. Mode 0600. @throws FileFailure */
export async function writeWhole(file: string, text: string): Promise<void> {
  const draft = join(dirname(file), `.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const handle = await open(draft, "wx", 0o600);
    try {
      await handle.writeFile(text, "utf8");
      await handle.sync();
    } finally {
      await handle.close();
    }
    await renameOver(draft, file);
  } catch (error) {
    // What cannot be written cannot be removed either, and why not is known already.
    await rm(draft, { force: true }).catch(() => {});
    throw new FileFailure(basename(file), "written", dirname(file), error);
  }
}

/** Windows refuses for a moment while a reader or a virus scanner has the target open. */
export async function renameOver(from: string, to: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await rename(from, to);
    } catch (error) {
      const busy = ["EPERM", "EACCES", "EBUSY"].includes(codeOf(error) ?? "");
      if (!busy || attempt === 5) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20 * 2 ** attempt));
    }
  }
}

/** The `code` of a Node error, e.g. `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
