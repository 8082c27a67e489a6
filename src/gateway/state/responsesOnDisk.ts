/**
 * Stored responses and conversations outlive the process only where a setting says so: they are
 * words of conversations. Without it, what an earlier setting left on the disk is taken off.
 */
import { messageOf } from "../common/errors.ts";
import type { Clock, Log, Timer } from "../common/ports.ts";
import type { ResponseStore } from "../protocols/responsesApi.ts";
import type { Settings } from "../settings/settings.ts";
import type { ResponsesFile, SavedResponses } from "./responsesFile.ts";
import { Saver } from "./saver.ts";

export interface ResponsesOnDiskOptions {
  readonly file: ResponsesFile;
  readonly store: Pick<ResponseStore, "snapshot" | "restore">;
  readonly settings: () => Settings["responses"];
  readonly clock: Clock;
  readonly log: Pick<Log, "warn">;
}

/** Milliseconds: a timer waits no longer, whatever the age. */
const LONGEST_WAIT_MS = 86_400_000;

export class ResponsesOnDisk {
  readonly #options: ResponsesOnDiskOptions;
  readonly #saver: Saver<SavedResponses>;
  #enabled = false;
  /** Before that, an empty store must not be written over what was saved. */
  #loaded = false;
  #expiry: Timer | undefined;

  constructor(options: ResponsesOnDiskOptions) {
    this.#options = options;
    const { file, clock, log } = options;
    this.#saver = new Saver({
      store: { save: (saved) => (this.#wanted ? file.save(saved) : file.remove()) },
      snapshot: () => this.#snapshot(),
      clock,
      log,
    });
  }

  get #wanted(): boolean {
    return this.#options.settings().onDisk;
  }

  /** Takes up what was saved. Never rejects. */
  async load(): Promise<void> {
    const { file, store, settings, log } = this.#options;
    try {
      this.#enabled = this.#wanted;
      if (!this.#enabled) return await file.remove();
      const saved = await file.load();
      if (saved === undefined) return;
      store.restore(saved, settings().onDiskMaxAgeMs);
      this.#expire();
    } catch (error) {
      log.warn(`saved responses could not be read: ${messageOf(error)}`);
    } finally {
      this.#loaded = true;
    }
  }

  /** The store has changed. */
  touch(): void {
    if (this.#enabled) this.#saver.touch();
  }

  /** The setting may have changed: what is there is saved, or what was saved is gone, when this resolves. */
  async apply(): Promise<void> {
    if (!this.#loaded || this.#enabled === this.#wanted) return;
    this.#enabled = this.#wanted;
    this.#saver.touch();
    await this.#saver.flush();
  }

  /** Saves what waits to be saved. Never rejects. */
  async flush(): Promise<void> {
    this.#expiry?.cancel();
    this.#expiry = undefined;
    await this.#saver.flush();
  }

  #snapshot(): SavedResponses {
    const { store, settings } = this.#options;
    const { onDiskMaxBytes, onDiskMaxAgeMs } = settings();
    const saved = { version: 1 as const, ...store.snapshot(onDiskMaxBytes, onDiskMaxAgeMs) };
    if (saved.responses.length + saved.conversations.length > 0) this.#expire();
    return saved;
  }

  /** What gets too old leaves the disk also where nothing else happens. */
  #expire(): void {
    const { clock, settings } = this.#options;
    this.#expiry?.cancel();
    this.#expiry = clock.setTimeout(() => this.touch(), Math.min(settings().onDiskMaxAgeMs, LONGEST_WAIT_MS));
  }
}
