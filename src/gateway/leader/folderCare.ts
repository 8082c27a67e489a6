/** What a leader does when its data folder cannot be written, is deleted or replaced: says so, and mends what it can. */
import { type DataFolder, openDataFolder } from "../common/dataFolder.ts";
import { whyRefused } from "../common/fileFailure.ts";
import type { Clock, Log } from "../common/ports.ts";
import { type FolderState, FolderWatch } from "./folderWatch.ts";

export interface FolderCareDeps {
  readonly folder: DataFolder;
  readonly clock: Pick<Clock, "setTimeout">;
  readonly log: Pick<Log, "warn" | "error" | "info">;
  /** Takes the lock of the folder that is there now, in place of the one that was lost. @returns whether it was free */
  retake(): boolean;
  /** Writes what is in memory to a folder that is empty. */
  rewrite(): Promise<void>;
  /** It can be written again. */
  writable(): Promise<void>;
  /** A problem for a person; absent: all is well. */
  tell(message: string | undefined): void;
  /** This process leads the folder no longer. */
  onLost(message: string): void;
}

export async function watchFolderForLeader(deps: FolderCareDeps): Promise<Pick<FolderWatch, "close">> {
  const { folder, clock, log, tell } = deps;
  const { path } = folder;
  let told: string | undefined;
  let locked = false;
  const say = (message: string | undefined) => {
    if (message === told) return;
    told = message;
    if (message !== undefined) log.error(message);
    tell(message);
  };

  function lost(): void {
    watch.close();
    const message = `The data folder ${path} was replaced while Portico ran, so this Portico leads it no longer.`;
    say(message);
    deps.onLost(message);
  }

  async function gone(): Promise<void> {
    try {
      await openDataFolder(path);
      if (!deps.retake()) return lost();
      await watch.settle();
      await deps.rewrite();
      say(
        `The data folder ${path} was deleted while Portico ran. It was made anew with the accounts and settings that Portico had in memory; what else was in it is gone.`,
      );
    } catch (error) {
      say(
        `The data folder ${path} was deleted while Portico ran, and cannot be made anew: ${whyRefused(error)}. Nothing is kept until it is back.`,
      );
    }
  }

  async function onState(state: FolderState): Promise<void> {
    switch (state.kind) {
      case "gone":
        return await gone();
      case "replaced":
        return lost();
      case "locked":
        locked = true;
        return say(`The data folder ${path} cannot be written: ${state.why}. What changes is not kept.`);
      case "fine":
        // That it was made anew stays worth knowing.
        if (locked) say(undefined);
        locked = false;
        await deps.writable();
    }
  }

  const watch = await FolderWatch.begin({ folder, clock, onState });
  return watch;
}
