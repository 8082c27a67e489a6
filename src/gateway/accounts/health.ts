/**
 * How accounts fare: what each, and each with one model, is held back for and until when. Kept in
 * memory, bounded, as plain data that can be written down and taken up again.
 */
import * as z from "zod";
import { ACCOUNT_CONDITIONS, type AccountCondition } from "../../control/accounts.ts";
import { ClockSteps, isFromTheFuture } from "../common/clockSteps.ts";
import { compact } from "../common/json.ts";
import { setLatest } from "../common/latest.ts";
import type { Clock, Random } from "../common/ports.ts";
import { type Failure, type FailureClass, MAX_STATED_MS, MAX_WAIT_MS } from "./failures.ts";
import { validEntries } from "./snapshot.ts";

const heldSchema = z.object({
  account: z.string(),
  /** `undefined`: the whole account. */
  model: z.string().optional(),
  condition: z.enum(ACCOUNT_CONDITIONS),
  /** The class of the failure it comes from. */
  because: z.string(),
  /** For a person, mostly in the provider's words. */
  reason: z.string(),
  /** Milliseconds since 1970. */
  since: z.number(),
  /** Milliseconds since 1970 of the latest failure. */
  at: z.number().optional(),
  /** Milliseconds since 1970 at which one more request is let through. */
  until: z.number(),
  /** Milliseconds since 1970 at which the provider said that the limit ends; not capped. */
  resetAt: z.number().optional(),
  /** Failures in a row. */
  failures: z.number().int().min(1),
});
export type Held = Readonly<z.output<typeof heldSchema>>;

/** `until` is left out where time alone mends nothing. */
export type Availability =
  | true
  | {
      readonly until?: number;
      /** Milliseconds since 1970 at which the limit ends, as its provider said: later than `until`, it may be. */
      readonly resetAt?: number;
      readonly reason: string;
      /** The class of the failure it comes from. */
      readonly because: string;
    };

/** What was found out here, for others who use the same account. */
export type HealthChange =
  | { readonly kind: "held"; readonly held: Held }
  /** It was none: the request was at fault. */
  | { readonly kind: "undone"; readonly held: Held }
  /** @param before milliseconds since 1970: what was found out later stays */
  | {
      readonly kind: "cleared";
      readonly account: string;
      readonly model: string | undefined;
      readonly before: number;
    };

/** Accounts and models that are remembered; the longest untouched are forgotten first. */
export const MAX_HELD = 10_000;

interface Holding {
  readonly condition: AccountCondition;
  /** Milliseconds at the first failure; doubled at each further one, up to `most`. */
  readonly first: number;
  readonly most: number;
  /** Failures in a row before anything is held back. */
  readonly patience?: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const HOLDING: Readonly<Partial<Record<FailureClass, Holding>>> = {
  credential: { condition: "needs-attention", first: 30 * SECOND, most: HOUR },
  billing: { condition: "needs-attention", first: 5 * MINUTE, most: 6 * HOUR },
  permission: { condition: "needs-attention", first: 5 * MINUTE, most: 6 * HOUR },
  model: { condition: "cooling", first: HOUR, most: HOUR },
  "rate-limit": { condition: "cooling", first: 2 * SECOND, most: MINUTE },
  quota: { condition: "exhausted", first: HOUR, most: MAX_WAIT_MS.quota },
  // A server that is off costs every request the time to find out; a hiccup must not cost one.
  network: { condition: "cooling", first: 5 * SECOND, most: MINUTE, patience: 3 },
};

/** Milliseconds over which those spread who wait for the same moment: at most, and never more than a tenth of it. */
const SPREAD_MS = 5 * SECOND;

/** Milliseconds from its latest failure for which something of this class is held back at most. */
export function longestHold(because: string): number {
  const most = HOLDING[because as FailureClass]?.most ?? MAX_WAIT_MS.quota;
  const stated: Readonly<Record<string, number | undefined>> = MAX_WAIT_MS;
  return Math.max(most, stated[because] ?? 0) + SPREAD_MS;
}

export class AccountHealth {
  /** Told of what requests find out here. */
  onChange: ((change: HealthChange) => void) | undefined;
  readonly #clock: Pick<Clock, "now" | "monotonic">;
  readonly #steps: ClockSteps;
  readonly #random: Random;
  readonly #held = new Map<string, Held>();

  constructor(ports: { clock: Pick<Clock, "now" | "monotonic">; random: Random }) {
    this.#clock = ports.clock;
    this.#steps = new ClockSteps(ports.clock);
    this.#random = ports.random;
  }

