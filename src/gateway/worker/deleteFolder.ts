/** The end of a data folder: all that is in it, while its lock keeps everyone else out, and the lock last. */
import { readdir, rm, rmdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { DataFolder } from "../common/dataFolder.ts";

/** Windows refuses for a moment what a virus scanner has open. */
const PATIENCE = { recursive: true, force: true, maxRetries: 5, retryDelay: 50 } as const;

/**
 * Never rejects. Whoever waits for the lock meanwhile begins with an empty folder.
 * @param release gives up the lock, which this process holds
 * @returns names of what could not be deleted
 */
export async function deleteFolder({ path, leader }: DataFolder, release: () => void): Promise<string[]> {
  const lock = basename(leader);
  const names = await readdir(path).catch(() => []);
  for (const name of names) {
    if (name !== lock) await rm(join(path, name), PATIENCE).catch(() => {});
  }
  const left = (await readdir(path).catch(() => [])).filter((name) => name !== lock);
  // Before it is given up, or it would be taken from whoever has it next. Windows deletes nothing that is open.
  const gone = await rm(leader, { force: true }).then(
    () => true,
    () => false,
  );
  release();
  if (!gone) await rm(leader, PATIENCE).catch(() => {});
  // Somebody else is in it, or what is left.
  await rmdir(path).catch(() => {});
  return left;
}
