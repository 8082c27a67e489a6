/** Saves a while after something changed, once for all that changed meanwhile. */
import { messageOf } from "../common/errors.ts";
import { FileFailure } from "../common/fileFailure.ts";
import type { Clock, Log, Timer } from "../common/ports.ts";

/** Milliseconds. */
export const SAVE_AFTER_MS = 5000;

export interface SaverPorts<T> {
  readonly store: { save(state: T): Promise<void> };
  readonly snapshot: () => T;
  readonly clock: Clock;
  readonly log: Pick<Log, "warn">;
}

export class Saver<T> {
  readonly #ports: SaverPorts<T>;
  #timer: Timer | undefined;
  #saving: Promise<void> = Promise.resolve();
  #failing = false;

  constructor(ports: SaverPorts<T>) {
    this.#ports = ports;
  }

  /** Something changed. Cheap: called for every request. */
  touch(): void {
    this.#timer ??= this.#ports.clock.setTimeout(() => {
      this.#timer = undefined;
      this.#save();
    }, SAVE_AFTER_MS);
  }

  /** Saves what waits to be saved; resolves when it is. Never rejects. */
  async flush(): Promise<void> {
    if (this.#timer !== undefined) {
      this.#timer.cancel();
      this.#timer = undefined;
      this.#save();
    }
    await this.#saving;
  }

  #save(): void {
    const { store, snapshot, log } = this.#ports;
    this.#saving = this.#saving.then(async () => {
      try {
        await store.save(snapshot());
        this.#failing = false;
      } catch (error) {
        // Said once: a full disk must not fill the log as well.
        if (!this.#failing) {
          const why = messageOf(error);
          log.warn(error instanceof FileFailure ? why : `what Portico remembers could not be saved: ${why}`);
        }
        this.#failing = true;
      }
    });
  }
}