  /**
   * What came of a request. A success clears the account and its model, not its other models; and
   * not what was found out after the request began, which its success says nothing about.
   * @param startedAt milliseconds since 1970
   * @returns takes it back, where something was held back and nothing was found out since
   */
  report(
    account: string,
    model: string,
    outcome: Failure | "ok",
    startedAt: number = this.#now(),
  ): (() => void) | undefined {
    if (outcome === "ok") {
      this.#clear(account, model, startedAt, () => true);
      return undefined;
    }
    const holding = HOLDING[outcome.class];
    if (holding === undefined || outcome.scope === "none") return undefined;
    const key = outcome.scope === "account" ? keyOf(account) : keyOf(account, model);
    const now = this.#now();
    const before = this.#held.get(key);
    const again = before?.because === outcome.class && now < before.until + holding.most * 2;
    const failures = again ? Math.min(before.failures + 1, 1000) : 1;
    const held: Held = {
      account,
      ...(outcome.scope === "account" ? {} : { model }),
      condition: holding.condition,
      because: outcome.class,
      reason: outcome.message,
      since: again ? before.since : now,
      at: now,
      until: failures < (holding.patience ?? 1) ? now : now + this.#wait(holding, outcome, failures),
      ...(outcome.statedMs === undefined ? {} : { resetAt: now + outcome.statedMs }),
      failures,
    };
    this.#keep(key, held);
    this.onChange?.({ kind: "held", held });
    return () => {
      const current = this.#held.get(key);
      if (current?.because !== held.because || current.failures !== held.failures) return;
      this.onChange?.({ kind: "undone", held });
      if (before === undefined) this.#held.delete(key);
      else this.#keep(key, before);
    };
  }

  /**
   * An account has begun to answer: whatever a person was asked to mend is mended, however the reply
   * ends. Limits stay: a stream that began before one may go on.
   * @param startedAt milliseconds since 1970 at which the request began
   */
  answers(account: string, model: string, startedAt: number): void {
    this.#clear(account, model, startedAt, isMendable);
  }

  /**
   * Whether a request may go to an account. Where it needs attention and is due to be asked again,
   * the first to ask may; the others are told to wait for what comes of it.
   */
  available(account: string, model: string): Availability {
    const answer = this.peek(account, model);
    if (answer === true) {
      this.#claim(keyOf(account));
      this.#claim(keyOf(account, model));
    }
    return answer;
  }

  /** The same without claiming anything: for pages and dry runs. */
  peek(account: string, model: string): Availability {
    const held = this.heldFor(account, model);
    if (held === undefined) return true;
    const { condition, until, resetAt, reason, because } = held;
    if (condition === "needs-attention") return { reason, because };
    return compact({ until, reason, because, resetAt });
  }

  /** What holds back this model of an account now; the whole account comes first. */
  heldFor(account: string, model: string): Held | undefined {
    const now = this.#now();
    for (const key of [keyOf(account), keyOf(account, model)]) {
      const held = this.#held.get(key);
      if (held !== undefined && held.until > now) return held;
    }
    return undefined;
  }

