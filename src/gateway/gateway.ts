/** Puts the gateway together: settings and ports in, a thing that starts and stops out. */
import type { Problem, ProxyState } from "../control/contract.ts";
import type { Protocol } from "../control/protocol.ts";
import { buildAccounts } from "./accounts/accounts.ts";
import { isBudgetProblem } from "./accounts/budgets/budgets.ts";
import {
  type Credentials,
  type CredentialsOptions,
  createCredentials,
} from "./accounts/credentials/credentials.ts";
import { storedKey } from "./accounts/credentials/storedKey.ts";
import { AccountPool } from "./accounts/pool.ts";
import { chosenOf, describePlan } from "./accounts/schedule/describePlan.ts";
import type { CutBy } from "./common/cut.ts";
import { PorticoError } from "./common/errors.ts";
import type { Ports } from "./common/ports.ts";
import { Metrics } from "./metrics/metrics.ts";
import type { Account } from "./providers/account.ts";
import type { Handed } from "./records/handed.ts";
import type { Published } from "./records/price.ts";
import type { PriceQuestion } from "./records/prices.ts";
import { type RequestRecord, recordLine } from "./records/record.ts";
import { TokenCounter } from "./records/tokens.ts";
import { Unrecorded } from "./records/unrecorded.ts";
import { makeVisible } from "./records/visibleRecord.ts";
import { createApp, randomId } from "./requests/app.ts";
import { ModelKnowledge } from "./models/knowledge.ts";
import { AbsentEndpoints } from "./requests/attempts/absentEndpoints.ts";
import { MediaFetcher } from "./requests/attempts/fetchMedia.ts";
import { CaptureRoom } from "./requests/capture.ts";
import type { GatewayContext } from "./requests/context.ts";
import { responsesSocket } from "./requests/responsesSocket.ts";
import { Catalog, type OfferedModel } from "./routing/catalog.ts";
import { describeExplanation } from "./routing/explain.ts";
import { Resolver } from "./routing/resolver.ts";
import { explain } from "./routing/route.ts";
import { SANDBOX_ID } from "./sandbox/models.ts";
import { Sandbox } from "./sandbox/run.ts";
import { BodyBudget } from "./server/body/read.ts";
import type { GuardPolicy } from "./server/guard/guard.ts";
import { ProxyListener } from "./server/proxyListener.ts";
import type { RouteSettings, Settings } from "./settings/settings.ts";
import { ConversationState } from "./state/conversationState.ts";
import type { ResponsesFile } from "./state/responsesFile.ts";
import type { SignaturePersistence } from "./state/signatureStore.ts";
import type { StateStore } from "./state/stateStore.ts";
import { Agents } from "./upstream/agents.ts";
import { getJson, type JsonReply } from "./upstream/fetchJson.ts";
import { Heartbeats } from "./upstream/relay/heartbeats.ts";

