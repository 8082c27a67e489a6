/** What providers and clients come back to, and where it outlives the process: signatures and stored responses. */
import { messageOf } from "../common/errors.ts";
import type { Clock, Log } from "../common/ports.ts";
import { ResponseStore, type StoreLimits } from "../protocols/responsesApi.ts";
import type { Settings } from "../settings/settings.ts";
import type { ResponsesFile } from "./responsesFile.ts";
import { ResponsesOnDisk } from "./responsesOnDisk.ts";
import { type SignaturePersistence, SignatureStore } from "./signatureStore.ts";

export interface ConversationStateOptions {
  /** Absent: signatures are kept in memory. */
  readonly signatures: SignaturePersistence | undefined;
  /** Absent: responses are kept in memory, whatever the settings say. */
  readonly responses: ResponsesFile | undefined;
  readonly settings: () => Settings;
  readonly clock: Clock;
  readonly log: Log;
  readonly newId: () => string;
}

export class ConversationState {
  readonly signatures: SignatureStore;
  readonly responses: ResponseStore;
  readonly #onDisk: ResponsesOnDisk | undefined;
  readonly #options: ConversationStateOptions;

  constructor(options: ConversationStateOptions) {
    const { signatures, responses, settings, clock, log, newId } = options;
    this.#options = options;
    this.signatures = new SignatureStore(
      undefined,
      signatures === undefined
        ? undefined
        : { clock, persistence: signatures, texts: () => settings().responses.onDisk },
    );
    this.responses = new ResponseStore({
      limits: responseLimits(settings),
      now: () => clock.now(),
      newId,
      onChange: () => this.#onDisk?.touch(),
    });
    this.#onDisk =
      responses === undefined
        ? undefined
        : new ResponsesOnDisk({
            file: responses,
            store: this.responses,
            settings: () => settings().responses,
            clock,
            log,
          });
  }

  /** Takes up what was saved. Never rejects. */
  async load(): Promise<void> {
    await this.signatures.load().catch((error: unknown) => {
      this.#options.log.warn(`saved signatures of reasoning could not be read: ${String(error)}`);
    });
    await this.#onDisk?.load();
  }

  /** The settings are others now. What is no longer wanted on the disk is gone when this resolves. */
  async apply(before: Settings["responses"]): Promise<void> {
    await this.#onDisk?.apply();
    const { signatures, settings } = this.#options;
    if (signatures === undefined || before.onDisk === settings().responses.onDisk) return;
    this.signatures.touch();
    await this.#flushSignatures();
  }

  /** Saves what waits to be saved. Never rejects. */
  async flush(): Promise<void> {
    await this.#flushSignatures();
    await this.#onDisk?.flush();
  }

  async #flushSignatures(): Promise<void> {
    await this.signatures.flush().catch((error: unknown) => {
      this.#options.log.warn(messageOf(error));
    });
  }
}

/** Read at each use, so that changes apply at once. */
function responseLimits(settings: () => Settings): StoreLimits {
  return {
    get count() {
      return settings().responses.maxCount;
    },
    get bytes() {
      return settings().responses.maxBytes;
    },
    get ageMs() {
      return settings().responses.maxAgeMs;
    },
  };
}
