/**
 * The secret store as the gateway uses it: one that fails or does not answer holds nobody up. What needs a
 * secret fails at once and in words, the store is asked again in the background, and once it answers all is well.
 */
import { messageOf, PorticoError } from "../../common/errors.ts";
import type { Clock, Log, SecretStore, Timer } from "../../common/ports.ts";

/** Milliseconds that a read may take before the store counts as unavailable: a keyring may be asking for a password. */
export const PATIENCE_MS = 1500;
/** The same while it is: just long enough for what a store keeps in memory. */
const TROUBLED_MS = 5;
/** Milliseconds until it is asked again: doubled each time up to the second. */
export const RETRY_MS = 1000;
export const MAX_RETRY_MS = 10_000;
/** Milliseconds after which a question that was asked again is not waited for any longer. */
const GIVE_UP_MS = 15_000;

/** In place of a secret that cannot be read now. Says nothing about the account that needs it. */
export class SecretsUnavailable extends PorticoError {
  constructor(message: string, cause?: unknown) {
    super("unavailable", message, { code: SECRETS_UNAVAILABLE, cause });
  }
}
export const SECRETS_UNAVAILABLE = "secrets_unavailable";

export interface MonitoredSecretsOptions {
  readonly store: SecretStore;
  readonly clock: Pick<Clock, "setTimeout">;
  readonly log: Pick<Log, "error" | "info" | "debug">;
  /** For a person: what keeps secrets from being read, and what to do. */
  readonly failure: string;
  /** `problem` is another. */
  onProblem(): void;
}

export class MonitoredSecrets implements SecretStore {
  readonly #options: MonitoredSecretsOptions;
  /** Reads under way: who asks for the same joins, so that a store that hangs is asked once. */
  readonly #reads = new Map<string, Promise<string | undefined>>();
  #failing = false;
  /** The key that is asked for again. */
  #failed = "";
  #retry: Timer | undefined;
  #retryMs = RETRY_MS;
  #closed = false;

  constructor(options: MonitoredSecretsOptions) {
    this.#options = options;
  }

  /** For a person; `undefined` while secrets can be read. */
  get problem(): string | undefined {
    return this.#failing ? this.#options.failure : undefined;
  }

  /** @throws SecretsUnavailable */
  async get(key: string, options: { fresh?: boolean } = {}): Promise<string | undefined> {
    const read = this.#read(key, options.fresh === true);
    const patience = this.#failing ? TROUBLED_MS : PATIENCE_MS;
    const late = Symbol("late");
    let timer: Timer | undefined;
    const timeout = new Promise<typeof late>((resolve) => {
      timer = this.#options.clock.setTimeout(() => resolve(late), patience);
    });
    try {
      const value = await Promise.race([read, timeout]);
      if (value !== late) return value;
    } catch (error) {
      this.#fails(key, error);
      throw new SecretsUnavailable(this.#options.failure, error);
    } finally {
      timer?.cancel();
    }
    this.#fails(key, "it does not answer");
    // A person may be typing the keyring's password: the answer that comes then is as good as any.
    read.then(
      () => this.#works(),
      () => {},
    );
    throw new SecretsUnavailable(this.#options.failure);
  }

  async set(key: string, value: string): Promise<void> {
    this.#forget(key);
    await this.#options.store.set(key, value);
    this.#forget(key);
  }

  async delete(key: string): Promise<void> {
    this.#forget(key);
    await this.#options.store.delete(key);
    this.#forget(key);
  }

  /** Asks no more. */
  close(): void {
    this.#closed = true;
    this.#retry?.cancel();
  }

  #read(key: string, fresh: boolean): Promise<string | undefined> {
    const name = nameOf(key, fresh);
    const known = this.#reads.get(name);
    if (known !== undefined) return known;
    const read = this.#options.store.get(key, { fresh });
    this.#reads.set(name, read);
    const done = () => {
      if (this.#reads.get(name) === read) this.#reads.delete(name);
    };
    read.then(done, done);
    return read;
  }

  /** What is being read may be older than what is written now. */
  #forget(key: string): void {
    this.#reads.delete(nameOf(key, true));
    this.#reads.delete(nameOf(key, false));
  }

  #fails(key: string, error: unknown): void {
    if (this.#failing || this.#closed) return;
    this.#failing = true;
    this.#failed = key;
    this.#retryMs = RETRY_MS;
    const { log, failure, onProblem } = this.#options;
    log.error(failure, { error: messageOf(error) });
    this.#askLater();
    onProblem();
  }

  #works(): void {
    if (!this.#failing || this.#closed) return;
    this.#failing = false;
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#options.log.info("secrets can be read again");
    this.#options.onProblem();
  }

  #askLater(): void {
    this.#retry?.cancel();
    this.#retry = this.#options.clock.setTimeout(() => this.#askAgain(), this.#retryMs);
    this.#retryMs = Math.min(2 * this.#retryMs, MAX_RETRY_MS);
  }

  #askAgain(): void {
    if (this.#closed || !this.#failing) return;
    const asked = this.#read(this.#failed, true);
    // One that hangs for good is left to itself, and another one is asked in its place.
    this.#retry = this.#options.clock.setTimeout(() => {
      this.#forget(this.#failed);
      this.#askLater();
    }, GIVE_UP_MS);
    asked.then(
      () => this.#works(),
      (error: unknown) => {
        this.#options.log.debug(`secrets still cannot be read: ${String(error)}`);
        if (this.#failing && !this.#closed) this.#askLater();
      },
    );
  }
}

function nameOf(key: string, fresh: boolean): string {
  return `${fresh ? "fresh" : "kept"} ${key}`;
}