export interface Gateway {
  readonly state: ProxyState;
  /** Requests in flight. */
  readonly active: number;
  /** What a person has to mend in the accounts. */
  readonly problems: readonly Problem[];
  /** No account of the person's own: only the sandbox answers. */
  readonly sandboxOnly: boolean;
  readonly accounts: readonly Account[];
  /** How accounts fare, their quotas, the person's budgets. */
  readonly pool: AccountPool;
  /** What the accounts show their providers; works also while the proxy is stopped. */
  readonly credentials: Credentials;
  /** Opens the data port. Resolves with `running` or `failed`; does not throw for a taken port. */
  start(): Promise<ProxyState>;
  /**
   * Refuses new requests, lets those in flight end for up to `drainMs`, then cuts them. The port is free
   * when this returns; resolves when all is over. Again with less time: those of before have no more either.
   */
  stop(drainMs?: number, by?: CutBy): Promise<void>;
  /** Opens the port anew; requests in flight end meanwhile, for up to `drainMs`. Else as `start`. */
  restart(drainMs: number): Promise<ProxyState>;
  /**
   * New settings, without dropping a request. Accounts and routes apply to the next request; a
   * change of port or LAN access opens the new listener before the old one closes.
   */
  apply(settings: Settings): Promise<ProxyState>;
  onState(listener: (state: ProxyState) => void): () => void;
  /**
   * Another process is to take over: what is known is saved, and from then on nothing is, and no token renewed.
   * Requests in flight go on; `stop` ends them. @param withinMs for renewals under way
   */
  leave(withinMs: number): Promise<void>;
  /**
   * What another process did and found out after it had left.
   * @param held as `AccountHealth.snapshot` has it
   * @throws PorticoError `unavailable` where this one has left itself
   */
  take(handed: readonly Handed[], held: unknown): void;
  /** An account has another credential, or was seen to work: what held it back is forgotten. */
  mended(account: string): void;
  /** Keys can be read again: lists that could not be are due. Holds stay as they are. */
  askAgain(): void;
  /** A small request of our own to an account, kept or not: for checks and lists. */
  getJson(
    account: Account,
    path: string,
    protocol: Protocol,
    signal?: AbortSignal,
    body?: unknown,
  ): Promise<JsonReply>;
  /** Where a request for a model would go, and why. Reads model lists; sends the model nothing. */
  explain(
    model: string,
    protocol: Protocol,
    /** In place of those in force. */
    routes?: readonly RouteSettings[],
  ): Promise<RouteExplanation>;
  /** Every name a client can send. Reads model lists; waits for slow ones a few seconds. */
  models(): Promise<readonly OfferedModel[]>;
}

export interface RouteExplanation {
  /** Lines for a person: routes, targets, who serves what. */
  readonly routing: readonly string[];
  /** Lines for a person: the order of the accounts, and what keeps some of them back. */
  readonly scheduling: readonly string[];
  /** Who would get the request; absent where nobody could. */
  readonly chosen?: { readonly account: string; readonly model: string; readonly protocol: Protocol };
}

export interface GatewayOptions {
  /** Listen on exactly this address. */
  readonly host?: string;
  /** Gets every finished request. */
  readonly onRecord?: (record: RequestRecord) => void;
  /** Requests that could not be recorded, since the start. */
  readonly recordsDropped?: () => number;
  /** Where proofs of reasoning outlive the process; without, they are kept in memory. */
  readonly proofs?: SignaturePersistence;
  /** Where stored responses outlive the process, if `responses.onDisk` is set. */
  readonly responses?: ResponsesFile;
  /** Where what is known of the accounts outlives the process; without, it is kept in memory. */
  readonly state?: StateStore;
  /** What providers publish of their prices, for budgets in USD; absent: the person's own prices alone. */
  readonly prices?: (question: PriceQuestion) => Published;
  /** Whether an account has something in the secret store; `undefined`: that is not known. */
  readonly hasSecret?: (account: string) => boolean | undefined;
  /** Why the gateway's own key cannot be read now, for a person. */
  readonly keyTrouble?: () => string | undefined;
  /** Where accounts sign in, if not at their providers' own addresses. */
  readonly credentials?: CredentialsOptions;
  /** What a person does here to add an account; absent: whatever there is. */
  readonly howToAdd?: string;
}

/** Milliseconds that a list of all models waits for the providers' own lists. */
const LISTS_MS = 4000;
/** Milliseconds that the end waits for the last records. */
const RECORDS_MS = 10_000;

export function createGateway(initial: Settings, ports: Ports, options: GatewayOptions = {}): Gateway {
  return new GatewayParts(initial, ports, options);
}

class GatewayParts implements Gateway {
  readonly #ports: Ports;
  readonly #options: GatewayOptions;
  readonly #catalog: Catalog;
  readonly pool: AccountPool;
  readonly credentials: Credentials;
  readonly #context: GatewayContext;
  readonly #kept: ConversationState;
  readonly #tokens: TokenCounter;
  readonly #media = new MediaFetcher();
  readonly #unrecorded = new Unrecorded();
  readonly #door: ProxyListener;
  readonly #resolver: Resolver;
  #left = false;
  #settings: Settings;
  #policy: GuardPolicy;
  #agents: Agents;
  #heartbeats: Heartbeats;
  #built: ReturnType<typeof buildAccounts>;

