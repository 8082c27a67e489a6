/**
 * What client keys may still use: requests and tokens per minute, requests at once, budgets. Who is let in may end; a
 * request counts when it enters, its tokens and cost as expected until it is known what they were.
 */
import * as z from "zod";
import type { Problem } from "../../../control/contract.ts";
import { PorticoError } from "../../common/errors.ts";
import type { Clock } from "../../common/ports.ts";
import type { SharedCounter } from "../../pool/port.ts";
import type { RequestRecord } from "../../records/record.ts";
import type { Candidate } from "../../routing/candidate.ts";
import { type ClientKey, MAX_CLIENT_KEYS, nameOf } from "../../settings/clientKeys.ts";
import type { Withheld } from "../schedule/scheduler.ts";
import {
  type Budget,
  type BudgetPorts,
  type BudgetState,
  Budgets,
  budgetCause,
  describe,
  MOST_ASKED,
} from "./budgets.ts";
import type { Expected } from "./claims.ts";
import { Minute } from "./minute.ts";

export interface KeyLimitsPorts extends Omit<BudgetPorts, "budgets" | "whose" | "shared" | "clock"> {
  readonly clock: Pick<Clock, "now" | "monotonic">;
  readonly keys: () => readonly ClientKey[];
}

/** Of one key. */
interface Use {
  atOnce: number;
  readonly requests: Minute;
  readonly tokens: Minute;
  /** Milliseconds since 1970. */
  lastUsedAt?: number;
}

/** Of one key, in its pool. */
interface Levels {
  readonly atOnce?: SharedCounter;
  readonly requests?: SharedCounter;
  readonly tokens?: SharedCounter;
}

interface Entered {
  readonly use: Use;
  /** Of the monotonic clock, in which it came and was expected to use `tokens`. */
  readonly second: number;
  /** It counts as one of the minute's. */
  readonly counted: boolean;
  tokens: number;
}

const savedSchema = z.object({ budgets: z.unknown(), lastUsed: z.record(z.string(), z.number()) });
export type SavedKeyLimits = z.input<typeof savedSchema>;

export class KeyLimits {
  readonly #ports: KeyLimitsPorts;
  readonly #budgets: Budgets;
  /** By the key's id. */
  readonly #uses = new Map<string, Use>();
  #of: readonly ClientKey[] = [];
  #list: readonly Budget[] = [];
  /** Until the request's record. */
  readonly #entered = new Map<RequestRecord, Entered>();

