/** The data folder for this process alone; what the system says against it is put in words. */
import { codeOf, type DataFolder, openDataFolder } from "../gateway/dataFolder.ts";
import { type Leadership, tryLead } from "../gateway/leader.ts";

export interface Claim {
  readonly folder: DataFolder;
  /** `undefined`: another process leads it. */
  readonly leadership: Leadership | undefined;
}

/** @param path absolute; made when it does not exist. @throws words for a person */
export async function claimFolder(path: string): Promise<Claim> {
  try {
    const folder = await openDataFolder(path);
    return { folder, leadership: tryLead(folder.leader) };
  } catch (error) {
    throw new Error(
      `The data folder ${path} cannot be used: ${reason(error)}. Mend that, or choose another with --data-dir DIR.`,
      { cause: error },
    );
  }
}

/** https://www.sqlite.org/rescode.html */
const READ_ONLY = 8;
const CANNOT_OPEN = 14;

function reason(error: unknown): string {
  switch (codeOf(error)) {
    case "EEXIST":
    case "ENOTDIR":
      return "there is a file in its place";
    case "EACCES":
    case "EPERM":
      return "this account may not write there";
    case "EROFS":
      return "the disk is read-only";
    case "ENOSPC":
      return "the disk is full";
  }
  const result: unknown = error instanceof Error ? Reflect.get(error, "errcode") : undefined;
  const kind = typeof result === "number" ? result & 0xff : undefined;
  if (kind === READ_ONLY || kind === CANNOT_OPEN) return "this account may not write there";
  return error instanceof Error ? error.message : String(error);
}
