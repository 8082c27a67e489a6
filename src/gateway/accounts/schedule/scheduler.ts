/**
 * Which account gets a request. Routing says which accounts could; the scheduler orders those that
 * it holds for equal, keeps conversations where their prompt cache is, and leaves out whom a budget
 * or the protection of its quota holds back. Pure but for the memory of load and conversations.
 */

import type { Protocol } from "../../../control/protocol.ts";
import { setLatest } from "../../common/latest.ts";
import type { Clock } from "../../common/ports.ts";
import { traitsOf } from "../../models/traitsOf.ts";
import type { Account } from "../../providers/account.ts";
import type { Candidate } from "../../routing/candidate.ts";
import type { Strategy } from "../../settings/strategy.ts";
import { type ConcurrencySlot, Load } from "./load.ts";
import { StickySessions } from "./sticky.ts";
import { COMPARE, type Standing } from "./strategies.ts";

export interface SchedulingSettings {
  readonly strategy: Strategy;
  /** Milliseconds that a conversation waits for its own account rather than move. */
  readonly stickyWaitMs: number;
  /** Id of the account that `pinned` uses. */
  readonly pinned?: string | undefined;
  /** Percent of its quota below which an account is kept for those who ask for it; 0: never. */
  readonly protectBelowPercent: number;
}

/** What is known of an account's quota for a model: shares of 0 to 1. */
export interface QuotaView {
  remaining(account: string, model: string): number | undefined;
  /** Milliseconds since 1970. */
  nextReset(account: string, model: string): number | undefined;
  /** Milliseconds since 1970 until which nothing is left. */
  spentUntil(account: string, model: string): number | undefined;
}

/** Why an account may not be used though it works, and until when. */
export interface Withheld {
  readonly why: "budget" | "protected" | "pinned";
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly until?: number;
}

export interface CallFacts {
  readonly protocol: Protocol;
  /** The model as the client named it. */
  readonly model: string;
  /** The conversation; `undefined`: nothing tells. */
  readonly session?: string | undefined;
  /** The client named the account itself, by a header. */
  readonly forced?: boolean;
}

export interface Planned {
  readonly candidate: Candidate;
  /** The conversation's own account, or the one that alone can read what the request brings. */
  readonly own?: true;
  /** The conversation's own account: milliseconds that are worth waiting for it. */
  readonly worthWaitingMs: number;
  /** Milliseconds since 1970 until which its provider says that nothing is left. */
  readonly spentUntil?: number;
  /** Left out, unless the client asks for the account. */
  readonly withheld?: Withheld;
}

export interface SchedulerPorts {
  readonly clock: Clock;
  readonly settings: () => SchedulingSettings;
  readonly quotas: QuotaView;
  /** The user's own limits. */
  readonly budget: (account: string) => Withheld | undefined;
}

interface Ordered {
  readonly candidate: Candidate;
  readonly spentUntil: number | undefined;
}

/** Accounts whose last use is remembered. */
const MAX_USED = 5000;

export class Scheduler {
  readonly sticky: StickySessions;
  readonly load: Load;
  readonly #ports: SchedulerPorts;
  readonly #used = new Map<string, number>();
  #turn = 0;

  constructor(ports: SchedulerPorts) {
    this.#ports = ports;
    this.load = new Load(ports.clock);
    this.sticky = new StickySessions(ports.clock);
  }

  /** The candidates in the order to try them. Targets keep theirs, and so do priorities within one. */
  plan(candidates: readonly Candidate[], facts: CallFacts): Planned[] {
    const settings = this.#ports.settings();
    const only = pinnedAmong(candidates, settings);
    const planned: Planned[] = [];
    for (const group of groupsOf(candidates, facts.protocol)) {
      for (const { candidate, spentUntil } of this.#ordered(group, settings.strategy)) {
        const withheld = this.#withheld(candidate, settings, facts, only);
        planned.push({
          candidate,
          worthWaitingMs: 0,
          ...(spentUntil === undefined ? {} : { spentUntil }),
          ...(withheld === undefined ? {} : { withheld }),
        });
      }
    }
    return this.#ownFirst(planned, settings, facts);
  }

  /** A place at an account, or `undefined` when it is full. */
  begin(account: Account): ConcurrencySlot | undefined {
    const place = this.load.take(account.id, account.maxInFlight);
    if (place !== undefined) this.#touch(account.id);
    return place;
  }

  /** Waits for a place at any of `accounts`. @param milliseconds at most */
  async wait(
    accounts: readonly Account[],
    milliseconds: number,
    signal: AbortSignal,
  ): Promise<ConcurrencySlot | undefined> {
    const limits = new Map(accounts.map(({ id, maxInFlight }) => [id, maxInFlight]));
    const place = await this.load.wait(limits, milliseconds, signal);
    if (place !== undefined) this.#touch(place.account);
    return place;
  }

  /** The account answered: the conversation is its own from now on. */
  served(candidate: Candidate, facts: CallFacts): void {
    const { account, model, protocol } = candidate;
    if (facts.session === undefined || account.provider.id === "sandbox") return;
    const kept = isThinkingBoundToAccount(candidate)
      ? ({ protocol, holdsThinking: true } as const)
      : { protocol };
    this.sticky.set(facts.session, model, account.id, kept);
  }

