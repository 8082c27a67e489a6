/** Asks providers for quotas in the background: a few at a time, and none while nothing happens. */

import { messageOf } from "../../common/errors.ts";
import { setLatest } from "../../common/latest.ts";
import { foreignText } from "../../common/log.ts";
import type { Clock, Log } from "../../common/ports.ts";
import type { Account } from "../../providers/account.ts";
import { dateOf, type ReplyHeaders } from "../retryTimes.ts";
import { QUOTA_ENDPOINTS, type QuotaEndpoint } from "./endpoints.ts";
import type { QuotaStore } from "./store.ts";

/** Requests of our own at once. */
export const CONCURRENCY = 3;
/** Milliseconds; a provider that does not answer is asked again no sooner. */
const LEAST_MS = 60_000;
/** Accounts whose last reading is remembered. */
const MAX_READ = 5000;

export interface QuotaRefreshPorts {
  readonly store: QuotaStore;
  readonly clock: Pick<Clock, "now" | "monotonic">;
  readonly log: Pick<Log, "debug">;
  /** Milliseconds between two readings of one account; 0: only when a person asks. */
  readonly everyMs: () => number;
  /** A `GET` with the account's key; it only reads. Rejects where the reply is not a 2xx. */
  readonly fetchJson: (
    account: Account,
    path: string,
    protocol: QuotaEndpoint["protocol"],
  ) => Promise<QuotaReply>;
  /** Whether nobody else has asked within the time; absent: nobody else asks. */
  readonly mayPoll?: (account: Account, withinMs: number) => Promise<boolean>;
}

export interface QuotaReply {
  readonly headers: ReplyHeaders;
  readonly body: unknown;
}

export class QuotaRefresh {
  readonly #ports: QuotaRefreshPorts;
  /** By the monotonic clock. */
  readonly #asked = new Map<string, number>();
  readonly #reading = new Map<string, Promise<void>>();
  readonly #line: (() => void)[] = [];
  #running = 0;

  constructor(ports: QuotaRefreshPorts) {
    this.#ports = ports;
  }

  /** A request was served by this account: its quota is read when it is due, in the background. */
  used(account: Account): void {
    const every = this.#ports.everyMs();
    if (every === 0 || QUOTA_ENDPOINTS[account.provider.id] === undefined) return;
    const asked = this.#asked.get(account.id);
    if (asked !== undefined && this.#ports.clock.monotonic() - asked < Math.max(every, LEAST_MS)) return;
    void this.#read(account, Math.max(every, LEAST_MS));
  }

  /** Reads the quotas of these accounts now. Never rejects; resolves when all have been asked. */
  async refresh(accounts: readonly Account[]): Promise<void> {
    await Promise.all(accounts.filter(({ enabled }) => enabled).map((account) => this.#read(account)));
  }

  /** One reading at a time per account. @param withinMs unless another gateway has; absent: in any case */
  #read(account: Account, withinMs?: number): Promise<void> {
    const endpoint = QUOTA_ENDPOINTS[account.provider.id];
    if (endpoint === undefined || !account.endpoints.has(endpoint.protocol)) return Promise.resolve();
    const before = this.#reading.get(account.id);
    if (before !== undefined) return before;
    setLatest(this.#asked, account.id, this.#ports.clock.monotonic(), MAX_READ);
    const reading = this.#inTurn(async () => {
      try {
        const { mayPoll } = this.#ports;
        if (withinMs !== undefined && mayPoll !== undefined && !(await mayPoll(account, withinMs))) return;
        const { body, headers } = await this.#ports.fetchJson(account, endpoint.path, endpoint.protocol);
        const now = this.#ports.clock.now();
        this.#ports.store.set(account.id, endpoint.read(body, now, dateOf(headers, now)));
      } catch (thrown) {
        const why = messageOf(thrown);
        this.#ports.log.debug(`the quota could not be read: ${foreignText(why)}`, { account: account.id });
      }
    }).finally(() => this.#reading.delete(account.id));
    this.#reading.set(account.id, reading);
    return reading;
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    if (this.#running >= CONCURRENCY) await new Promise<void>((resolve) => this.#line.push(resolve));
    else this.#running++;
    try {
      await work();
    } finally {
      const next = this.#line.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
