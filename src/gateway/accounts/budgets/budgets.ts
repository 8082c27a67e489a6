/**
 * Limits that a person sets for themself: tokens, requests or dollars per day, week or month, for
 * one account or for all. Counted is what requests really used; until that is known, those under way
 * claim what they may use, so that many at once do not pass one by one. Who is let in may end.
 */
import * as z from "zod";
import { compact } from "../../common/json.ts";
import { setLatest } from "../../common/latest.ts";
import type { Clock, Log } from "../../common/ports.ts";
import { alone } from "../../pool/alone.ts";
import type { PoolPort, SharedCounter } from "../../pool/port.ts";
import type { Usage } from "../../protocols/chat.ts";
import {
  costAt,
  ownPrice,
  type Price,
  type Published,
  pricedTokens,
  type Rates,
} from "../../records/price.ts";
import { isCounted, type RequestRecord } from "../../records/record.ts";
import { PERIODS, type Period } from "../../settings/budgetPeriod.ts";
import { BUDGET_UNITS, type BudgetUnit } from "../../settings/budgetUnit.ts";
import type { Withheld } from "../schedule/scheduler.ts";
import { validEntries } from "../snapshot.ts";
import { Claims, type Expected } from "./claims.ts";

/** How the causes of problems with budgets begin. */
const BUDGET_CAUSE = "budget";

export interface Budget {
  /** Id of whose it is, an account or, among those of client keys, a key; absent: all accounts together. */
  readonly account?: string | undefined;
  readonly unit: BudgetUnit;
  readonly per: Period;
  readonly limit: number;
  /** Percent of the limit from which on a warning is shown. */
  readonly warnAtPercent: number;
}

export interface BudgetState extends Budget {
  readonly used: number;
  /** Requests of the period whose price is unknown, so that they are not in `used` (USD only). */
  readonly unpriced: number;
  /** Milliseconds since 1970 at which counting starts over. */
  readonly until: number;
  readonly state: "ok" | "warning" | "reached";
}

const counterSchema = z.object({
  /** Absent: all accounts. */
  account: z.string().optional(),
  unit: z.enum(BUDGET_UNITS),
  per: z.enum(PERIODS),
  /** Milliseconds since 1970. */
  start: z.number(),
  used: z.number().min(0),
  unpriced: z.number().int().min(0),
});
type Counter = z.output<typeof counterSchema>;

/** Budgets are settings, which are bounded; this bounds what a file can make us remember. */
const MAX_COUNTERS = 1000;

export interface BudgetPorts {
  readonly clock: Pick<Clock, "now">;
  readonly log: Pick<Log, "warn">;
  readonly budgets: () => readonly Budget[];
  /** The person's own, which come first. */
  readonly prices: () => readonly Price[];
  /** What the provider publishes; absent: only the person's own prices count. */
  readonly published?: ((account: string, model: string) => Published) | undefined;
  /** Whose it is, as the subject of a sentence; by default the account's. */
  readonly whose?: ((id: string | undefined) => string) | undefined;
  /** Other gateways, which count with this one; absent: it is alone. */
  readonly pool?: PoolPort | undefined;
  /** What the pool calls whose budget it is; `undefined`: it is this gateway's alone. */
  readonly shared?: ((id: string | undefined) => string | undefined) | undefined;
}

/** Times that the pool's engine is asked for one request: each answer may have gone to others. */
export const MOST_ASKED = 20;

export class Budgets {
  readonly #ports: BudgetPorts;
  readonly #counters = new Map<string, Counter>();
  readonly #claims = new Claims();
  readonly #pool: PoolPort;

  constructor(ports: BudgetPorts) {
    this.#ports = ports;
    this.#pool = ports.pool ?? alone;
  }

  /**
   * Claims for a request what it may use of somebody's budgets, instead of what it claimed before.
   * @param request whatever stands for it, up to `count` or `release`
   * @param whose the account, or whoever else has the budgets
   * @param account whose prices hold
   * @returns why it may not be sent: nothing is left; later where only the pool's engine can tell
   */
  claim(
    request: object,
    whose: string,
    model: string,
    expected: () => Expected,
    account = whose,
  ): Withheld | undefined | Promise<Withheld | undefined> {
    this.#claims.release(request);
    const claimed = () => {
      for (const budget of this.#budgetsOf(whose)) {
        this.#claims.add(request, keyOf(budget), this.#expectedOf(budget.unit, account, model, expected));
      }
    };
    const { withheld, unsure } = this.#look(whose);
    if (withheld !== undefined) return withheld;
    if (unsure.length > 0) return this.#askFirst(whose, claimed);
    claimed();
    return undefined;
  }

