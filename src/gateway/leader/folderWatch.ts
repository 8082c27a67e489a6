/**
 * Looks after the data folder while it is led: a lock on a file that somebody deleted keeps nobody out, and what
 * is written to a folder that was replaced ends up in another's.
 */
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import type { DataFolder } from "../common/dataFolder.ts";
import { whyRefused } from "../common/fileFailure.ts";
import type { Clock, Timer } from "../common/ports.ts";

/** Milliseconds between two looks. */
export const LOOK_MS = 2000;

export type FolderState =
  | { readonly kind: "fine" }
  /** @see whyRefused */
  | { readonly kind: "locked"; readonly why: string }
  /** It, or all that was in it, is no longer there. */
  | { readonly kind: "gone" }
  /** Another one is in its place, which somebody else may lead. */
  | { readonly kind: "replaced" };

/** Which file it is, whatever its name. */
type Identity = string | undefined;

export interface FolderWatchOptions {
  readonly folder: DataFolder;
  readonly clock: Pick<Clock, "setTimeout">;
  /** Every look that finds another state; `gone` until it is mended. Never rejects. */
  onState(state: FolderState): Promise<void>;
}

export class FolderWatch {
  readonly #options: FolderWatchOptions;
  #folder: Identity;
  #lock: Identity;
  #timer: Timer | undefined;
  #last = JSON.stringify({ kind: "fine" } satisfies FolderState);
  #closed = false;

  private constructor(options: FolderWatchOptions) {
    this.#options = options;
  }

  static async begin(options: FolderWatchOptions): Promise<FolderWatch> {
    const watch = new FolderWatch(options);
    await watch.settle();
    watch.#later();
    return watch;
  }

  /** The folder as it is now is the right one. */
  async settle(): Promise<void> {
    const { folder } = this.#options;
    [this.#folder, this.#lock] = await Promise.all([identityOf(folder.path), identityOf(folder.leader)]);
  }

  async look(): Promise<FolderState> {
    const { path, leader, accounts } = this.#options.folder;
    const [folder, lock] = await Promise.all([identityOf(path), identityOf(leader)]);
    if (folder === undefined) return { kind: "gone" };
    const another = folder !== this.#folder;
    if (this.#lock !== undefined && lock !== undefined && lock !== this.#lock) return { kind: "replaced" };
    if (another || (this.#lock !== undefined && lock === undefined)) {
      // One that is empty replaces nothing.
      return another && (await identityOf(accounts)) !== undefined ? { kind: "replaced" } : { kind: "gone" };
    }
    try {
      await access(path, constants.W_OK);
      return { kind: "fine" };
    } catch (error) {
      return { kind: "locked", why: whyRefused(error) };
    }
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #later(): void {
    this.#timer = this.#options.clock.setTimeout(() => void this.#round(), LOOK_MS);
  }

  async #round(): Promise<void> {
    const state = await this.look();
    if (this.#closed) return;
    const now = JSON.stringify(state);
    const changed = now !== this.#last || state.kind === "gone";
    this.#last = now;
    if (changed) await this.#options.onState(state);
    if (!this.#closed && state.kind !== "replaced") this.#later();
  }
}

/** @returns `undefined` where nothing is there, or nothing that can be looked at */
async function identityOf(path: string): Promise<Identity> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    return `${dev} ${ino}`;
  } catch {
    return undefined;
  }
}
