/** What is known of every account's quotas: bounded plain data, the longest untold goes first. */
import type { Clock } from "../../ports.ts";
import type { ProviderId } from "../../providers/ids.ts";
import type { ReplyHeaders } from "../retryTimes.ts";
import type { QuotaView } from "../schedule/scheduler.ts";
import { readQuotaDetails } from "./details.ts";
import { readQuotaHeaders } from "./headers.ts";
import { type Quota, quotaSchema, type Reading, remainingShare } from "./quota.ts";

export const MAX_QUOTAS = 10_000;
/** Milliseconds after which what a provider once said without a reset means nothing any more. */
export const STALE_MS = 24 * 60 * 60_000;
/** Milliseconds: a quota that is whole again sooner is no reason to use an account up. */
const SOON_MS = 10 * 60_000;

export class QuotaStore implements QuotaView {
  readonly #clock: Pick<Clock, "now">;
  /** By account, then by model and name. */
  readonly #accounts = new Map<string, Map<string, Quota>>();
  #size = 0;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#size;
  }

  /** Reads the headers of any upstream reply. Never throws. */
  observe(account: { id: string; provider: { id: ProviderId } }, model: string, headers: ReplyHeaders): void {
    const now = this.#clock.now();
    for (const reading of readQuotaHeaders(account.provider.id, headers, now)) {
      this.#put({ ...reading, account: account.id, model, readAt: now, source: "headers" });
    }
  }

  /** Reads the details of a refusal. Never throws. @param body parsed JSON */
  observeError(account: string, model: string, body: unknown): void {
    const now = this.#clock.now();
    for (const { model: _theirs, ...reading } of readQuotaDetails(body, now)) {
      this.#put({ ...reading, account, model, readAt: now, source: "error" });
    }
  }

  /** What a provider's own endpoint said of a whole account. */
  set(account: string, readings: readonly Reading[]): void {
    const now = this.#clock.now();
    for (const reading of readings) this.#put({ ...reading, account, readAt: now, source: "endpoint" });
  }

  /** All that is known of an account, for a person. */
  of(account: string): Quota[] {
    return [...(this.#accounts.get(account)?.values() ?? [])];
  }

  /** Share that is left of the tightest quota, 0 to 1. */
  remaining(account: string, model: string): number | undefined {
    const now = this.#clock.now();
    let least: number | undefined;
    for (const quota of this.#concerning(account, model, now)) {
      const share = remainingShare(quota, now);
      if (share !== undefined && share < (least ?? Number.POSITIVE_INFINITY)) least = share;
    }
    return least;
  }

  /** Until when nothing is left, as the provider itself has said. */
  spentUntil(account: string, model: string): number | undefined {
    const now = this.#clock.now();
    let latest: number | undefined;
    for (const { remaining, resetAt } of this.#concerning(account, model, now)) {
      if (remaining === undefined || remaining > 0 || resetAt === undefined || resetAt <= now) continue;
      if (resetAt > (latest ?? 0)) latest = resetAt;
    }
    return latest;
  }

  nextReset(account: string, model: string): number | undefined {
    const now = this.#clock.now();
    let next: number | undefined;
    for (const { window, resetAt } of this.#concerning(account, model, now)) {
      if (resetAt === undefined || resetAt <= now || window === "minute" || resetAt - now < SOON_MS) continue;
      if (next === undefined || resetAt < next) next = resetAt;
    }
    return next;
  }

  forget(account: string): void {
    this.#size -= this.#accounts.get(account)?.size ?? 0;
    this.#accounts.delete(account);
  }

  /** Forgets all other accounts. */
  retain(accounts: ReadonlySet<string>): void {
    for (const id of this.#accounts.keys()) if (!accounts.has(id)) this.forget(id);
  }

  /** Plain data, as `restore` takes it. */
  snapshot(): Quota[] {
    return [...this.#accounts.values()].flatMap((quotas) => [...quotas.values()]);
  }

  /** What is no such data is passed over. */
  restore(snapshot: unknown): void {
    if (!Array.isArray(snapshot)) return;
    for (const entry of snapshot.slice(-MAX_QUOTAS)) {
      const { success, data } = quotaSchema.safeParse(entry);
      if (success) this.#put(data);
    }
  }

  *#concerning(account: string, model: string, now: number): Generator<Quota> {
    for (const quota of this.#accounts.get(account)?.values() ?? []) {
      if (quota.model !== undefined && quota.model !== model) continue;
      if (quota.resetAt === undefined && now - quota.readAt > STALE_MS) continue;
      yield quota;
    }
  }

  #put(quota: Quota): void {
    let quotas = this.#accounts.get(quota.account);
    if (quotas === undefined) {
      quotas = new Map();
      this.#accounts.set(quota.account, quotas);
    }
    const key = `${quota.model ?? ""} ${quota.name}`;
    if (!quotas.delete(key)) this.#size++;
    quotas.set(key, quota);
    if (this.#size > MAX_QUOTAS) this.#dropOldest();
  }

  #dropOldest(): void {
    let oldest: { account: string; key: string; readAt: number } | undefined;
    for (const [account, quotas] of this.#accounts) {
      // Within an account they are in the order of their reading.
      const first = quotas.entries().next();
      if (first.done === true) continue;
      const [key, { readAt }] = first.value;
      if (oldest === undefined || readAt < oldest.readAt) oldest = { account, key, readAt };
    }
    if (oldest === undefined) return;
    const quotas = this.#accounts.get(oldest.account);
    if (quotas?.delete(oldest.key) === true) this.#size--;
    if (quotas?.size === 0) this.#accounts.delete(oldest.account);
  }
}