  constructor(ports: KeyLimitsPorts) {
    this.#ports = ports;
    this.#budgets = new Budgets({
      ...ports,
      budgets: () => this.#listed(),
      whose: (id) => `The budget of the key "${this.#nameOf(id)}"`,
      shared: (id) => `key:${id ?? ""}`,
    });
  }

  /**
   * A request comes in; later where only the pool's engine can tell.
   * @throws PorticoError `rate_limit`, with when to come back
   */
  enter(key: ClientKey, record: RequestRecord): void | Promise<void> {
    if (this.#unsure(key).length > 0) return this.#askFirst(key, record);
    this.#enterNow(key, record);
  }

  async #askFirst(key: ClientKey, record: RequestRecord): Promise<void> {
    for (let asked = 0; asked < MOST_ASKED; asked++) {
      const unsure = this.#unsure(key);
      if (unsure.length === 0) break;
      await Promise.all(unsure.map((level) => level.ask()));
    }
    this.#enterNow(key, record);
  }

  #enterNow(key: ClientKey, record: RequestRecord): void {
    const use = this.#useOf(key.id);
    const { clock } = this.#ports;
    const second = Math.floor(clock.monotonic() / 1000);
    const { atOnce, perMinute } = key;
    const shared = this.#levelsOf(key);
    if (Object.values(shared).some((level) => level.room() === "away")) {
      throw limited(
        `What the key "${nameOf(key)}" uses cannot be counted now: the engine of the pool is away, and "pool.whenAway" is "refuse".`,
        1,
      );
    }
    if (atOnce !== undefined && (use.atOnce >= atOnce || isFull(shared.atOnce))) {
      throw limited(`The key "${nameOf(key)}" has ${atOnce} requests under way, which is its limit.`, 1);
    }
    const most = perMinute?.requests;
    if (most !== undefined && (use.requests.sum(second) >= most || isFull(shared.requests))) {
      throw limited(
        `The key "${nameOf(key)}" may send ${most} requests per minute.`,
        use.requests.wait(second, most),
      );
    }
    const counted = most !== undefined;
    if (counted) use.requests.add(second, 1);
    use.atOnce += 1;
    use.lastUsedAt = clock.now();
    this.#entered.set(record, { use, second, counted, tokens: 0 });
  }

  /** What all gateways of the pool count together; none for a gateway alone. */
  #levelsOf({ id, atOnce, perMinute }: ClientKey): Levels {
    const { pool, clock } = this.#ports;
    if (pool?.standing === undefined) return {};
    const use = () => this.#uses.get(id);
    const second = () => Math.floor(clock.monotonic() / 1000);
    const level = (name: keyof Levels, limit: number | undefined, claimed: () => number): Levels => {
      if (limit === undefined) return {};
      const found = pool.level(`key:${id}:${name}`, { exact: name !== "tokens", claimed });
      if (found === undefined) return {};
      found.limit = limit;
      return { [name]: found };
    };
    return {
      ...level("atOnce", atOnce, () => use()?.atOnce ?? 0),
      ...level("requests", perMinute?.requests, () => use()?.requests.sum(second()) ?? 0),
      ...level("tokens", perMinute?.tokens, () => use()?.tokens.sum(second()) ?? 0),
    };
  }

  #unsure(key: ClientKey): SharedCounter[] {
    return Object.values(this.#levelsOf(key)).filter((level) => level.room() === "ask");
  }

  /**
   * Claims what the request may use.
   * @param candidate the first that may answer it: its prices hold until the request is over
   * @throws PorticoError where nothing is left, with when to come back
   */
  claim(
    key: ClientKey,
    record: RequestRecord,
    candidate: Candidate,
    expected: () => Expected,
  ): void | Promise<void> {
    const entered = this.#entered.get(record);
    const most = key.perMinute?.tokens;
    if (most !== undefined && entered !== undefined) {
      const { tokens } = entered.use;
      if (tokens.sum(entered.second) >= most || this.#levelsOf(key).tokens?.room() === "no") {
        throw limited(
          `The key "${nameOf(key)}" may use ${most} tokens per minute.`,
          tokens.wait(entered.second, most),
        );
      }
    }
    const told = (withheld: Withheld | undefined) => {
      if (withheld !== undefined) this.#refuse(withheld);
      if (most === undefined || entered === undefined) return;
      const { input, output } = expected();
      entered.tokens = input + output;
      entered.use.tokens.add(entered.second, entered.tokens);
    };
    if (key.budgets === undefined) return told(undefined);
    const { account, model } = candidate;
    const withheld = this.#budgets.claim(record, key.id, model, expected, account.id);
    return withheld instanceof Promise ? withheld.then(told) : told(withheld);
  }

  #refuse({ until, reason }: Withheld): never {
    const retryAfterMs = until === undefined ? {} : { retryAfterMs: until - this.#ports.clock.now() };
    throw new PorticoError("quota", `${reason}.`, { retryable: false, ...retryAfterMs });
  }

  /** The request is over. @returns whether there is something new to save */
  settle(record: RequestRecord): boolean {
    const entered = this.#entered.get(record);
    if (entered !== undefined) {
      this.#entered.delete(record);
      entered.use.atOnce -= 1;
      // What reached nobody is given back.
      if (entered.counted && record.attempts.length === 0) entered.use.requests.correct(entered.second, -1);
      if (entered.tokens > 0) {
        const { usage } = record;
        const used = usage === undefined ? 0 : usage.input.total + usage.output.total;
        entered.use.tokens.correct(entered.second, used - entered.tokens);
      }
    }
    if (record.key === undefined) return false;
    if (record.attempts.length === 0) this.#budgets.release(record);
    else this.#budgets.count(record, record.key);
    return true;
  }

  states(): BudgetState[] {
    return this.#budgets.states();
  }

  /** Budgets that run out. That is what they are for: nothing is wrong. */
  problems(): Problem[] {
    return this.states().flatMap((state): Problem[] => {
      if (state.state === "ok" || state.account === undefined) return [];
      const message = `${describe(state, `The budget of the key "${this.#nameOf(state.account)}"`)}.`;
      const reached = state.state === "reached" ? "-reached" : "";
      return [
        { severity: "notice", key: state.account, message, cause: `key-${budgetCause(state)}${reached}` },
      ];
    });
  }

  /** Milliseconds since 1970. */
  lastUsedAt(id: string): number | undefined {
    return this.#uses.get(id)?.lastUsedAt;
  }

  /** Forgets keys that are gone. */
  retain(): void {
    const kept = new Set(this.#ports.keys().map(({ id }) => id));
    for (const id of this.#uses.keys()) if (!kept.has(id)) this.#uses.delete(id);
  }

  /** Plain data, as `restore` takes it. */
  snapshot(): SavedKeyLimits {
    const lastUsed = [...this.#uses].flatMap(([id, { lastUsedAt }]) =>
      lastUsedAt === undefined ? [] : [[id, lastUsedAt] as const],
    );
    return { budgets: this.#budgets.snapshot(), lastUsed: Object.fromEntries(lastUsed) };
  }

  /** What is no such data is passed over. */
  restore(snapshot: unknown): void {
    const { success, data } = savedSchema.safeParse(snapshot);
    if (!success) return;
    this.#budgets.restore(data.budgets);
    for (const [id, at] of Object.entries(data.lastUsed).slice(0, MAX_CLIENT_KEYS)) {
      const use = this.#useOf(id);
      use.lastUsedAt = Math.max(at, use.lastUsedAt ?? 0);
    }
    this.retain();
  }

  /** All budgets of all keys, made anew where the keys are others. */
  #listed(): readonly Budget[] {
    const keys = this.#ports.keys();
    if (this.#of !== keys) {
      this.#of = keys;
      this.#list = keys.flatMap(({ id, budgets = [] }) => budgets.map((each) => ({ ...each, account: id })));
    }
    return this.#list;
  }

  #useOf(id: string): Use {
    let use = this.#uses.get(id);
    if (use === undefined) {
      use = { atOnce: 0, requests: new Minute(), tokens: new Minute() };
      this.#uses.set(id, use);
    }
    return use;
  }

  #nameOf(id: string | undefined): string {
    const key = this.#ports.keys().find((each) => each.id === id);
    return key === undefined ? (id ?? "") : nameOf(key);
  }
}

const isFull = (level: SharedCounter | undefined): boolean => level !== undefined && level.room() !== "yes";

/** @param seconds until it makes sense to come back */
function limited(message: string, seconds: number): PorticoError {
  return new PorticoError("rate_limit", `${message} Come back in ${seconds} s.`, {
    retryAfterMs: seconds * 1000,
  });
}
