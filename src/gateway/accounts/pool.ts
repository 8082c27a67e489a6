/** The account pool: how accounts fare, what they may still use, who gets the next request. */

import type { AccountState } from "../../control/accounts.ts";
import { SIGN_IN_TWICE } from "../../control/attention.ts";
import type { Problem } from "../../control/contract.ts";
import type { Protocol } from "../../control/protocol.ts";
import { messageOf } from "../common/errors.ts";
import type { Ports } from "../common/ports.ts";
import { alone } from "../pool/alone.ts";
import type { PoolPort } from "../pool/port.ts";
import type { Account } from "../providers/account.ts";
import type { Published } from "../records/price.ts";
import type { PriceQuestion } from "../records/prices.ts";
import type { RequestRecord } from "../records/record.ts";
import type { Candidate } from "../routing/candidate.ts";
import type { Settings } from "../settings/settings.ts";
import { Saver } from "../state/saver.ts";
import type { GatewayState, StateStore } from "../state/stateStore.ts";
import { isLocalServer } from "../upstream/localServer.ts";
import { type Binding, Bindings } from "./bindings.ts";
import { type BudgetState, Budgets, budgetCause, describe } from "./budgets/budgets.ts";
import { KeyLimits } from "./budgets/keyLimits.ts";
import { AccountHealth, type Held } from "./health.ts";
import type { Quota } from "./quotas/quota.ts";
import { QuotaRefresh, type QuotaReply } from "./quotas/refresh.ts";
import { QuotaStore } from "./quotas/store.ts";
import type { ReplyHeaders } from "./retryTimes.ts";
import { Scheduler } from "./schedule/scheduler.ts";
import { WaitingLine } from "./schedule/waitingLine.ts";
import { SharedPlaces } from "./sharedPlaces.ts";
import { Sharing, type SharingOptions } from "./sharing.ts";

export interface PoolOptions {
  readonly ports: Pick<Ports, "clock" | "random" | "log">;
  readonly settings: () => Settings;
  /** Where it outlives the process; absent: in memory only. */
  readonly state?: StateStore | undefined;
  /** A `GET` with the account's key. Rejects where the reply is not a 2xx. */
  readonly fetchJson: (account: Account, path: string, protocol: Protocol) => Promise<QuotaReply>;
  /** What providers publish of their prices; absent: budgets in USD know the person's own alone. */
  readonly published?: ((question: PriceQuestion) => Published) | undefined;
  /** What other gateways have in common with this one; absent: it is alone. */
  readonly shared?: PoolPort | undefined;
  /** What tells an account's credential from others, whatever token it has now; absent: none is shared. */
  readonly identity?: ((account: Account) => Promise<string | undefined>) | undefined;
  /** How this gateway has the account's sign-in; `undefined`: it has none, or one that is good for many. */
  readonly signIn?: SharingOptions["signIn"];
}

/** All that a person may want to know of an account, as plain data. */
export interface AccountStanding {
  readonly account: string;
  readonly state: AccountState;
  /** Why, for the account as a whole and for each model, with until when. */
  readonly held: readonly Held[];
  readonly quotas: readonly Quota[];
  /** Requests in flight. */
  readonly inFlight: number;
}

export class AccountPool {
  readonly health: AccountHealth;
  readonly bindings = new Bindings();
  readonly scheduler: Scheduler;
  /** Requests that wait because nobody is ready. */
  readonly line: WaitingLine;
  readonly quotas: QuotaStore;
  readonly budgets: Budgets;
  /** What client keys may still use. */
  readonly keys: KeyLimits;
  /** The gateways that this one is a pool with. */
  readonly shared: PoolPort;
  /** Where other gateways have conversations and what accounts keep. */
  readonly places: SharedPlaces;
  readonly #sharing: Sharing;
  readonly #options: PoolOptions;
  readonly #refresh: QuotaRefresh;
  readonly #saver: Saver<GatewayState> | undefined;
  #accounts: readonly Account[] = [];
  #loading: Promise<void> | undefined;
  /** Until then there is nothing to save that would not overwrite what was saved. */
  #loaded = false;

