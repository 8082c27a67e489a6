/** Word in the user's runtime folder of who runs: for a command line that does not know this data folder. */

import type { DataFolder } from "../common/dataFolder.ts";
import type { Clock, Log } from "../common/ports.ts";
import { advertise, withdraw } from "../controlServer/discovery.ts";

export interface AdvertiseDeps {
  /** Absent: no word is left. */
  readonly runtimeDir: string | undefined;
  readonly folder: DataFolder;
  readonly clock: Pick<Clock, "now">;
  readonly log: Pick<Log, "debug">;
}

/** Never rejects: Portico is found without, where its data folder is the usual one. */
export async function advertiseLeader({ runtimeDir, folder, clock, log }: AdvertiseDeps): Promise<void> {
  if (runtimeDir === undefined) return;
  const pointer = { pid: process.pid, dataDir: folder.path, since: clock.now() };
  await advertise(runtimeDir, pointer).catch((error: unknown) => {
    log.debug("no word could be left in the runtime folder", { error: String(error) });
  });
}

/** Never rejects. */
export async function withdrawLeader({ runtimeDir, folder, log }: AdvertiseDeps): Promise<void> {
  if (runtimeDir === undefined) return;
  await withdraw(runtimeDir, folder.path, process.pid).catch((error: unknown) => {
    log.debug("the word in the runtime folder could not be removed", { error: String(error) });
  });
}
