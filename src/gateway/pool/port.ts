/**
 * What gateways of one pool have in common: holds of accounts, quota readings, sums against limits. Every decision is
 * taken from what is in memory here; nothing of it can make a request fail but a limit that is reached.
 */
import type { Period, Span } from "../settings/budgetPeriod.ts";
import type { Owned } from "./owners.ts";

/** How this gateway stands to the others. */
export interface PoolStanding {
  /** The pool's name. */
  readonly name: string;
  readonly state: "connecting" | "joined" | "away";
  /** Why the engine is away, for a person: never with a secret. */
  readonly why?: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Names of the gateways that were there at the latest look, this one included. */
  readonly gateways: readonly string[];
  readonly whenAway: "share" | "refuse";
}

/** Something that holds back an account, or one model of it. Moments are this gateway's own, in milliseconds since 1970. */
export interface SharedHold {
  /** As `PoolPort.nameOf` has it. */
  readonly account: string;
  readonly model?: string | undefined;
  readonly condition: string;
  /** The class of the failure. */
  readonly because: string;
  readonly since: number;
  readonly at: number;
  readonly until: number;
  readonly resetAt?: number | undefined;
  /** In a row. */
  readonly failures: number;
}

/** An account, or one model of it, answers again. */
export interface SharedClear {
  readonly account: string;
  readonly model?: string | undefined;
  /** Milliseconds since 1970: what was found out later is not cleared. */
  readonly before: number;
}

/** A provider's word on a quota. */
export interface SharedQuota {
  readonly account: string;
  readonly model?: string | undefined;
  readonly name: string;
  readonly remaining?: number | undefined;
  readonly limit?: number | undefined;
  readonly unit: string;
  readonly window?: string | undefined;
  /** Milliseconds since 1970, as `readAt`. */
  readonly resetAt?: number | undefined;
  readonly readAt: number;
  readonly source: string;
}

/** What is told to this gateway; none of it may throw. */
export interface PoolListener {
  /** @param id of this finding */
  hold(hold: SharedHold, id: string): void;
  cleared(clear: SharedClear): void;
  /** A finding was none: the request was at fault. */
  undone(id: string): void;
  quota(quota: SharedQuota): void;
  /** All that this gateway holds back now, for those who have not heard of it. */
  holds(): SharedHold[];
}

/**
 * `yes`; `no`: nothing is left; `ask`: only the engine can tell, see `SharedCounter.ask`; `away`: nobody can tell, and the
 * person wants no guess.
 */
export type Room = "yes" | "no" | "ask" | "away";

/** A sum that all gateways of the pool add to. */
export interface SharedCounter {
  /** Of all gateways together, as far as it is known here. */
  readonly used: number;
  /** What requests under way elsewhere may still use, as far as it is known here. */
  readonly elsewhere: number;
  limit: number;
  add(amount: number): void;
  /** May one more request begin? */
  room(): Room;
  /** Resolves when the engine has answered, or is away: within a quarter of a second. Never rejects. */
  ask(): Promise<void>;
}

export interface LevelOptions {
  /** Whole requests, which are counted exactly; otherwise amounts that are known only afterwards. */
  readonly exact: boolean;
  /** What requests under way here may still use. */
  claimed(): number;
}

export interface CounterOptions extends LevelOptions {
  /** What was counted before this process, or without a pool. */
  readonly used: number;
}

export interface PoolPort {
  /** Absent: this gateway is alone. */
  readonly standing: PoolStanding | undefined;
  /** Hears when `standing` is another. @returns a function that ends the subscription */
  onChange(listener: () => void): () => void;
  listen(listener: PoolListener): void;
  /** What all gateways with the same secret call the same thing; it tells nothing of the parts. */
  nameOf(...parts: readonly string[]): string;
  /** @returns the finding's id, for `undo` */
  hold(hold: SharedHold): string;
  clear(clear: SharedClear): void;
  undo(id: string, of: Pick<SharedHold, "account" | "model">): void;
  quota(quota: SharedQuota): void;
  /** Accounts that are signed in to here, in place of those before. Others hear of those that one gateway alone can have. */
  owns(accounts: readonly Owned[]): void;
  /** @returns names of gateways that have the same sign-in of an account, which one alone can have */
  othersWith(account: string): readonly string[];
  /** Reads again what others have told: there are accounts that were not known before. */
  readAgain(): void;
  /** Where something is, for gateways that do not know. @param name as of `nameOf` @param what a few words */
  remember(name: string, what: string, forMs: number): void;
  /** What others remember, in the order of the names; nothing where the engine takes longer than a moment. Never rejects. */
  recall(names: readonly string[]): Promise<readonly (string | undefined)[]>;
  /** May this gateway ask the account's provider for its quotas? Not where another has within the time. */
  mayPoll(account: string, withinMs: number): Promise<boolean>;
  /** @param now milliseconds since 1970 @returns its start by the pool's clock, its end by this gateway's */
  periodOf(period: Period, now: number): Span;
  /** @param start of the period, by the pool's clock; absent: nothing is shared, as for a gateway alone */
  counter(name: string, period: Period, start: number, options: CounterOptions): SharedCounter | undefined;
  /**
   * A sum of nothing but what is claimed now, such as requests under way, or those of the last minute.
   * @returns `undefined`: nothing is shared, as for a gateway alone
   */
  level(name: string, options: LevelOptions): SharedCounter | undefined;
  /** Tells what is untold, and leaves. */
  close(): Promise<void>;
}