  constructor(options: PoolOptions) {
    const { ports, settings, state } = options;
    const { clock, random, log } = ports;
    this.#options = options;
    this.health = new AccountHealth({ clock, random });
    this.line = new WaitingLine(random);
    this.quotas = new QuotaStore(clock);
    this.shared = options.shared ?? alone;
    this.#sharing = new Sharing({
      pool: this.shared,
      health: this.health,
      quotas: this.quotas,
      log,
      identity: options.identity ?? (() => Promise.resolve(undefined)),
      signIn: options.signIn,
    });
    const priced = {
      clock,
      log,
      prices: () => settings().prices,
      published: (account: string, model: string) => this.#published(account, model),
      pool: this.shared,
    };
    this.budgets = new Budgets({
      ...priced,
      budgets: () => settings().budgets,
      shared: (account) => (account === undefined ? "all" : this.#sharing.nameOf(account)),
    });
    this.keys = new KeyLimits({ ...priced, keys: () => settings().keys });
    this.scheduler = new Scheduler({
      clock,
      settings: () => settings().scheduling,
      quotas: this.quotas,
      budget: (account) => this.budgets.withheld(account),
    });
    this.places = new SharedPlaces({
      ...{ pool: this.shared, accounts: this.#sharing, clock },
      ...{ sticky: this.scheduler.sticky, bindings: this.bindings },
    });
    this.#refresh = new QuotaRefresh({
      store: this.quotas,
      clock,
      log,
      everyMs: () => settings().quotas.refreshMinutes * 60_000,
      fetchJson: options.fetchJson,
      mayPoll: (account, withinMs) => {
        const name = this.#sharing.nameOf(account.id);
        return name === undefined ? Promise.resolve(true) : this.shared.mayPoll(name, withinMs);
      },
    });
    this.#saver =
      state === undefined
        ? undefined
        : new Saver({ store: state, snapshot: () => this.snapshot(), clock, log });
  }

  #published(id: string, model: string): Published {
    const account = this.#accounts.find((each) => each.id === id);
    if (account === undefined) return undefined;
    const [endpoint] = account.endpoints.values();
    const { provider } = account;
    return this.#options.published?.({ account: id, provider: provider.id, base: endpoint?.base, model });
  }

  /** The accounts to work with from now on; what is known of others is forgotten. */
  configure(accounts: readonly Account[]): void {
    this.#accounts = accounts;
    const kept = new Set(accounts.map(({ id }) => id));
    this.health.retain(kept);
    // An older version held them for an hour.
    for (const account of accounts) {
      if (!isLocalServer(account)) continue;
      for (const { model, because } of this.health.state(account.id)) {
        if (because === "model") this.health.forget(account.id, model);
      }
    }
    this.quotas.retain(kept);
    this.scheduler.sticky.retain(kept);
    this.keys.retain();
    void this.#sharing.configure(accounts);
    if (this.#loaded) this.#saver?.touch();
  }

  /** Takes up what was saved, once. Never rejects. */
  load(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  /** What holds an account back, or one model of it, is over: also after a restart. */
  forget(account: string, model?: string): void {
    const held = this.health
      .snapshot()
      .filter((each) => each.account === account && (model === undefined || each.model === model));
    this.health.forget(account, model);
    void this.#sharing.mended(account, held, this.#options.ports.clock.now());
    if (this.#loaded) this.#saver?.touch();
  }

  /** What an account was held back for may be mended by another key or address. */
  forgetChanged(before: Settings["accounts"], after: Settings["accounts"]): void {
    const reach = ({ provider, credentials, endpoints, proxy }: Settings["accounts"][number]) =>
      JSON.stringify([provider, credentials, endpoints, proxy]);
    const known = new Map(before.map((account) => [account.id, reach(account)]));
    for (const account of after) {
      if (known.get(account.id) !== reach(account)) this.health.forget(account.id);
    }
  }

  /** Bindings of another process. */
  bind(bindings: readonly Binding[]): void {
    if (bindings.length === 0) return;
    this.bindings.restore(bindings);
    if (this.#loaded) this.#saver?.touch();
  }

  /** Saves what waits to be saved. Never rejects. */
  async flush(): Promise<void> {
    await this.#saver?.flush();
  }

  /** Any upstream reply's headers. */
  observe({ account, model }: Candidate, headers: ReplyHeaders): void {
    this.quotas.observe(account, model, headers);
  }

  /** An error reply. @param body parsed JSON, or text @param headers those it came with */
  refused({ account, model }: Candidate, body: unknown, headers: ReplyHeaders): void {
    this.quotas.observeError(account.id, model, body, headers);
  }

  /** A finished request. */
  record(record: RequestRecord): void {
    this.budgets.release(record);
    if (this.keys.settle(record)) this.#saver?.touch();
    if (record.attempts.length === 0) return;
    this.budgets.count(record);
    const account = this.#accounts.find(({ id }) => id === record.account);
    if (account !== undefined) this.#refresh.used(account);
    this.#saver?.touch();
  }

  /**
   * Asks the providers that tell; resolves when all have been asked. Never rejects.
   * @param ids of these accounts alone
   */
  async refreshQuotas(ids?: ReadonlySet<string>): Promise<void> {
    // Also while the proxy is stopped: what was saved must not be overwritten unread.
    await this.load();
    await this.#refresh.refresh(this.#accounts.filter(({ id }) => ids?.has(id) ?? true));
    this.#saver?.touch();
  }

  standing(): AccountStanding[] {
    return this.#accounts.map(({ id, enabled }) => {
      const held = this.health.state(id);
      const whole = held.find(({ model }) => model === undefined);
      return {
        account: id,
        state: enabled ? (whole?.condition ?? "ready") : "disabled",
        held,
        quotas: this.quotas.of(id),
        inFlight: this.scheduler.load.inFlight(id),
      };
    });
  }

  budgetStates(): BudgetState[] {
    return this.budgets.states();
  }

  /** What a person should know: accounts that need them, budgets that run out. */
  problems(): Problem[] {
    const labels = new Map(this.#accounts.map(({ id, label }) => [id, label]));
    const attention = this.standing().flatMap(({ account, state, held }) =>
      held
        .filter(({ condition }) => condition === "needs-attention" && state !== "disabled")
        .map(({ reason, because }): Problem => {
          const message = `${labels.get(account) ?? account}: ${reason}`;
          return { severity: "error", account, message, cause: because };
        }),
    );
    const budgets = this.budgets
      .states()
      .filter(({ state }) => state !== "ok")
      .map(
        (state): Problem => ({
          severity: state.state === "reached" ? "error" : "warning",
          ...(state.account === undefined ? {} : { account: state.account }),
          message: `${describe(state)}.`,
          cause: budgetCause(state),
        }),
      );
    const twice = this.#accounts.flatMap(({ id, label }) =>
      signInProblems(id, label, this.#sharing.othersWith(id)),
    );
    return [...attention, ...budgets, ...this.keys.problems(), ...poolProblems(this.shared), ...twice];
  }

  /** Plain data, without any secret and any word of a conversation. */
  snapshot(): GatewayState {
    return {
      version: 1,
      savedAt: this.#options.ports.clock.now(),
      health: this.health.snapshot(),
      sessions: this.scheduler.sticky.snapshot(),
      quotas: this.quotas.snapshot(),
      budgets: this.budgets.snapshot(),
      bindings: this.bindings.snapshot(),
      keys: this.keys.snapshot(),
    };
  }

  async #load(): Promise<void> {
    try {
      const state = await this.#options.state?.load();
      if (state === undefined) return;
      this.health.restore(state.health);
      this.scheduler.sticky.restore(state.sessions);
      this.quotas.restore(state.quotas);
      this.budgets.restore(state.budgets);
      this.bindings.restore(state.bindings);
      this.keys.restore(state.keys);
      this.configure(this.#accounts);
    } catch (error) {
      const why = messageOf(error);
      this.#options.ports.log.warn(`what Portico remembered could not be read: ${why}`);
    } finally {
      this.#loaded = true;
    }
  }
}

/** Another gateway of the pool has the account as well, and one alone can have it. */
function signInProblems(account: string, label: string, others: readonly string[]): Problem[] {
  if (others.length === 0) return [];
  const who = others.map((name) => `"${name}"`).join(", ");
  const message = `${label}: each renewal of this sign-in replaces its refresh token, so it can belong to one gateway, and ${who} of the pool has it as well. Whichever renews it next may end it for the other: sign in at each, or remove it from all but one.`;
  return [{ severity: "warning", account, message, cause: SIGN_IN_TWICE }];
}

/** The engine is away. */
function poolProblems({ standing }: PoolPort): Problem[] {
  if (standing?.state !== "away") return [];
  const { name, why, whenAway } = standing;
  const then =
    whenAway === "share"
      ? "This gateway goes on with its share of budgets and key limits."
      : "Requests under a budget or key limit are refused meanwhile.";
  const message = `The engine of the pool "${name}" is away (${why ?? "it does not answer"}). ${then}`;
  return [{ severity: "warning", message, cause: "pool" }];
}
