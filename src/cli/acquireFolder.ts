/** The data folder for this process alone; what the system says against it is put in words. */
import { t } from "@vscode/l10n";
import { type DataFolder, openDataFolder } from "../gateway/common/dataFolder.ts";
import { whyRefused } from "../gateway/common/fileFailure.ts";
import { type Leadership, tryLead } from "../gateway/common/leaderLock.ts";

export interface AcquiredFolder {
  readonly folder: DataFolder;
  /** `undefined`: another process leads it. */
  readonly leadership: Leadership | undefined;
}

/** @param path absolute; made when it does not exist. @throws words for a person */
export async function acquireFolder(path: string): Promise<AcquiredFolder> {
  try {
    const folder = await openDataFolder(path);
    return { folder, leadership: tryLead(folder.leader) };
  } catch (error) {
    throw new Error(
      t(
        "The data folder {0} cannot be used: {1}. Mend that, or choose another with --data-dir DIR.",
        path,
        whyRefused(error),
      ),
      { cause: error },
    );
  }
}
