/**
 * The attempt loop: tries candidates in the scheduler's order until one gives a reply, and gives up
 * only when none can, the budget is spent, or a byte has gone out to the client.
 */

import { type Failure, IMMEDIATE } from "../../accounts/failures.ts";
import type { ConcurrencySlot } from "../../accounts/schedule/load.ts";
import type { Planned } from "../../accounts/schedule/scheduler.ts";
import type { AttemptRecord } from "../../records/record.ts";
import type { Candidate } from "../../routing/candidate.ts";
import { diedWhileReused } from "../../upstream/exchange.ts";
import type { ClientReply } from "../../upstream/relay/clientReply.ts";
import { wasReset } from "./classify.ts";
import { guardWindows } from "./contextWindow.ts";
import type { AttemptDeps, AttemptsOutcome } from "./dependencies.ts";
import { FailedTries, LIMITS } from "./failedTries.ts";
import { finalAnswer, type Skipped } from "./finalError.ts";
import { BECAUSE, isReady, notAsked } from "./notAsked.ts";
import { type Attempt, Tries } from "./tryOnce.ts";
import { BACKOFF_MAX_MS, BACKOFF_MS, Waits } from "./waits.ts";

/** Tries of one candidate whose provider is down for a moment. */
const TRIES_PER_CANDIDATE = 3;

/**
 * @param records gets a line per try
 * @throws PorticoError (or `UpstreamReply`, the provider's own words) when no candidate could answer
 */
export function runAttempts(
  candidates: readonly Candidate[],
  attempt: Attempt,
  reply: Pick<ClientReply, "signal" | "committed">,
  records: AttemptRecord[],
  deps: AttemptDeps,
): Promise<AttemptsOutcome> {
  return new Run(attempt, reply, records, deps).over(candidates);
}

/** All of the first list, then what has come into the second meanwhile. */
function* laterToo<T>(first: readonly T[], later: readonly T[]): Generator<T> {
  yield* first;
  yield* later;
}

class Run {
  readonly #reply: Pick<ClientReply, "committed">;
  readonly #deps: AttemptDeps;
  readonly #tries: Tries;
  readonly #waits: Waits;
  readonly #failed: FailedTries;
  readonly #resting: Skipped[] = [];
  #plan: readonly Planned[] = [];
  #left: number;

  constructor(
    attempt: Attempt,
    reply: Pick<ClientReply, "signal" | "committed">,
    records: AttemptRecord[],
    deps: AttemptDeps,
  ) {
    this.#reply = reply;
    this.#deps = deps;
    this.#tries = new Tries(attempt, reply, records, deps);
    this.#waits = new Waits(reply, deps);
    this.#failed = new FailedTries(this.#windowOf);
    this.#left = deps.upstream.maxAttempts;
  }

