/** What is known of every account's quotas: bounded plain data, the longest untold goes first. */
import { type QuotaStanding, quotaStanding } from "../../../control/quotas.ts";
import { ClockSteps, isFromTheFuture } from "../../common/clockSteps.ts";
import type { Clock } from "../../common/ports.ts";
import type { ProviderId } from "../../providers/ids.ts";
import { dateOf, type ReplyHeaders } from "../retryTimes.ts";
import type { QuotaView } from "../schedule/scheduler.ts";
import { validEntries } from "../snapshot.ts";
import { readQuotaDetails } from "./details.ts";
import { readQuotaHeaders } from "./headers.ts";
import { type Quota, quotaSchema, type Reading } from "./quota.ts";

export const MAX_QUOTAS = 10_000;
/** Milliseconds: a quota that is whole again sooner is no reason to use an account up. */
const SOON_MS = 10 * 60_000;

export class QuotaStore implements QuotaView {
  /** Told of what is read here. */
  onRead: ((quota: Quota) => void) | undefined;
  readonly #clock: Pick<Clock, "now" | "monotonic">;
  readonly #steps: ClockSteps;
  /** By account, then by model and name. */
  readonly #accounts = new Map<string, Map<string, Quota>>();
  #size = 0;

  constructor(clock: Pick<Clock, "now" | "monotonic">) {
    this.#clock = clock;
    this.#steps = new ClockSteps(clock);
  }

  get size(): number {
    return this.#size;
  }

  /** Reads the headers of any upstream reply. Never throws. */
  observe(account: { id: string; provider: { id: ProviderId } }, model: string, headers: ReplyHeaders): void {
    const now = this.#now();
    for (const reading of readQuotaHeaders(account.provider.id, headers, now)) {
      this.#read({ ...reading, account: account.id, model, readAt: now, source: "headers" });
    }
  }

  /** Reads the details of a refusal. Never throws. @param body parsed JSON @param headers those it came with */
  observeError(account: string, model: string, body: unknown, headers: ReplyHeaders): void {
    const now = this.#now();
    for (const { model: _theirs, ...reading } of readQuotaDetails(body, now, dateOf(headers, now))) {
      this.#read({ ...reading, account, model, readAt: now, source: "error" });
    }
  }

  /** What a provider's own endpoint said of a whole account. */
  set(account: string, readings: readonly Reading[]): void {
    const now = this.#now();
    for (const reading of readings) this.#read({ ...reading, account, readAt: now, source: "endpoint" });
  }

  /** What another gateway read: the newer counts. What is no such data is passed over. */
  learn(found: unknown): void {
    const now = this.#now();
    const { success, data } = quotaSchema.safeParse(found);
    if (!success || isFromTheFuture(data.readAt, now)) return;
    const before = this.#accounts.get(data.account)?.get(keyOf(data));
    if (before === undefined || before.readAt < data.readAt) this.#put(data);
  }

  /** All that is known of an account, for a person. */
  of(account: string): Quota[] {
    this.#now();
    return [...(this.#accounts.get(account)?.values() ?? [])];
  }

  /** Share that is left of the tightest quota, 0 to 1. */
  remaining(account: string, model: string): number | undefined {
    let least: number | undefined;
    for (const { share } of this.#standings(account, model)) {
      if (share !== undefined && share < (least ?? Number.POSITIVE_INFINITY)) least = share;
    }
    return least;
  }

  /** Until when nothing is left, as the provider itself has said. */
  spentUntil(account: string, model: string): number | undefined {
    let latest: number | undefined;
    for (const { left, resetAt } of this.#standings(account, model)) {
      if (left === undefined || left > 0 || resetAt === undefined) continue;
      if (resetAt > (latest ?? 0)) latest = resetAt;
    }
    return latest;
  }

  nextReset(account: string, model: string): number | undefined {
    const now = this.#now();
    let next: number | undefined;
    for (const { resetAt, window } of this.#standings(account, model)) {
      if (resetAt === undefined || window === "minute" || resetAt - now < SOON_MS) continue;
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
    this.#now();
    return [...this.#accounts.values()].flatMap((quotas) => [...quotas.values()]);
  }

  /** What is no such data is passed over, and so is what was read by a clock that was ahead. */
  restore(snapshot: unknown): void {
    const now = this.#now();
    for (const quota of validEntries(snapshot, quotaSchema, MAX_QUOTAS)) {
      if (!isFromTheFuture(quota.readAt, now)) this.#put(quota);
    }
  }

  /** Of all that concerns the model and still holds. */
  *#standings(account: string, model: string): Generator<QuotaStanding & Pick<Quota, "window">> {
    const now = this.#now();
    for (const quota of this.#accounts.get(account)?.values() ?? []) {
      if (quota.model !== undefined && quota.model !== model) continue;
      // Holds are the health's to know.
      const standing = quotaStanding(quota, [], now);
      if (standing.basis !== "old") yield { ...standing, window: quota.window };
    }
  }

  /** Milliseconds since 1970. Where the clock was set back, all that is known has moved with it. */
  #now(): number {
    const back = this.#steps.back();
    if (back > 0) {
      for (const quotas of this.#accounts.values()) {
        for (const [key, quota] of quotas) quotas.set(key, earlier(quota, back));
      }
    }
    return this.#clock.now();
  }

  #read(quota: Quota): void {
    this.#put(quota);
    this.onRead?.(quota);
  }

  #put(quota: Quota): void {
    let quotas = this.#accounts.get(quota.account);
    if (quotas === undefined) {
      quotas = new Map();
      this.#accounts.set(quota.account, quotas);
    }
    const key = keyOf(quota);
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

const keyOf = ({ model, name }: Pick<Quota, "model" | "name">): string => `${model ?? ""} ${name}`;

function earlier(quota: Quota, milliseconds: number): Quota {
  const { readAt, resetAt } = quota;
  return {
    ...quota,
    readAt: readAt - milliseconds,
    ...(resetAt === undefined ? {} : { resetAt: resetAt - milliseconds }),
  };
}