  async #askFirst(whose: string, claimed: () => void): Promise<Withheld | undefined> {
    for (let asked = 0; ; asked++) {
      const { withheld, unsure } = this.#look(whose, asked >= MOST_ASKED);
      if (withheld !== undefined) return withheld;
      if (unsure.length === 0) {
        claimed();
        return undefined;
      }
      await Promise.all(unsure.map((counter) => counter.ask()));
    }
  }

  #budgetsOf(whose: string): readonly Budget[] {
    return this.#ports.budgets().filter(({ account }) => account === undefined || account === whose);
  }

  /** It was not answered, and costs nothing. */
  release(request: object): void {
    this.#claims.release(request);
  }

  #expectedOf(unit: BudgetUnit, account: string, model: string, expected: () => Expected): number {
    if (unit === "requests") return 1;
    const { input, output } = expected();
    if (unit === "tokens") return input + output;
    const rates = ownPrice(this.#ports.prices(), account, model) ?? this.#ports.published?.(account, model);
    // A price that is still on its way is there for the next one.
    if (rates === undefined || rates instanceof Promise) return 0;
    return costAt(rates, { input, output, cacheRead: 0, cacheWrite: 0 });
  }

  /**
   * Counts a finished request, if statistics do. Attempts that gave nothing cost nothing.
   * @param whose as for `claim`
   */
  count(record: RequestRecord, whose = record.account): void {
    this.#claims.release(record);
    const { account, usage, lane } = record;
    if (account === undefined || lane === "sandbox" || !isCounted(record)) return;
    for (const budget of this.#ports.budgets()) {
      if (budget.account !== undefined && budget.account !== whose) continue;
      switch (budget.unit) {
        case "requests":
          this.#add(budget, this.#counter(budget), 1);
          break;
        case "tokens":
          this.#add(
            budget,
            this.#counter(budget),
            usage === undefined ? 0 : usage.input.total + usage.output.total,
          );
          break;
        case "usd":
          if (usage !== undefined) this.#countCost(budget, account, record.modelUsed ?? "", usage);
      }
    }
  }

  #countCost(budget: Budget, account: string, model: string, usage: Usage): void {
    // The period in which it ended, also where its price is known only later.
    const counter = this.#counter(budget);
    const add = (rates: Rates | undefined): void => {
      if (rates === undefined) counter.unpriced += 1;
      else this.#add(budget, counter, costAt(rates, pricedTokens(usage)));
    };
    const own = ownPrice(this.#ports.prices(), account, model);
    if (own === undefined && usage.cost !== undefined) {
      this.#add(budget, counter, usage.cost);
      return;
    }
    const rates = own ?? this.#ports.published?.(account, model);
    if (!(rates instanceof Promise)) add(rates);
    else void rates.then(add, () => add(undefined));
  }

  #add(budget: Budget, counter: Counter, amount: number): void {
    const before = levelOf(budget, counter.used);
    counter.used += amount;
    this.#sharedOf(budget, counter)?.add(amount);
    if (levelOf(budget, counter.used) !== before) {
      this.#ports.log.warn(this.#described(this.#stateOf(budget)));
    }
  }

  #described(state: BudgetState): string {
    return describe(state, this.#ports.whose?.(state.account));
  }

  /** Whether a limit is reached that concerns the account, as far as it is known here. */
  withheld(account: string): Withheld | undefined {
    return this.#look(account).withheld;
  }

  /**
   * Asks each sum once: what two questions in a row are told need not fit together.
   * @param refuses where only the pool's engine can tell
   * @returns sums of which only the engine can tell whether anything is left
   */
  #look(account: string, refuses = false): { withheld: Withheld | undefined; unsure: SharedCounter[] } {
    let found: Withheld | undefined;
    const unsure: SharedCounter[] = [];
    for (const budget of this.#budgetsOf(account)) {
      const state = this.#stateOf(budget);
      const shared = this.#sharedOf(budget);
      const room = shared?.room() ?? "yes";
      if (shared !== undefined && room === "ask") unsure.push(shared);
      const claimed = this.#claims.of(keyOf(budget)) + (shared?.elsewhere ?? 0);
      const whose = this.#ports.whose?.(state.account);
      if (room === "away") {
        return { withheld: { why: "budget", reason: describeAway(state, whose) }, unsure };
      }
      const full = shared === undefined ? state.used + claimed >= state.limit : room === "no";
      if (!(full || (refuses && room === "ask")) || (found?.until ?? 0) >= state.until) continue;
      const reason =
        state.state === "reached" ? describe(state, whose) : describeClaimed(state, claimed, whose);
      found = { why: "budget", reason, until: state.until };
    }
    return { withheld: found, unsure };
  }

  states(): BudgetState[] {
    return this.#ports.budgets().map((budget) => this.#stateOf(budget));
  }

  /** Plain data, as `restore` takes it; without periods that are over. */
  snapshot(): Counter[] {
    const now = this.#ports.clock.now();
    return [...this.#counters.values()].filter(
      ({ per, start }) => this.#pool.periodOf(per, now).start === start,
    );
  }

  /** What is no such data is passed over. */
  restore(snapshot: unknown): void {
    for (const counter of validEntries(snapshot, counterSchema, MAX_COUNTERS)) {
      this.#counters.set(keyOf(counter), counter);
    }
  }

  #stateOf(budget: Budget): BudgetState {
    const { used, unpriced } = this.#counter(budget);
    const until = this.#pool.periodOf(budget.per, this.#ports.clock.now()).end;
    return { ...budget, used, unpriced, until, state: levelOf(budget, used) };
  }

  /** The pool's sum that a budget is of; `undefined`: it is this gateway's alone. */
  #sharedOf(budget: Budget, counter = this.#counter(budget)): SharedCounter | undefined {
    return this.#pool.standing === undefined ? undefined : this.#opened(budget, counter);
  }

  #opened({ account, unit, per, limit }: Budget, { used, start }: Counter): SharedCounter | undefined {
    const name = this.#ports.shared?.(account);
    if (name === undefined) return undefined;
    const key = keyOf({ account, unit, per });
    const claimed = () => this.#claims.of(key);
    const options = { exact: unit === "requests", used, claimed };
    const shared = this.#pool.counter(`${name}:${unit}`, per, start, options);
    if (shared !== undefined) shared.limit = limit;
    return shared;
  }

  #counter(budget: Budget): Counter {
    const counter = this.#ownCounter(budget);
    if (this.#pool.standing !== undefined) {
      counter.used = this.#opened(budget, counter)?.used ?? counter.used;
    }
    return counter;
  }

  #ownCounter({ account, unit, per }: Budget): Counter {
    const { start } = this.#pool.periodOf(per, this.#ports.clock.now());
    const key = keyOf({ account, unit, per });
    const known = this.#counters.get(key);
    if (known?.start === start) return known;
    const fresh = compact({ account, unit, per, start, used: 0, unpriced: 0 });
    setLatest(this.#counters, key, fresh, MAX_COUNTERS);
    return fresh;
  }
}