  async over(candidates: readonly Candidate[]): Promise<AttemptsOutcome> {
    for (let round = 0; ; round++) {
      const outcome = await this.#round(candidates);
      if (outcome !== undefined) return outcome;
      if (!(await this.#waits.forOne(this.#soonest(), round))) throw this.#giveUp();
      this.#failed.forgetLimits();
      this.#resting.length = 0;
    }
  }

  /** Whose limit is over first. */
  #soonest(): { key: string; until: number } | undefined {
    let first: { key: string; until: number } | undefined;
    for (const { candidate, withheld } of this.#plan) {
      const { account, model } = candidate;
      const held = this.#deps.health.heldFor(account.id, model);
      const limited = held !== undefined && LIMITS.has(held.because) ? held.until : undefined;
      const until = withheld === undefined ? limited : withheld.why === "budget" ? withheld.until : undefined;
      if (until === undefined || this.#failed.tooLongFor(candidate) || until >= (first?.until ?? Infinity))
        continue;
      first = { key: held?.model === undefined ? account.id : `${account.id} ${model}`, until };
    }
    return first;
  }

  /** Once through all that are ready. @returns `undefined` where none of them could answer */
  async #round(candidates: readonly Candidate[]): Promise<AttemptsOutcome | undefined> {
    const { scheduler, facts, size } = this.#deps;
    const { plan, tooSmall } = guardWindows(scheduler.plan(candidates, facts), this.#windowOf, size);
    this.#plan = plan;
    this.#resting.push(...tooSmall);
    const full: Planned[] = [];
    const last: Planned[] = [];
    for (const planned of laterToo(this.#plan, last)) {
      if (!last.includes(planned) && this.#failed.serverIsDown(planned.candidate)) {
        last.push(planned);
        continue;
      }
      if (this.#failed.tooLongFor(planned.candidate)) continue;
      const entered = this.#enter(planned, full);
      const place = entered instanceof Promise ? await entered : entered;
      const outcome = place === undefined ? undefined : await this.#use(planned, place);
      if (outcome !== undefined) return outcome;
    }
    // Everyone else is out: whoever is busy will have room sooner or later.
    while (full.length > 0) {
      const soon = this.#deps.patience === undefined ? undefined : this.#soonest()?.until;
      const limit = soon === undefined ? Infinity : Math.max(0, soon - this.#deps.clock.now());
      const place = await this.#waits.forSlot(full, Math.min(this.#waits.left, limit));
      if (place === undefined) break;
      const index = full.findIndex(({ candidate }) => candidate.account.id === place.account);
      const planned = full.splice(index, 1)[0];
      if (
        planned === undefined ||
        this.#failed.tooLongFor(planned.candidate) ||
        !this.#ready(planned.candidate)
      ) {
        place.release();
        continue;
      }
      const outcome = await this.#use(planned, place);
      if (outcome !== undefined) return outcome;
    }
    for (const { candidate } of full) {
      const many = candidate.account.maxInFlight ?? 0;
      this.#resting.push({ candidate, reason: `${many} of its requests are in flight, which is its limit` });
    }
    return undefined;
  }

  /** A slot at an account that is ready. A conversation's own account is worth a wait. */
  #enter(
    planned: Planned,
    full: Planned[],
  ): ConcurrencySlot | undefined | Promise<ConcurrencySlot | undefined> {
    const { candidate, withheld, worthWaitingMs } = planned;
    const { clock, scheduler } = this.#deps;
    if (withheld !== undefined) {
      this.#resting.push({ candidate, ...withheld });
      return undefined;
    }
    const until = clock.now() + Math.min(worthWaitingMs - this.#waits.waited, this.#waits.left);
    const place = scheduler.begin(candidate.account);
    // Mostly there is nothing to wait for.
    return place === undefined || this.#waits.mayWait(planned)
      ? this.#waitFor(planned, place, until, full)
      : this.#ifReady(candidate, place);
  }

  /** @param begun its slot, where it has one */
  async #waitFor(
    planned: Planned,
    begun: ConcurrencySlot | undefined,
    until: number,
    full: Planned[],
  ): Promise<ConcurrencySlot | undefined> {
    const { clock } = this.#deps;
    let place = begun;
    if (place === undefined && clock.now() < until) {
      place = await this.#waits.forSlot([planned], until - clock.now());
    }
    if (place === undefined) {
      full.push(planned);
      return undefined;
    }
    try {
      if (this.#waits.mayWait(planned)) await this.#waits.forOwn(planned, until);
    } catch (thrown) {
      place.release();
      throw thrown;
    }
    return this.#ifReady(planned.candidate, place);
  }

  #ifReady(candidate: Candidate, place: ConcurrencySlot): ConcurrencySlot | undefined {
    let ready = false;
    try {
      ready = this.#ready(candidate);
    } finally {
      if (!ready) place.release();
    }
    return ready ? place : undefined;
  }

  #ready(candidate: Candidate): boolean {
    const available = this.#deps.health.available(candidate.account.id, candidate.model);
    if (available !== true) this.#resting.push({ candidate, ...available });
    return available === true;
  }

  /** Tries one candidate, and gives the place back. `undefined`: the next one's turn. */
  async #use(planned: Planned, place: ConcurrencySlot): Promise<AttemptsOutcome | undefined> {
    const { budget } = this.#deps;
    try {
      // Others may have taken what was left when the plan was made.
      const claimed = budget?.claim(planned.candidate);
      const withheld = claimed instanceof Promise ? await claimed : claimed;
      if (withheld !== undefined) {
        this.#resting.push({ candidate: planned.candidate, ...withheld });
        return undefined;
      }
      const outcome = await this.#try(planned);
      if (outcome === undefined) budget?.release();
      return outcome;
    } finally {
      place.release();
    }
  }

  async #try({ candidate: planned, worthWaitingMs, own }: Planned): Promise<AttemptsOutcome | undefined> {
    const { health, scheduler, clock, upstream, askOnce } = this.#deps;
    const { account, model } = planned;
    let candidate = planned;
    let adapted = false;
    let fresh = false;
    let stripped = false;
    let patience = worthWaitingMs - this.#waits.waited;
    for (let tries = 0; ; ) {
      if (this.#left <= 0) throw this.#giveUp(BECAUSE.attempts(upstream.maxAttempts));
      this.#left--;
      const startedAt = clock.now();
      const onContent = () => health.answers(account.id, model, startedAt);
      const result = await this.#tries.once(candidate, { fresh, stripped, onContent }, this.#waits.untold());
      if (result.kind === "keyless") {
        // Nobody was asked, so nobody is to blame and no try was used up.
        this.#left++;
        this.#resting.push({ candidate, reason: result.reason });
        return undefined;
      }
      if (result.kind === "done") {
        if (result.broken === undefined) {
          health.report(account.id, model, "ok", startedAt);
          const left = scheduler.movedFrom(candidate, this.#deps.facts);
          if (left !== undefined) this.#deps.onMove?.(candidate, left);
          scheduler.served(candidate, this.#deps.facts);
        }
        return { candidate, done: result, ...(own === undefined ? {} : { sticky: own }) };
      }
      const { cause, failure } = result;
      // A socket that died while idle says nothing about the account: once more, on a new one.
      if (cause.kind === "network" && !fresh && diedWhileReused(cause.error) && !this.#reply.committed) {
        fresh = true;
        continue;
      }
      // What the model does not take says nothing of the account either.
      const instead = adapted || this.#reply.committed ? undefined : this.#deps.adapt?.(candidate, cause);
      if (instead !== undefined) {
        adapted = true;
        candidate = instead;
        this.#left++;
        continue;
      }
      const undo = health.report(account.id, model, failure);
      const heldUntil = LIMITS.has(failure.class) ? health.heldFor(account.id, model)?.until : undefined;
      this.#failed.add({ candidate, cause, failure, heldUntil, undo });
      const refused = this.#failed.blameRequest();
      if (refused !== undefined) throw finalAnswer([refused], [], clock.now());
      if (failure.next === "client") throw this.#giveUp();
      if (this.#reply.committed) throw this.#giveUp(BECAUSE.begun);
      if (this.#waits.left < 0) throw this.#giveUp(BECAUSE.late);
      if (cause.kind === "network" && wasReset(cause.error) && !upstream.retryAfterReset) {
        throw this.#giveUp(BECAUSE.reset);
      }
      if (tries === 0 && IMMEDIATE.has(failure.class) && askOnce !== true) this.#left++;
      if (failure.class === "foreign-state" && !stripped && this.#deps.canStrip?.(candidate) === true) {
        stripped = true;
        continue;
      }
      tries++;
      const pause = this.#pauseBefore(candidate, failure, tries, patience);
      if (pause === undefined) return undefined;
      patience -= pause;
      const resumeAt = clock.now() + pause;
      await (failure.class === "rate-limit" ? this.#waits.forAccount(pause) : this.#waits.pause(pause));
      if (this.#reply.committed) throw this.#giveUp(BECAUSE.begun);
      // Others may have found out meanwhile what this request need not.
      const held = health.heldFor(account.id, model);
      if (held !== undefined && held.until > resumeAt) return undefined;
    }
  }

  /** Milliseconds until the same candidate is tried again; `undefined`: it is not. */
  #pauseBefore(candidate: Candidate, failure: Failure, tries: number, patience: number): number | undefined {
    const { clock, health, random } = this.#deps;
    if (this.#left <= 0 || this.#deps.askOnce === true) return undefined;
    if (failure.class === "rate-limit" && patience > 0) {
      // Moving a conversation costs more than a short wait.
      const held = health.heldFor(candidate.account.id, candidate.model);
      const wait = (held?.until ?? clock.now()) - clock.now() + this.#waits.spread();
      return wait <= Math.min(patience, this.#waits.left) ? wait : undefined;
    }
    if (failure.class !== "provider" && failure.class !== "overloaded") return undefined;
    if (failure.next !== "retry-account") return undefined;
    const alone = this.#plan.every(
      (other) =>
        other.candidate === candidate ||
        other.withheld !== undefined ||
        this.#failed.includes(other.candidate),
    );
    if (tries >= (alone ? TRIES_PER_CANDIDATE : 2)) return undefined;
    const own = Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** (tries - 1)) * (0.5 + random() / 2);
    return failure.retryAfterMs === undefined ? own : Math.min(failure.retryAfterMs, BACKOFF_MAX_MS);
  }

  readonly #windowOf = (candidate: Candidate): number | undefined => this.#deps.contextWindow?.(candidate);

  /** @param because why the rest are not asked; absent: nobody is left, or the request is at fault */
  #giveUp(because?: string): Error {
    const { health, clock } = this.#deps;
    const failed = this.#failed.all;
    const met = [...failed, ...this.#resting];
    const rest =
      because === undefined
        ? []
        : this.#plan.filter((one) => isReady(one, health) && !this.#failed.tooLongFor(one.candidate));
    return finalAnswer(failed, this.#resting, clock.now(), {
      ...(because === undefined ? {} : { notAsked: notAsked(rest, met, because) }),
      turn: this.#waits.missedTurn,
    });
  }
}
