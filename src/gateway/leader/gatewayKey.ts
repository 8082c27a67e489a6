/** The gateway's own key: the config file's, else the stored one. Never made up where one may be stored. */
import { SecretsUnavailable } from "../accounts/credentials/monitoredSecrets.ts";
import type { Clock, Log, SecretStore, Timer } from "../common/ports.ts";
import { API_KEY_SECRET, generateApiKey, rotateApiKey } from "../config/apiKey.ts";

export interface GatewayKeyDeps {
  readonly secrets: SecretStore;
  readonly clock: Pick<Clock, "setTimeout">;
  readonly log: Pick<Log, "error">;
  /** `problem` is another. */
  onProblem(): void;
}

/** Milliseconds until a key that could not be stored is stored once more. */
export const STORE_AGAIN_MS = 10_000;

export class GatewayKey {
  readonly #deps: GatewayKeyDeps;
  #stored: string | undefined;
  #made: string | undefined;
  #problem: string | undefined;
  #again: Timer | undefined;
  #closed = false;

  constructor(deps: GatewayKeyDeps) {
    this.#deps = deps;
  }

  /** For a person: it is in memory alone. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /**
   * Never rejects.
   * @param configured the config file's; it goes first
   * @returns `undefined` while it cannot be said whether there is one
   */
  async read(configured: string | undefined): Promise<string | undefined> {
    if (configured !== undefined) return configured;
    if (this.#stored !== undefined) return this.#stored;
    const { secrets, log } = this.#deps;
    try {
      const found = await secrets.get(API_KEY_SECRET);
      if (found !== undefined && found !== "") return this.#is(found);
    } catch (error) {
      if (!(error instanceof SecretsUnavailable))
        log.error("the key could not be read", { error: String(error) });
      return undefined;
    }
    // There is none: the first one is made. It is the same one until it can be stored.
    if (this.#made === undefined) {
      this.#made = generateApiKey();
      void this.#store(this.#made);
    }
    return this.#made;
  }

  close(): void {
    this.#closed = true;
    this.#again?.cancel();
  }

  /** In the background: a store that hangs holds nobody up. */
  async #store(made: string): Promise<void> {
    const { secrets, clock, log, onProblem } = this.#deps;
    try {
      await secrets.set(API_KEY_SECRET, made);
      if (this.#made !== made) return;
      const told = this.#problem !== undefined;
      this.#is(made);
      if (told) onProblem();
    } catch (error) {
      if (this.#made !== made || this.#closed) return;
      this.#again = clock.setTimeout(() => void this.#store(made), STORE_AGAIN_MS);
      if (this.#problem !== undefined) return;
      this.#problem = NOT_STORED;
      log.error(NOT_STORED, { error: String(error) });
      onProblem();
    }
  }

  /** Once more, where the store is gone with its folder. Never rejects. */
  async rewrite(): Promise<void> {
    const key = this.#stored;
    if (key === undefined) return;
    const { secrets, log } = this.#deps;
    try {
      if ((await secrets.get(API_KEY_SECRET, { fresh: true })) === undefined)
        await secrets.set(API_KEY_SECRET, key);
    } catch (error) {
      log.error(NOT_STORED, { error: String(error) });
    }
  }

  /** A new one in its place. @throws where it cannot be stored; then nothing has changed */
  async rotate(): Promise<string> {
    return this.#is(await rotateApiKey(this.#deps.secrets));
  }

  #is(key: string): string {
    this.#stored = key;
    this.#made = undefined;
    this.#problem = undefined;
    return key;
  }
}

const NOT_STORED =
  "Portico's API key could not be stored, so it changes when Portico is started anew. Is the secret storage (keyring) writable?";