  constructor(settings: Settings, ports: Ports, options: GatewayOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#settings = settings;
    this.#policy = policyOf(settings, options.keyTrouble?.());
    this.#agents = new Agents(ports.network, settings.upstream);
    this.#heartbeats = new Heartbeats(ports.clock, settings.upstream.heartbeatMs);
    this.credentials = createCredentials(ports, options.credentials);
    this.#built = this.#buildAccounts();
    this.#catalog = new Catalog({
      clock: ports.clock,
      log: ports.log,
      fetchJson: async (...request) => (await this.#fetchJson(...request)).body,
    });
    this.#catalog.configure(this.#built.accounts, settings.routes);
    this.pool = new AccountPool({
      ports,
      settings: () => this.#settings,
      state: options.state,
      published: options.prices,
      fetchJson: (...request) => this.#fetchJson(...request),
    });
    this.pool.configure(this.#built.accounts);
    const { clock } = ports;
    this.#kept = new ConversationState({
      proofs: options.proofs,
      responses: options.responses,
      settings: () => this.#settings,
      clock,
      log: ports.log,
      newId: randomId,
    });
    this.#resolver = new Resolver(clock, () => ({
      routes: this.#settings.routes,
      accounts: this.#built.accounts,
      serves: (account, name) => this.#catalog.serves(account, name),
    }));
    this.#tokens = new TokenCounter({ clock });
    this.#context = this.#makeContext();
    this.#door = new ProxyListener({
      clock,
      log: ports.log,
      host: options.host,
      settings: () => this.#settings,
      policy: () => this.#policy,
      onRequest: createApp(this.#context).callback(),
      onUpgrade: responsesSocket(this.#context),
      newRequestId: () => `req_${randomId()}`,
    });
  }

  get state(): ProxyState {
    return this.#door.state;
  }

  get active(): number {
    return this.#door.active;
  }

  get problems(): readonly Problem[] {
    const found = [...this.#built.problems, ...this.pool.problems()];
    const named = new Set(found.filter((each) => !isBudgetProblem(each)).map(({ account }) => account));
    const ended = this.credentials.tokens.problems().filter(({ account }) => !named.has(account));
    return [...found, ...ended];
  }

  get sandboxOnly(): boolean {
    return this.#built.sandboxOnly;
  }

  get accounts(): readonly Account[] {
    return this.#built.accounts;
  }

  onState(listener: (state: ProxyState) => void): () => void {
    return this.#door.onState(listener);
  }

  async start(): Promise<ProxyState> {
    if (this.#door.state.kind === "running") return this.#door.state;
    const state = await this.#door.start(async () => {
      await Promise.all([this.#kept.load(), this.pool.load()]);
    });
    if (state.kind === "running") void this.#catalog.warm();
    return state;
  }

  async leave(withinMs: number): Promise<void> {
    const { tokens, settled } = this.credentials;
    this.#left = true;
    tokens.leave();
    await Promise.all([settled(withinMs), this.#kept.flush(), this.pool.flush()]);
  }

  take(handed: readonly Handed[], held: unknown): void {
    if (this.#left) throw new PorticoError("unavailable", "This Portico is ending as well.");
    for (const { record, counted } of handed) {
      if (!counted) this.pool.record(record);
      this.#context.metrics.observe(record);
      this.#options.onRecord?.(record);
    }
    this.pool.health.merge(held, new Set(this.#built.accounts.map(({ id }) => id)));
  }

  async restart(drainMs: number): Promise<ProxyState> {
    if (this.#door.state.kind !== "running") return await this.start();
    const state = await this.#door.restart(drainMs);
    const agents = this.#agents;
    this.#agents = new Agents(this.#ports.network, this.#settings.upstream);
    agents.retire();
    if (state.kind === "running") void this.#catalog.warm();
    return state;
  }

  async stop(drainMs = 5000, by: CutBy = "stop"): Promise<void> {
    const closing = this.#door.stop(drainMs, by);
    const { stops } = this.#door;
    await Promise.all([closing, this.credentials.settled(drainMs)]);
    const again = () => stops !== this.#door.stops || this.#door.state.kind !== "stopped";
    if (!again()) {
      // What is still being counted is estimated: a record must not be lost over it.
      await this.#tokens.close();
      await this.#unrecorded.settled(this.#ports.clock, RECORDS_MS);
    }
    await Promise.all([this.#kept.flush(), this.pool.flush()]);
    // Started again meanwhile: the connections to providers are in use.
    if (again()) return;
    const agents = this.#agents;
    this.#agents = new Agents(this.#ports.network, this.#settings.upstream);
    await Promise.all([agents.close(), this.#media.close(), this.#tokens.close()]);
  }

  async apply(settings: Settings): Promise<ProxyState> {
    const before = this.#settings;
    this.#settings = settings;
    this.#policy = policyOf(settings, this.#options.keyTrouble?.());
    this.#built = this.#buildAccounts();
    this.#resolver.forget();
    this.#catalog.configure(this.#built.accounts, settings.routes);
    this.pool.configure(this.#built.accounts);
    this.#forgetChanged(before.accounts, settings.accounts);
    if (before.upstream.heartbeatMs !== settings.upstream.heartbeatMs) {
      this.#heartbeats = new Heartbeats(this.#ports.clock, settings.upstream.heartbeatMs);
    }
    if (before.upstream.connectTimeoutMs !== settings.upstream.connectTimeoutMs) {
      const old = this.#agents;
      this.#agents = new Agents(this.#ports.network, settings.upstream);
      old.retire();
    }
    await this.#kept.apply(before.responses);
    const moves = before.port !== settings.port || before.allowLanAccess !== settings.allowLanAccess;
    const wasStarting = await this.#door.started();
    if (!wasStarting && this.#door.state.kind === "failed") {
      return moves ? await this.start() : this.#door.state;
    }
    await this.#door.follow();
    if (this.#door.state.kind === "running") void this.#catalog.warm();
    return this.#door.state;
  }

  askAgain(): void {
    for (const { id } of this.#built.accounts) this.#catalog.askAgain(id);
    this.#resolver.forget();
    if (this.#door.state.kind === "running") void this.#catalog.warm();
  }

  mended(account: string): void {
    this.pool.forget(account);
    this.#catalog.askAgain(account);
    this.#resolver.forget();
    if (this.#door.state.kind === "running") void this.#catalog.warm();
  }

  getJson(
    account: Account,
    path: string,
    protocol: Protocol,
    signal?: AbortSignal,
    body?: unknown,
  ): Promise<JsonReply> {
    return getJson(this.#agents, account, path, protocol, signal, body);
  }

  async models(): Promise<readonly OfferedModel[]> {
    const { clock } = this.#ports;
    await new Promise<void>((resolve) => {
      const timer = clock.setTimeout(resolve, LISTS_MS);
      void this.#catalog.warm().finally(() => {
        timer.cancel();
        resolve();
      });
    });
    return this.#catalog.offers();
  }

  async explain(
    model: string,
    protocol: Protocol,
    routes: readonly RouteSettings[] = this.#settings.routes,
  ): Promise<RouteExplanation> {
    await Promise.all([this.pool.load(), this.#catalog.warm()]);
    const explanation = explain(model, protocol, { ...this.#resolver.table(), routes });
    const { scheduler, health } = this.pool;
    const plan = scheduler.plan(explanation.candidates, { protocol, model });
    const facts = { plan, scheduler, health, strategy: this.#settings.scheduling.strategy };
    const chosen = chosenOf(facts)?.candidate;
    return {
      routing: describeExplanation(explanation),
      scheduling: describePlan(facts),
      ...(chosen === undefined
        ? {}
        : { chosen: { account: chosen.account.id, model: chosen.model, protocol: chosen.protocol } }),
    };
  }

  async #fetchJson(account: Account, path: string, protocol: Protocol): Promise<JsonReply> {
    const reply = await this.getJson(account, path, protocol);
    if (reply.status >= 200 && reply.status < 300) return reply;
    throw new PorticoError("upstream", `${account.label} answered ${reply.status}`);
  }

  /** What an account was held back for may be mended by another key or address. */
  #forgetChanged(before: Settings["accounts"], after: Settings["accounts"]): void {
    const reach = ({ provider, credentials, endpoints, proxy }: Settings["accounts"][number]) =>
      JSON.stringify([provider, credentials, endpoints, proxy]);
    const known = new Map(before.map((account) => [account.id, reach(account)]));
    for (const account of after) {
      if (known.get(account.id) !== reach(account)) this.pool.health.forget(account.id);
    }
  }

  #buildAccounts(): ReturnType<typeof buildAccounts> {
    const built = buildAccounts(this.#settings.accounts, {
      secretFor: (id, account) => storedKey(account, this.#options.hasSecret?.(id), this.credentials.tokens),
      secretAfterRefusal: (account, refused) => this.credentials.tokens.keyAfterRefusal(account, refused),
    });
    for (const problem of built.problems) this.#ports.log.warn(problem.message);
    return built;
  }

  #makeContext(): GatewayContext {
    const { clock, log } = this.#ports;
    const agents = () => this.#agents;
    const metrics = new Metrics({
      accounts: () => this.#built.accounts,
      standing: () => this.pool.standing().filter(({ account }) => account !== SANDBOX_ID),
      active: () => this.active,
      now: clock.now,
      recordsDropped: () => this.#options.recordsDropped?.() ?? 0,
    });
    return {
      ports: this.#ports,
      startedAt: clock.now(),
      settings: () => this.#settings,
      policy: () => this.#policy,
      accounts: () => this.#built.accounts,
      candidates: (model, protocol) => this.#resolver.candidates(model, protocol),
      catalog: this.#catalog,
      health: this.pool.health,
      bindings: this.pool.bindings,
      pool: this.pool,
      get agents() {
        return agents();
      },
      heartbeats: () => this.#heartbeats,
      proofs: this.#kept.proofs,
      responses: this.#kept.responses,
      tokens: this.#tokens,
      media: this.#media,
      absentEndpoints: new AbsentEndpoints(),
      models: new ModelKnowledge(),
      sandbox: new Sandbox(clock),
      budget: new BodyBudget(() => this.#settings.limits.bufferedBytes),
      captures: new CaptureRoom(),
      record: (record) => {
        makeVisible(record);
        if (!OWN_PATHS.has(record.path)) log.info(recordLine(record), { request: record.id });
        try {
          // Whoever leads next counts it.
          if (!this.#left) this.pool.record(record);
          metrics.observe(record);
          this.#options.onRecord?.(record);
        } catch (error) {
          log.error(`a request could not be recorded: ${String(error)}`, { request: record.id });
        }
      },
      unrecorded: this.#unrecorded,
      metrics,
      howToAdd:
        this.#options.howToAdd ??
        '"Portico: Add Account…" in VS Code, "portico accounts add" on the command line',
      newId: randomId,
    };
  }
}

/** Asked for every few seconds by whoever watches over us. */
const OWN_PATHS: ReadonlySet<string> = new Set(["/healthz", "/metrics"]);

function policyOf(settings: Settings, keyTrouble: string | undefined): GuardPolicy {
  const { auth, allowLanAccess, allowedOrigins, allowedHosts } = settings;
  const { mode: authMode, apiKey } = auth;
  return { authMode, apiKey, keyTrouble, allowLanAccess, allowedOrigins, allowedHosts };
}
