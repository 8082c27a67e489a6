/**
 * The attempt loop: tries candidates in the scheduler's order until one gives a reply, and gives up
 * only when none can, the budget is spent, or a byte has gone out to the client.
 */

import { SECRETS_UNAVAILABLE } from "../accounts/credentials/monitoredSecrets.ts";
import { type Failure, type FailureClass, IMMEDIATE } from "../accounts/failures.ts";
import type { AccountHealth } from "../accounts/health.ts";
import type { Place } from "../accounts/schedule/load.ts";
import type { CallFacts, Planned, Scheduler } from "../accounts/schedule/scheduler.ts";
import type { WaitingLine } from "../accounts/schedule/waitingLine.ts";
import type { ClientReply } from "../http/clientReply.ts";
import { cutOf } from "../http/cut.ts";
import { theirWords } from "../log.ts";
import type { Clock, Log, Random } from "../ports.ts";
import type { AttemptRecord } from "../records/record.ts";
import type { Candidate } from "../routing/target.ts";
import type { Settings } from "../settings.ts";
import { diedWhileReused } from "./exchange.ts";
import { finalAnswer, type Resting } from "./finalAnswer.ts";
import type { Done, LaneResult, Trouble } from "./lane.ts";
import { BECAUSE, isReady, notAsked } from "./notAsked.ts";
import { refusedRequest } from "./refusedRequest.ts";
import { sleep } from "./sleep.ts";
import { failureOf, parsed, wasReset } from "./trouble.ts";
import { guardWindows, type RequestSize } from "./windowGuard.ts";

/** Milliseconds; doubled at each further try of the same candidate, with jitter. */
const BACKOFF_MS = 500;
const BACKOFF_MAX_MS = 8_000;
/** Tries of one candidate whose provider is down for a moment. */
const TRIES_PER_CANDIDATE = 3;
/** Milliseconds before an account is asked again, at least; doubled at each further wait. */
const LEAST_WAIT_MS = 250;
/** What passes by itself, at a time that is known. */
const LIMITS: ReadonlySet<string> = new Set<FailureClass>(["rate-limit", "quota"]);
/** Failures that say nothing about the account. */
const SERVER_SIDE: ReadonlySet<FailureClass> = new Set(["provider", "overloaded", "network"]);
/** Milliseconds over which those who waited for the same moment spread. */
const SPREAD_MS = 250;

export interface AttemptDeps {
  readonly health: AccountHealth;
  readonly scheduler: Scheduler;
  /** What the scheduler goes by. */
  readonly facts: CallFacts;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly upstream: Settings["upstream"];
  /** Is there state of another account in the request, without which it can be sent? */
  readonly canStrip?: (candidate: Candidate) => boolean;
  /** Tokens that the model takes, where that is known. */
  readonly contextWindow?: (candidate: Candidate) => number | undefined;
  /** How large the request is at least. */
  readonly size?: RequestSize;
  /** How long the request waits where nobody is ready but somebody will be; absent: not at all. */
  readonly patience?: Patience;
  /** Told of every error reply. @param body parsed JSON, or text */
  readonly onRefusal?: (candidate: Candidate, body: unknown) => void;
}

export interface Patience {
  /** Milliseconds, all waits of the request taken together. */
  readonly waitMs: number;
  readonly line: WaitingLine;
  /** Milliseconds until a heartbeat may commit the reply; absent: none does. */
  readonly quietMs?: () => number;
}

export interface TryOptions {
  /** On a new connection. */
  readonly fresh: boolean;
  /** Without what only the account (or model) that made it can read. */
  readonly stripped: boolean;
  /** Told when the provider has begun to answer. */
  readonly onContent?: () => void;
}

/** One try; resolves with a result and never rejects but for our own bugs. */
export type Attempt = (candidate: Candidate, options: TryOptions) => Promise<LaneResult>;

export interface AttemptsOutcome {
  readonly candidate: Candidate;
  readonly done: Done;
  /** The conversation was on this account before. */
  readonly sticky?: true;
}

