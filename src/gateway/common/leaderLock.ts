/**
 * Which process leads: the one that holds an exclusive SQLite lock on `leader.db`. The kernel frees
 * it at the holder's death, so there is no stale lock to guess about.
 * https://www.sqlite.org/lockingv3.html
 */
import { existsSync } from "node:fs";
import { systemClock } from "./ports.ts";
import { sleep } from "./sleep.ts";
import { failureOf, sqlite } from "./sqlite.ts";

export interface Leadership {
  /** Another process may lead from here on. */
  release(): void;
}

/**
 * Tries once and does not wait.
 * @param file path of `leader.db`; made when it does not exist. Nobody but SQLite may open it in this
 *   process: on POSIX systems closing any other descriptor of it drops the lock.
 * @returns `undefined` while another process leads.
 * @throws when the file cannot be locked at all: not writable, not a database, a file system without locks.
 */
export function tryLead(file: string): Leadership | undefined {
  const { DatabaseSync } = sqlite();
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    // Nothing is ever written, so the lock leaves no journal behind.
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (failureOf(error) === "busy") return undefined;
    throw error;
  }
  return {
    release() {
      if (database.isOpen) database.close();
    },
  };
}

/** Does somebody lead it? Never makes the file. @throws as `tryLead` */
export function isLed(file: string): boolean {
  if (!existsSync(file)) return false;
  const leadership = tryLead(file);
  leadership?.release();
  return leadership === undefined;
}

export interface PollOptions {
  everyMs?: number;
  signal?: AbortSignal;
}

/** Waits until this process leads. @returns `undefined` when `signal` aborts first. @throws as `tryLead`. */
export async function waitToLead(file: string, options: PollOptions = {}): Promise<Leadership | undefined> {
  const { signal, everyMs = 200 } = options;
  while (!signal?.aborted) {
    const leadership = tryLead(file);
    if (leadership !== undefined) return leadership;
    await sleep(everyMs, systemClock, signal);
  }
  return undefined;
}
