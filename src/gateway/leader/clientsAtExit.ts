/**
 * The setting `clients.restoreAtExit`: connected clients get their own settings back when nobody leads any more, and
 * are connected again when the proxy runs. Where another window takes over, nothing happens to them.
 */

import type { Connections } from "../clients/connections.ts";
import type { Address } from "../clients/outdated.ts";
import { openSuspendedFile, type SuspendedClient } from "../clients/suspended.ts";
import { readIfThere } from "../common/dataFolder.ts";
import { messageOf } from "../common/errors.ts";
import { type Leadership, tryLead } from "../common/leaderLock.ts";
import type { Clock, Log } from "../common/ports.ts";
import { sleep } from "../common/sleep.ts";
import { readAddress } from "../controlServer/address.ts";

/** Milliseconds that windows which are attached get to take over; looking at the lock would be in their way. */
const TAKE_OVER_MS = 1500;
/** Milliseconds in which it has to be known whether somebody did, from when the lock was given up. */
const KNOWN_MS = 2500;
const RETRY_MS = 50;

export interface ClientsAtExitDeps {
  /** Paths of `suspended-clients.json`, `gateway.json` and `leader.db`. */
  readonly folder: { readonly suspended: string; readonly gateway: string; readonly leader: string };
  readonly clock: Clock;
  readonly log: Log;
  readonly connections: () => Promise<Connections>;
}

export class ClientsAtExit {
  readonly #deps: ClientsAtExitDeps;

  constructor(deps: ClientsAtExitDeps) {
    this.#deps = deps;
  }

  /** The proxy runs: connects again those that an exit has put back. Never rejects. @returns their labels */
  async resume(here: Address): Promise<string[]> {
    const { folder, clock, log, connections } = this.#deps;
    const resumed: string[] = [];
    try {
      // Mostly there is none.
      if ((await readIfThere(folder.suspended)) === undefined) return [];
      const file = openSuspendedFile(folder.suspended, clock);
      const clients = (await file.load()) ?? [];
      const failed: SuspendedClient[] = [];
      for (const client of clients) {
        try {
          const label = await (await connections()).resume(client, here);
          if (label === undefined) {
            log.info(`${client.id} is not connected again: what it is connected to was changed meanwhile`);
          } else resumed.push(label);
        } catch (error) {
          failed.push(client);
          log.warn(`${client.id} could not be connected again: ${messageOf(error)}`);
        }
      }
      await (failed.length === 0 ? file.remove() : file.save(failed));
    } catch (error) {
      log.warn(`clients could not be connected again: ${messageOf(error)}`);
    }
    if (resumed.length > 0) log.info(`connected again: ${resumed.join(", ")}`);
    return resumed;
  }

  /**
   * The lock was given up. Puts the clients back that lead to `baseUrl`, unless somebody takes over. Never rejects.
   * @param attached whether there is somebody who may
   */
  async suspend(baseUrl: string, attached: boolean): Promise<void> {
    const { log } = this.#deps;
    try {
      const lock = await this.#lock(attached);
      if (lock === undefined) return;
      try {
        await this.#suspendAll(baseUrl);
      } finally {
        lock.release();
      }
    } catch (error) {
      log.warn(`connected clients could not be put back: ${messageOf(error)}`);
    }
  }

  async #suspendAll(baseUrl: string): Promise<void> {
    const { folder, clock, log, connections } = this.#deps;
    const held = await connections();
    const ours = (await held.written()).filter((each) => each.baseUrl === baseUrl);
    if (ours.length === 0) return;
    const file = openSuspendedFile(folder.suspended, clock);
    const earlier = (await file.load()) ?? [];
    // A newer Portico's: what is put back would not be connected again.
    if (file.readOnly) throw new Error(file.notice);
    const kept = earlier.filter(({ id }) => !ours.some((each) => each.id === id));
    for (const { id, label } of ours) {
      try {
        await held.suspend(id, async (suspended) => {
          kept.push(suspended);
          await file.save(kept);
        });
        log.info(`${label} has its own settings until Portico runs again`);
      } catch (error) {
        log.warn(`${label} was not put back: ${messageOf(error)}`);
      }
    }
  }

  /** @returns the lock, so that nobody begins to lead meanwhile; `undefined`: somebody leads */
  async #lock(attached: boolean): Promise<Leadership | undefined> {
    const { folder, clock } = this.#deps;
    const since = clock.monotonic();
    const passed = () => clock.monotonic() - since;
    while (passed() < KNOWN_MS) {
      if ((await readAddress(folder.gateway)) !== undefined) return undefined;
      const lock = attached && passed() < TAKE_OVER_MS ? undefined : tryLead(folder.leader);
      if (lock !== undefined) return lock;
      // Somebody is just starting, or this process writes its last records.
      await sleep(RETRY_MS, clock);
    }
    return undefined;
  }
}
