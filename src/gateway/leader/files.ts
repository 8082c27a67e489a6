/** The files that hold a person's work, as the leader opens them. */
import { AccountsFile } from "../accounts/accountsFile.ts";
import type { DataFolder } from "../common/dataFolder.ts";
import { KeysFile } from "./keysFile.ts";
import { Preferences } from "./preferencesFile.ts";

export interface LeaderFiles {
  readonly file: AccountsFile;
  readonly preferences: Preferences;
  readonly keysFile: KeysFile;
  /** What a person should know about them as they were found. */
  readonly notices: readonly string[];
  /** Once more, where they are gone. */
  rewrite(): Promise<void>;
}

/** @throws only when the folder cannot be read or written. */
export async function openFiles(folder: DataFolder, now: () => number): Promise<LeaderFiles> {
  const [file, preferences, keysFile] = await Promise.all([
    AccountsFile.open(folder.accounts, now),
    Preferences.open(folder.preferences, now),
    KeysFile.open(folder.keys, now),
  ]);
  const all = [file, preferences, keysFile];
  return {
    file,
    preferences,
    keysFile,
    notices: all.flatMap(({ notice }) => notice ?? []),
    rewrite: async () => void (await Promise.all(all.map((each) => each.rewrite()))),
  };
}