  /** What holds an account back now, the whole of it first. */
  state(account: string): Held[] {
    const now = this.#now();
    const found = [...this.#held.values()].filter((held) => held.account === account);
    return found
      .filter((held) => held.until > now || held.condition === "needs-attention")
      .toSorted((a, b) => Number(a.model !== undefined) - Number(b.model !== undefined));
  }

  /** A new key, or a person's wish: everything about the account is forgotten. */
  forget(account: string, model?: string): void {
    for (const [key, held] of this.#held) {
      if (held.account === account && (model === undefined || held.model === model)) this.#held.delete(key);
    }
  }

  /** Forgets all other accounts. */
  retain(accounts: ReadonlySet<string>): void {
    for (const [key, held] of this.#held) if (!accounts.has(held.account)) this.#held.delete(key);
  }

  /** Plain data, as `restore` takes it. */
  snapshot(): Held[] {
    this.#now();
    return [...this.#held.values()];
  }

  /** What is no such data is passed over, and so is what a clock that was ahead has noted. */
  restore(snapshot: unknown): void {
    for (const held of this.#believed(snapshot)) this.#keep(keyOf(held.account, held.model), held);
  }

  /** What another process found out: the later finding counts. @param known the accounts there are */
  merge(found: unknown, known: ReadonlySet<string>): void {
    for (const held of this.#believed(found)) {
      if (!known.has(held.account)) continue;
      const key = keyOf(held.account, held.model);
      const before = this.#held.get(key);
      if (before === undefined || foundAt(before) < foundAt(held)) this.#keep(key, held);
    }
  }

  #believed(found: unknown): Held[] {
    const now = this.#now();
    return validEntries(found, heldSchema, MAX_HELD).flatMap((held) => believed(held, now) ?? []);
  }

  /**
   * What another gateway found out of an account that is its own as well: whichever lasts longer counts.
   * @returns as it is remembered now; `undefined`: it is not
   */
  learn(found: Held): Held | undefined {
    const now = this.#now();
    const held = believed(found, now);
    if (held === undefined || held.until <= now) return undefined;
    const key = keyOf(held.account, held.model);
    const before = this.#held.get(key);
    if (before !== undefined && before.until >= held.until) return undefined;
    this.#keep(key, held);
    return held;
  }

  /** What `learn` remembered was no failure of the account's. */
  unlearn(held: Held): void {
    const key = keyOf(held.account, held.model);
    if (this.#held.get(key) === held) this.#held.delete(key);
  }

  /** Another gateway had an answer. @param before milliseconds since 1970: what was found out later stays */
  learnCleared(account: string, model: string | undefined, before: number): void {
    this.#now();
    const key = keyOf(account, model);
    const held = this.#held.get(key);
    if (held !== undefined && isShared(held) && foundAt(held) <= before) this.#held.delete(key);
  }

  /** Of an account and its model, what was found out until `before`. */
  #clear(account: string, model: string, before: number, isOver: (held: Held) => boolean): void {
    if (this.#held.size === 0) return;
    this.#now();
    for (const key of [keyOf(account), keyOf(account, model)]) {
      const held = this.#held.get(key);
      if (held === undefined || (held.at ?? 0) > before || !isOver(held)) continue;
      this.#held.delete(key);
      this.onChange?.({ kind: "cleared", account, model: held.model, before });
    }
  }

  #wait(holding: Holding, { retryAfterMs, holdMs }: Failure, failures: number): number {
    if (holdMs !== undefined) return holdMs;
    const step = failures - (holding.patience ?? 1);
    const own = Math.min(holding.first * 2 ** Math.min(step, 30), holding.most);
    const wait = retryAfterMs ?? own;
    return Math.round(wait + this.#random() * Math.min(wait / 10, SPREAD_MS));
  }

  /** Milliseconds since 1970. Where the clock was set back, all that is held back has moved with it. */
  #now(): number {
    const back = this.#steps.back();
    if (back > 0) for (const [key, held] of this.#held) this.#held.set(key, earlier(held, back));
    return this.#clock.now();
  }

  #claim(key: string): void {
    const held = this.#held.get(key);
    const holding = held === undefined ? undefined : HOLDING[held.because as FailureClass];
    if (held?.condition !== "needs-attention" || holding === undefined) return;
    this.#keep(key, { ...held, until: this.#now() + holding.first });
  }

  #keep(key: string, held: Held): void {
    setLatest(this.#held, key, held, MAX_HELD);
  }
}

/** By a person, or by the provider's list of models. */
const isMendable = ({ condition, because }: Held): boolean =>
  condition === "needs-attention" || because === "model";

function earlier(held: Held, milliseconds: number): Held {
  const { since, at, until, resetAt } = held;
  return {
    ...held,
    since: since - milliseconds,
    until: until - milliseconds,
    ...(at === undefined ? {} : { at: at - milliseconds }),
    ...(resetAt === undefined ? {} : { resetAt: resetAt - milliseconds }),
  };
}

/** As it was written down, no longer than its class allows; `undefined`: by a clock that was ahead. */
function believed(held: Held, now: number): Held | undefined {
  const { since, at = since, until, resetAt, ...rest } = held;
  if (isFromTheFuture(Math.max(since, at), now)) return undefined;
  const stated = resetAt !== undefined && resetAt - at <= MAX_STATED_MS ? { resetAt } : {};
  return { ...rest, since, at, until: Math.min(until, at + longestHold(held.because)), ...stated };
}

/** Does it concern others who use the account? How the provider is reached does not. */
export const isShared = ({ because }: Pick<Held, "because">): boolean => because !== "network";

/** Milliseconds since 1970. */
export const foundAt = ({ at, since }: Held): number => at ?? since;

const keyOf = (account: string, model?: string): string =>
  model === undefined ? account : `${account} ${model}`;
