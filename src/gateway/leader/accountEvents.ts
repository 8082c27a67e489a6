/** Tells how the accounts are, while somebody looks: once a second, and only when something changed. */
import type { ListedAccount } from "../../control/accounts.ts";
import type { Clock, Log, Timer } from "../common/ports.ts";

export interface AccountNewsOptions {
  clock: Clock;
  log: Pick<Log, "warn">;
  wanted(): boolean;
  list(): Promise<ListedAccount[]>;
  tell(accounts: ListedAccount[]): void;
}

export const NEWS_MS = 1000;

export class AccountEvents {
  readonly #options: AccountNewsOptions;
  #timer: Timer | undefined;
  #looking = false;
  #before: string | undefined;
  /** Somebody was given another list than the one told last: even if it is so again, they have to hear it. */
  #differs = false;
  #closed = false;

  constructor(options: AccountNewsOptions) {
    this.#options = options;
  }

  /** Somebody may have begun to look. */
  watch(): void {
    if (this.#timer !== undefined || this.#looking || this.#closed) return;
    if (!this.#options.wanted()) {
      this.#before = undefined;
      return;
    }
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#timer = undefined;
      void this.#look();
    }, NEWS_MS);
  }

  /** Somebody was given this list. */
  given(accounts: ListedAccount[]): ListedAccount[] {
    this.#differs ||= JSON.stringify(accounts) !== this.#before;
    return accounts;
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    const { log, wanted, list, tell } = this.#options;
    this.#looking = true;
    try {
      const known = this.#differs ? undefined : this.#before;
      this.#differs = false;
      const accounts = wanted() ? await list() : undefined;
      const now = accounts === undefined ? undefined : JSON.stringify(accounts);
      if (!this.#closed && accounts !== undefined && now !== known) tell(accounts);
      this.#before = now;
    } catch (error) {
      log.warn("the accounts could not be listed", { error: String(error) });
    } finally {
      this.#looking = false;
      this.watch();
    }
  }
}