/** Its key cannot be read now. */
interface Keyless {
  readonly kind: "keyless";
  readonly reason: string;
}

/** A try that failed, and what that means. */
export interface FailedTry {
  readonly candidate: Candidate;
  readonly trouble: Trouble;
  readonly failure: Failure;
  /** Takes back what it held. */
  readonly undo?: (() => void) | undefined;
}

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

/** The client hung up, or the request was cut from our side: no provider is asked any more. */
export class ClientGone extends Error {
  override readonly name = "ClientGone";
  /** Whom it left; absent where nobody had been asked. */
  readonly candidate: Candidate | undefined;
  /** What it had by then; absent where nothing had been said. */
  readonly done: Done | undefined;

  constructor(candidate?: Candidate, result?: LaneResult) {
    super("the request was given up");
    this.candidate = candidate;
    this.done = result?.kind === "done" ? result : undefined;
  }
}

/** Has the client got all there was to say? It may hang up at the last word. */
function isServed(result: LaneResult): boolean {
  return result.kind === "done" && result.broken === undefined && result.left === undefined;
}

const isBroken = (result: LaneResult): boolean => result.kind === "done" && result.broken !== undefined;

/** All of the first list, then what has come into the second meanwhile. */
function* laterToo<T>(first: readonly T[], later: readonly T[]): Generator<T> {
  yield* first;
  yield* later;
}

class Run {
  readonly #attempt: Attempt;
  readonly #reply: Pick<ClientReply, "signal" | "committed">;
  readonly #records: AttemptRecord[];
  readonly #deps: AttemptDeps;
  readonly #began: number;
  readonly #failed: FailedTry[] = [];
  readonly #resting: Resting[] = [];
  #plan: readonly Planned[] = [];
  #left: number;
  /** Milliseconds that the request has waited for accounts, and how much of that is on record. */
  #waited = 0;
  #told = 0;

  constructor(
    attempt: Attempt,
    reply: Pick<ClientReply, "signal" | "committed">,
    records: AttemptRecord[],
    deps: AttemptDeps,
  ) {
    this.#attempt = attempt;
    this.#reply = reply;
    this.#records = records;
    this.#deps = deps;
    this.#began = deps.clock.now();
    this.#left = deps.upstream.maxAttempts;
  }