  standing({ account, model }: Pick<Candidate, "account" | "model">): Standing {
    const { quotas } = this.#ports;
    return {
      inFlight: this.load.inFlight(account.id),
      maxInFlight: account.maxInFlight,
      remaining: quotas.remaining(account.id, model),
      resetAt: quotas.nextReset(account.id, model),
      lastUsed: this.#used.get(account.id) ?? 0,
    };
  }

  /** Whoever has nothing left comes last: asking would only be refused. */
  #ordered(group: readonly Candidate[], strategy: Strategy): readonly Ordered[] {
    const compare = COMPARE[strategy];
    const found = group.map((candidate): Ordered => {
      const { id } = candidate.account;
      return { candidate, spentUntil: this.#ports.quotas.spentUntil(id, candidate.model) };
    });
    if (group.length < 2) return found;
    return found
      .map((each) => ({ each, standing: this.standing(each.candidate) }))
      .toSorted(
        (a, b) => (a.each.spentUntil ?? 0) - (b.each.spentUntil ?? 0) || compare(a.standing, b.standing),
      )
      .map(({ each }) => each);
  }

  /** The account that a conversation is moved away from by being served by this one. */
  movedFrom({ account, model }: Candidate, { session }: CallFacts): string | undefined {
    const before = session === undefined ? undefined : this.sticky.get(session, model);
    return before === account.id ? undefined : before;
  }

  /**
   * Within its target, a conversation's own account goes before all others, whatever their priority,
   * and so does the one that alone can read what the request brings. Where a model's thinking is bound to the account
   * that made it, whatever the strategy: elsewhere it is dropped without a word.
   */
  #ownFirst(
    planned: Planned[],
    { strategy, stickyWaitMs }: SchedulingSettings,
    { session }: CallFacts,
  ): Planned[] {
    const known = session !== undefined && this.sticky.size > 0;
    const keeps = (candidate: Candidate) => strategy === "cache-first" || isThinkingBoundToAccount(candidate);
    const sticky = known && planned.some(({ candidate }) => keeps(candidate));
    const bound = planned.some(({ candidate }) => candidate.bound === true);
    if (!sticky && !bound) return planned;
    const soon = this.#ports.clock.now() + stickyWaitMs;
    const own = ({ candidate, withheld, spentUntil = 0 }: Planned): boolean =>
      withheld === undefined &&
      (bound || spentUntil <= soon) &&
      (bound
        ? candidate.bound === true
        : session !== undefined &&
          keeps(candidate) &&
          this.sticky.get(session, candidate.model) === candidate.account.id);
    const out: Planned[] = [];
    for (const target of runsOf(planned, (a, b) => a.candidate.target === b.candidate.target)) {
      const first = target.find(own);
      if (first !== undefined) out.push({ ...first, own: true, worthWaitingMs: stickyWaitMs });
      for (const each of target) if (each !== first) out.push(each);
    }
    return out;
  }

  #withheld(
    { account, model, bound }: Candidate,
    settings: SchedulingSettings,
    facts: CallFacts,
    only: string | undefined,
  ): Withheld | undefined {
    const stopped = this.#ports.budget(account.id);
    if (stopped !== undefined) return stopped;
    const asked = facts.forced === true || facts.model === `${account.id}/${model}`;
    if (asked || bound === true) return undefined;
    if (only !== undefined) {
      return account.id === only
        ? undefined
        : { why: "pinned", reason: `all requests are pinned to the account "${only}"` };
    }
    const percent = account.protectBelowPercent ?? settings.protectBelowPercent;
    const remaining = percent === 0 ? undefined : this.#ports.quotas.remaining(account.id, model);
    if (remaining === undefined || remaining * 100 >= percent) return undefined;
    const until = this.#ports.quotas.nextReset(account.id, model);
    return {
      why: "protected",
      reason: `less than ${percent} % of its quota is left, which is kept for requests that name the account`,
      ...(until === undefined ? {} : { until }),
    };
  }

  #touch(account: string): void {
    setLatest(this.#used, account, ++this.#turn, MAX_USED);
  }
}

/** The pinned account, where it serves the model at all; a request that it cannot serve goes elsewhere. */
function pinnedAmong(
  candidates: readonly Candidate[],
  { strategy, pinned }: SchedulingSettings,
): string | undefined {
  if (strategy !== "pinned" || pinned === undefined) return undefined;
  return candidates.some(({ account }) => account.id === pinned) ? pinned : undefined;
}

/** Runs of candidates between which routing sees no difference. */
const groupsOf = (candidates: readonly Candidate[], protocol: Protocol): Candidate[][] =>
  runsOf(
    candidates,
    (a, b) =>
      a.target === b.target &&
      a.account.priority === b.account.priority &&
      (a.unsure ?? false) === (b.unsure ?? false) &&
      (a.protocol === protocol) === (b.protocol === protocol),
  );

/** @param alike of neighbours */
function runsOf<T>(list: readonly T[], alike: (a: T, b: T) => boolean): T[][] {
  const runs: T[][] = [];
  for (const [at, each] of list.entries()) {
    if (at > 0 && alike(list[at - 1] as T, each)) runs.at(-1)?.push(each);
    else runs.push([each]);
  }
  return runs;
}

/** Can only the account that made a model's thinking read it? */
export const isThinkingBoundToAccount = ({ account, model }: Candidate): boolean =>
  traitsOf(model, account.provider.id).thinkingBoundTo === "account";
