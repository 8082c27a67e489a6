/** How long a request may still take, and its waits: for a slot, for a limit to end, before another try. */

import type { ConcurrencySlot } from "../../accounts/schedule/load.ts";
import type { Planned } from "../../accounts/schedule/scheduler.ts";
import type { WaitingLine } from "../../accounts/schedule/waitingLine.ts";
import { sleep } from "../../common/sleep.ts";
import type { ClientReply } from "../../upstream/relay/clientReply.ts";
import { ClientGone } from "./clientGone.ts";
import type { AttemptDeps } from "./dependencies.ts";

/** Milliseconds; doubled at each further try of the same candidate, with jitter. */
export const BACKOFF_MS = 500;
export const BACKOFF_MAX_MS = 8_000;
/** Milliseconds before an account is asked again, at least; doubled at each further wait. */
const LEAST_WAIT_MS = 250;
/** Milliseconds over which those who waited for the same moment spread. */
const SPREAD_MS = 250;

export interface Patience {
  /** Milliseconds, all waits of the request taken together. */
  readonly waitMs: number;
  readonly line: WaitingLine;
  /** Milliseconds until a heartbeat may commit the reply; absent: none does. */
  readonly quietMs?: () => number;
}

export class Waits {
  readonly #reply: Pick<ClientReply, "signal" | "committed">;
  readonly #deps: AttemptDeps;
  readonly #began: number;
  /** Milliseconds that the request has waited for accounts, and how much of that is on record. */
  #waited = 0;
  #told = 0;
  #turn: number | undefined;

  constructor(reply: Pick<ClientReply, "signal" | "committed">, deps: AttemptDeps) {
    this.#reply = reply;
    this.#deps = deps;
    this.#began = deps.clock.monotonic();
  }

  /** Milliseconds in which further tries may start. */
  get left(): number {
    return this.#began + this.#deps.upstream.retryDeadlineMs - this.#deps.clock.monotonic();
  }

  /** Milliseconds that the request has waited for accounts. */
  get waited(): number {
    return this.#waited;
  }

  /** Milliseconds since 1970 of its turn in the line, where that came too late to wait for it. */
  get missedTurn(): number | undefined {
    return this.#turn;
  }

  /** Milliseconds of waiting that are not on record yet; asked for by the record. */
  untold(): number {
    const untold = this.#waited - this.#told;
    this.#told = this.#waited;
    return untold;
  }

  /**
   * Nobody is ready: waits until somebody is, in turn with the others that do.
   * @param soonest whose limit is over first, and when (milliseconds since 1970)
   * @param round waits of this kind before
   * @returns false where that takes too long
   */
  async forOne(
    soonest: { readonly key: string; readonly until: number } | undefined,
    round: number,
  ): Promise<boolean> {
    const { patience, clock } = this.#deps;
    if (patience === undefined || soonest === undefined || this.#reply.committed) return false;
    const left = Math.min(patience.waitMs - this.#waited, this.left, patience.quietMs?.() ?? Infinity);
    const now = clock.now();
    const least = now + Math.min(LEAST_WAIT_MS * 2 ** round, BACKOFF_MAX_MS);
    if (Math.max(soonest.until, least) - now > left) return false;
    const leave = patience.line.join();
    if (leave === undefined) return false;
    try {
      const turn = Math.max(patience.line.turn(soonest.key, soonest.until), least);
      if (turn - now > left) {
        this.#turn = turn;
        return false;
      }
      await this.forAccount(turn - now);
    } finally {
      leave();
    }
    return !this.#reply.committed;
  }

  /**
   * For a slot at one of these. @param milliseconds at most
   * @throws ClientGone
   */
  async forSlot(planned: readonly Planned[], milliseconds: number): Promise<ConcurrencySlot | undefined> {
    const { signal } = this.#reply;
    const accounts = planned.map(({ candidate }) => candidate.account);
    const place = await this.#deps.scheduler.wait(accounts, milliseconds, signal);
    if (!signal.aborted) return place;
    place?.release();
    throw new ClientGone();
  }

  /** Is there anything that `forOwn` might wait for? */
  mayWait({ candidate, spentUntil }: Planned): boolean {
    return (
      spentUntil !== undefined ||
      this.#deps.health.heldFor(candidate.account.id, candidate.model) !== undefined
    );
  }

  /**
   * Until the limits of a conversation's own account are over, which are worth a wait.
   * @param until milliseconds since 1970 up to which they are
   */
  async forOwn({ candidate, spentUntil = 0 }: Planned, until: number): Promise<void> {
    const { clock, health } = this.#deps;
    if (spentUntil > clock.now() && spentUntil <= until) {
      await this.forAccount(spentUntil - clock.now() + this.spread());
    }
    for (;;) {
      const held = health.heldFor(candidate.account.id, candidate.model);
      if (held === undefined || held.because !== "rate-limit" || held.until > until) return;
      await this.forAccount(held.until - clock.now() + this.spread());
    }
  }

  /** A wait for an account, which counts. @throws ClientGone */
  async forAccount(milliseconds: number): Promise<void> {
    const from = this.#deps.clock.monotonic();
    await this.pause(milliseconds);
    this.#waited += this.#deps.clock.monotonic() - from;
  }

  /** @throws ClientGone */
  async pause(milliseconds: number): Promise<void> {
    await sleep(milliseconds, this.#deps.clock, this.#reply.signal);
    if (this.#reply.signal.aborted) throw new ClientGone();
  }

  /** Milliseconds by which this one comes later than others that wait for the same moment. */
  spread(): number {
    return this.#deps.random() * SPREAD_MS;
  }
}