  async over(candidates: readonly Candidate[]): Promise<AttemptsOutcome> {
    for (let round = 0; ; round++) {
      const outcome = await this.#round(candidates);
      if (outcome !== undefined) return outcome;
      if (!(await this.#waitForOne(round))) throw this.#giveUp();
      this.#resting.length = 0;
    }
  }

  /** Nobody is ready: waits until somebody is. @returns false where that takes too long */
  async #waitForOne(round: number): Promise<boolean> {
    const { patience, clock } = this.#deps;
    const soonest = this.#soonest();
    if (patience === undefined || soonest === undefined || this.#reply.committed) return false;
    const left = Math.min(patience.waitMs - this.#waited, this.#timeLeft(), patience.quietMs?.() ?? Infinity);
    const now = clock.now();
    const least = now + Math.min(LEAST_WAIT_MS * 2 ** round, BACKOFF_MAX_MS);
    if (Math.max(soonest.until, least) - now > left) return false;
    const leave = patience.line.join();
    if (leave === undefined) return false;
    try {
      const turn = Math.max(patience.line.turn(soonest.key, soonest.until), least);
      if (turn - now > left) return false;
      await this.#waiting(turn - now);
    } finally {
      leave();
    }
    // Its limit is over; what it said of that is news no more.
    const lasting = this.#failed.filter(({ failure }) => !LIMITS.has(failure.class));
    this.#failed.splice(0, this.#failed.length, ...lasting);
    return !this.#reply.committed;
  }

  /** Whose limit is over first. */
  #soonest(): { key: string; until: number } | undefined {
    let first: { key: string; until: number } | undefined;
    for (const { candidate, withheld } of this.#plan) {
      const { account, model } = candidate;
      const held = this.#deps.health.heldFor(account.id, model);
      const limited = held !== undefined && LIMITS.has(held.because) ? held.until : undefined;
      const until = withheld === undefined ? limited : withheld.why === "budget" ? withheld.until : undefined;
      if (until === undefined || this.#tooSmall(candidate) || until >= (first?.until ?? Infinity)) continue;
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
      if (!last.includes(planned) && this.#isDown(planned.candidate)) {
        last.push(planned);
        continue;
      }
      if (this.#tooSmall(planned.candidate)) continue;
      const place = await this.#enter(planned, full);
      const outcome = place === undefined ? undefined : await this.#use(planned, place);
      if (outcome !== undefined) return outcome;
    }
    // Everyone else is out: whoever is busy will have room sooner or later.
    while (full.length > 0) {
      const soon = this.#deps.patience === undefined ? undefined : this.#soonest()?.until;
      const limit = soon === undefined ? Infinity : Math.max(0, soon - this.#deps.clock.now());
      const place = await this.#wait(full, Math.min(this.#timeLeft(), limit));
      if (place === undefined) break;
      const index = full.findIndex(({ candidate }) => candidate.account.id === place.account);
      const planned = full.splice(index, 1)[0];
      if (planned === undefined || this.#tooSmall(planned.candidate) || !this.#ready(planned.candidate)) {
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

  /** A place at an account that is ready. A conversation's own account is worth a wait. */
  async #enter(planned: Planned, full: Planned[]): Promise<Place | undefined> {
    const { candidate, withheld } = planned;
    const { clock, scheduler, health } = this.#deps;
    if (withheld !== undefined) {
      this.#resting.push({ candidate, ...withheld });
      return undefined;
    }
    const until = clock.now() + Math.min(planned.worthWaitingMs - this.#waited, this.#timeLeft());
    let place = scheduler.begin(candidate.account);
    if (place === undefined && clock.now() < until) {
      place = await this.#wait([planned], until - clock.now());
    }
    if (place === undefined) {
      full.push(planned);
      return undefined;
    }
    let ready = false;
    try {
      const { spentUntil = 0 } = planned;
      if (spentUntil > clock.now() && spentUntil <= until) {
        await this.#waiting(spentUntil - clock.now() + this.#deps.random() * SPREAD_MS);
      }
      for (;;) {
        const held = health.heldFor(candidate.account.id, candidate.model);
        if (held === undefined || held.because !== "rate-limit" || held.until > until) break;
        await this.#waiting(held.until - clock.now() + this.#deps.random() * SPREAD_MS);
      }
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

  async #wait(planned: readonly Planned[], milliseconds: number): Promise<Place | undefined> {
    const { signal } = this.#reply;
    const accounts = planned.map(({ candidate }) => candidate.account);
    const place = await this.#deps.scheduler.wait(accounts, milliseconds, signal);
    if (!signal.aborted) return place;
    place?.release();
    throw new ClientGone();
  }

  /** Tries one candidate, and gives the place back. `undefined`: the next one's turn. */
  async #use(planned: Planned, place: Place): Promise<AttemptsOutcome | undefined> {
    try {
      return await this.#tries(planned);
    } finally {
      place.release();
    }
  }

  async #tries({ candidate, worthWaitingMs, own }: Planned): Promise<AttemptsOutcome | undefined> {
    const { health, scheduler, clock, upstream } = this.#deps;
    const { account, model } = candidate;
    let fresh = false;
    let stripped = false;
    let patience = worthWaitingMs - this.#waited;
    for (let tries = 0; ; ) {
      if (this.#left <= 0) throw this.#giveUp(BECAUSE.attempts(upstream.maxAttempts));
      this.#left--;
      const startedAt = clock.now();
      const onContent = () => health.answers(account.id, model, startedAt);
      const result = await this.#once(candidate, { fresh, stripped, onContent });
      if (result.kind === "keyless") {
        // Nobody was asked, so nobody is to blame and no try was used up.
        this.#left++;
        this.#resting.push({ candidate, reason: result.reason });
        return undefined;
      }
      if (result.kind === "done") {
        if (result.broken === undefined) {
          health.report(account.id, model, "ok", startedAt);
          scheduler.served(candidate, this.#deps.facts);
        }
        return { candidate, done: result, ...(own === undefined ? {} : { sticky: own }) };
      }
      const { trouble, failure } = result;
      // A socket that died while idle says nothing about the account: once more, on a new one.
      if (trouble.kind === "network" && !fresh && diedWhileReused(trouble.error) && !this.#reply.committed) {
        fresh = true;
        continue;
      }
      const undo = health.report(account.id, model, failure);
      this.#failed.push({ candidate, trouble, failure, undo });
      const refused = refusedRequest(this.#failed);
      if (refused !== undefined) throw finalAnswer([refused], [], clock.now());
      if (failure.next === "client") throw this.#giveUp();
      if (this.#reply.committed) throw this.#giveUp(BECAUSE.begun);
      if (this.#timeLeft() < 0) throw this.#giveUp(BECAUSE.late);
      if (trouble.kind === "network" && wasReset(trouble.error) && !upstream.retryAfterReset) {
        throw this.#giveUp(
          "because the provider may have run the request (setting upstream.retryAfterReset)",
        );
      }
      if (tries === 0 && IMMEDIATE.has(failure.class)) this.#left++;
      if (failure.class === "foreign-state" && !stripped && this.#deps.canStrip?.(candidate) === true) {
        stripped = true;
        continue;
      }
      tries++;
      const pause = this.#pauseBefore(candidate, failure, tries, patience);
      if (pause === undefined) return undefined;
      patience -= pause;
      const resumeAt = clock.now() + pause;
      await (failure.class === "rate-limit" ? this.#waiting(pause) : this.#pause(pause));
      if (this.#reply.committed) throw this.#giveUp(BECAUSE.begun);
      // Others may have found out meanwhile what this request need not.
      const held = health.heldFor(account.id, model);
      if (held !== undefined && held.until > resumeAt) return undefined;
    }
  }

  /** One try, on record. */
  async #once(
    candidate: Candidate,
    options: TryOptions,
  ): Promise<Done | Keyless | (Extract<LaneResult, { kind: "trouble" }> & { failure: Failure })> {
    const { clock, log } = this.#deps;
    const startedAt = clock.now();
    const result = await this.#attempt(candidate, options);
    const record = {
      account: candidate.account.id,
      model: candidate.model,
      protocol: candidate.protocol,
      at: startedAt - this.#began,
      took: clock.now() - startedAt,
      ...(this.#waited > this.#told ? { waited: this.#waited - this.#told } : {}),
    };
    this.#told = this.#waited;
    const { signal } = this.#reply;
    const cut = cutOf(signal) !== undefined;
    if (signal.aborted && !isServed(result) && !(cut && isBroken(result))) {
      this.#records.push({ ...record, outcome: cut ? "cut" : "client-gone" });
      throw new ClientGone(candidate, result);
    }
    if (result.kind === "done") {
      const { status, broken, brokenBy } = result;
      const outcome = broken === undefined ? "ok" : cut ? "cut" : "broken";
      const message = broken === undefined ? {} : { message: broken.message };
      this.#records.push({ ...record, status, outcome, ...message });
      // The client cannot be helped any more; those that come after it can.
      if (brokenBy !== undefined) {
        this.#deps.health.report(record.account, record.model, this.#meaning(brokenBy, candidate));
      }
      return result;
    }
    const { trouble } = result;
    if (trouble.kind === "chat" && trouble.error.code === SECRETS_UNAVAILABLE) {
      return { kind: "keyless", reason: trouble.error.message };
    }
    const failure = this.#meaning(trouble, candidate);
    this.#records.push({
      ...record,
      ...(trouble.kind === "reply" ? { status: trouble.status } : {}),
      outcome: failure.class,
      message: failure.message,
    });
    log.warn(`attempt failed: ${failure.class}: ${theirWords(failure.message)}`, {
      account: candidate.account.id,
      model: candidate.model,
    });
    return { ...result, failure };
  }

  #meaning(trouble: Trouble, candidate: Candidate): Failure {
    if (trouble.kind === "reply") this.#deps.onRefusal?.(candidate, parsed(trouble.body));
    return failureOf(trouble, candidate, this.#deps.clock.now());
  }

  /** Milliseconds until the same candidate is tried again; `undefined`: it is not. */
  #pauseBefore(candidate: Candidate, failure: Failure, tries: number, patience: number): number | undefined {
    const { clock, health, random } = this.#deps;
    if (this.#left <= 0) return undefined;
    if (failure.class === "rate-limit" && patience > 0) {
      // Moving a conversation costs more than a short wait.
      const held = health.heldFor(candidate.account.id, candidate.model);
      const wait = (held?.until ?? clock.now()) - clock.now() + random() * SPREAD_MS;
      return wait <= Math.min(patience, this.#timeLeft()) ? wait : undefined;
    }
    if (failure.class !== "provider" && failure.class !== "overloaded") return undefined;
    if (failure.next !== "retry-account") return undefined;
    const alone = this.#plan.every(
      (other) =>
        other.candidate === candidate ||
        other.withheld !== undefined ||
        this.#failed.some((one) => one.candidate === other.candidate),
    );
    if (tries >= (alone ? TRIES_PER_CANDIDATE : 2)) return undefined;
    const own = Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** (tries - 1)) * (0.5 + random() / 2);
    return failure.retryAfterMs === undefined ? own : Math.min(failure.retryAfterMs, BACKOFF_MAX_MS);
  }

  /** A wait for an account, which counts. */
  async #waiting(milliseconds: number): Promise<void> {
    const from = this.#deps.clock.now();
    await this.#pause(milliseconds);
    this.#waited += this.#deps.clock.now() - from;
  }

  async #pause(milliseconds: number): Promise<void> {
    await sleep(milliseconds, this.#deps.clock, this.#reply.signal);
    if (this.#reply.signal.aborted) throw new ClientGone();
  }

  /** A server that has failed this request twice fails its other accounts too: they come last. */
  #isDown({ account, protocol }: Candidate): boolean {
    const base = account.endpoints.get(protocol)?.base;
    const failures = this.#failed.filter(
      ({ candidate, failure }) =>
        SERVER_SIDE.has(failure.class) && candidate.account.endpoints.get(candidate.protocol)?.base === base,
    );
    return failures.length >= 2;
  }

  /** Was the request too long for a window at least as large? Alternatives of a target are one model. */
  #tooSmall(candidate: Candidate): boolean {
    return this.#failed.some(({ candidate: other, failure }) => {
      if (failure.class !== "too-long") return false;
      const [tried, own] = [this.#windowOf(other), this.#windowOf(candidate)];
      if (tried === undefined || own === undefined) return other.target === candidate.target;
      return own <= tried;
    });
  }

  readonly #windowOf = (candidate: Candidate): number | undefined => this.#deps.contextWindow?.(candidate);

  /** Milliseconds in which further tries may start. */
  #timeLeft(): number {
    return this.#began + this.#deps.upstream.retryDeadlineMs - this.#deps.clock.now();
  }

  /** @param because why the rest are not asked; absent: nobody is left, or the request is at fault */
  #giveUp(because?: string): Error {
    const now = this.#deps.clock.now();
    if (because === undefined) return finalAnswer(this.#failed, this.#resting, now);
    const { health } = this.#deps;
    const rest = this.#plan.filter((one) => isReady(one, health) && !this.#tooSmall(one.candidate));
    const met = [...this.#failed, ...this.#resting];
    return finalAnswer(this.#failed, this.#resting, now, notAsked(rest, met, because));
  }
}