/** The limit itself is no part of it: who raises one keeps what was counted. */
const keyOf = ({ account, unit, per }: Pick<Budget, "account" | "unit" | "per">): string =>
  `${account ?? ""} ${unit} ${per}`;

function levelOf({ limit, warnAtPercent }: Budget, used: number): BudgetState["state"] {
  if (used >= limit) return "reached";
  return used * 100 >= limit * warnAtPercent ? "warning" : "ok";
}

const budgetOf = (account: string | undefined): string =>
  account === undefined ? "The budget of all accounts" : `The budget of "${account}"`;

/** For a person: `The budget of "work" is used up: 1,000 of 1,000 requests this day.` */
export function describe(
  { account, unit, per, limit, used, state }: BudgetState,
  whose = budgetOf(account),
): string {
  const how = state === "reached" ? "is used up" : "is nearly used up";
  return `${whose} ${how}: ${amount(used, unit)} of ${amount(limit, unit)} this ${per}`;
}

/** The same where requests under way may use up what is left. */
function describeClaimed(
  { account, unit, per, limit, used }: BudgetState,
  claimed: number,
  whose = budgetOf(account),
): string {
  return `${whose} may be used up by requests under way: ${amount(used, unit)} used and up to ${amount(claimed, unit)} claimed of ${amount(limit, unit)} this ${per}`;
}

/** Where nobody can tell, and the person wants no guess. */
function describeAway({ account }: BudgetState, whose = budgetOf(account)): string {
  return `${whose} cannot be counted now: the engine of the pool is away, and "pool.whenAway" is "refuse"`;
}

/** What tells this budget's problem from those of others of the same account. */
export const budgetCause = ({ unit, per }: Budget): string => `${BUDGET_CAUSE}-${unit}-${per}`;

export const isBudgetProblem = ({ cause }: { readonly cause?: string }): boolean =>
  cause?.startsWith(`${BUDGET_CAUSE}-`) === true;

function amount(value: number, unit: BudgetUnit): string {
  return unit === "usd" ? `$${value.toFixed(2)}` : `${Math.round(value).toLocaleString("en-US")} ${unit}`;
}
