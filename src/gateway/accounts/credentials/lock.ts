/** One holder at a time for each name: within this process, or across all that share a data folder. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { PorticoError } from "../../common/errors.ts";
import { FileFailure } from "../../common/fileFailure.ts";
import { type Leadership, waitToLead } from "../../common/leaderLock.ts";
import type { Lock } from "../../common/ports.ts";
import { serialQueue } from "../../common/serialQueue.ts";

/** Milliseconds between two tries for a lock that another process holds. */
const POLL_MS = 25;
/** Milliseconds to wait for it; longer than any exchange of a token takes. */
const WAIT_MS = 45_000;

/** Within this process. */
export function localLock(): Lock {
  const turns = new Map<string, ReturnType<typeof serialQueue>>();
  return {
    hold(name, job) {
      const turn = turns.get(name) ?? serialQueue();
      turns.set(name, turn);
      return turn(job);
    },
  };
}

/**
 * Across processes: an exclusive SQLite lock on an empty file per name, which the kernel frees when
 * its holder dies, so no lock is ever stale.
 * @param folder made when it does not exist
 */
export function folderLock(folder: string, waitMs = WAIT_MS): Lock {
  const inProcess = localLock();
  /** @throws FileFailure */
  async function taken(name: string): Promise<Leadership | undefined> {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const file = join(folder, `${name}.lock`);
      return await waitToLead(file, { everyMs: POLL_MS, signal: AbortSignal.timeout(waitMs) });
    } catch (error) {
      throw new FileFailure("A lock", "written", folder, error);
    }
  }
  return {
    hold: (name, job) =>
      inProcess.hold(name, async () => {
        const held = await taken(name);
        if (held === undefined) {
          throw new PorticoError(
            "unavailable",
            "Another Portico on this computer holds a lock for too long.",
          );
        }
        try {
          return await job();
        } finally {
          held.release();
        }
      }),
  };
}
