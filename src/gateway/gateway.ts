/** Puts the gateway together: settings and ports in, a thing that starts and stops out. */
import { SIGN_IN_TWICE } from "../control/attention.ts";
import type { Problem, ProxyState } from "../control/contract.ts";
import { DEFAULT_PROTOCOL, type Protocol } from "../control/protocol.ts";
import { buildAccounts } from "./accounts/accounts.ts";
import { isBudgetProblem } from "./accounts/budgets/budgets.ts";
import { type Credentials, createCredentials } from "./accounts/credentials/credentials.ts";
import { identityOf, signInOf } from "./accounts/credentials/identity.ts";
import { storedKey } from "./accounts/credentials/storedKey.ts";
import type { AccountTokens } from "./accounts/credentials/tokens.ts";
import { LateStates } from "./accounts/lateState.ts";
import { AccountPool } from "./accounts/pool.ts";
import type { CutBy } from "./common/cut.ts";
import { PorticoError } from "./common/errors.ts";
import type { Ports } from "./common/ports.ts";
import { randomId } from "./common/randomId.ts";
import { within } from "./common/sleep.ts";
import type { Gateway, GatewayOptions } from "./gatewayTypes.ts";
import { Metrics } from "./metrics/metrics.ts";
import { ModelKnowledge } from "./models/knowledge.ts";
import type { Account } from "./providers/account.ts";
import type { Handed, LateState } from "./records/handed.ts";
import { TokenCounter } from "./records/tokens.ts";
import { Unrecorded } from "./records/unrecorded.ts";
import { createApp } from "./requests/app.ts";
import { AbsentEndpoints } from "./requests/attempts/absentEndpoints.ts";
import { MediaFetcher } from "./requests/attempts/fetchMedia.ts";
import { RefusedReasoning } from "./requests/attempts/refusedReasoning.ts";
import { CaptureRoom } from "./requests/capture.ts";
import type { GatewayContext } from "./requests/context.ts";
import { explainRoute, type RouteExplanation } from "./requests/explainRoute.ts";
import { createRecorder, takeHanded } from "./requests/recorder.ts";
import { responsesSocket } from "./requests/responsesSocket.ts";
import type { Candidate } from "./routing/candidate.ts";
import { Catalog, type OfferedModel } from "./routing/catalog.ts";
import { Resolver } from "./routing/resolver.ts";
import { SANDBOX_ID } from "./sandbox/models.ts";
import { Sandbox } from "./sandbox/run.ts";
import { BodyBudget } from "./server/body/read.ts";
import type { GuardPolicy } from "./server/guard/guard.ts";
import { policyOf } from "./server/guard/policy.ts";
import { ProxyListener } from "./server/proxyListener.ts";
import type { AccountSettings, RouteSettings, Settings } from "./settings/settings.ts";
import { ConversationState } from "./state/conversationState.ts";
import { Traces } from "./telemetry/traces.ts";
import { getJson, type JsonReply } from "./upstream/fetchJson.ts";
import { Transport } from "./upstream/transport.ts";

export type { Gateway, GatewayOptions } from "./gatewayTypes.ts";

/** Milliseconds that a list of all models waits for the providers' own lists. */
const LISTS_MS = 4000;
/** Milliseconds that the end waits for the last records. */
const RECORDS_MS = 10_000;
/** Milliseconds that the end waits for the last spans, where somebody has the time and where nobody has. */
const SPANS_MS = 3000;
/** Milliseconds that a start waits until traces can be sent. */
const TRACES_MS = 1000;
const HURRIED_MS = 500;
const NO_SECRETS: readonly string[] = [];

export function createGateway(initial: Settings, ports: Ports, options: GatewayOptions = {}): Gateway {
  return new GatewayParts(initial, ports, options);
}

class GatewayParts implements Gateway {
  readonly #ports: Ports;
  readonly #options: GatewayOptions;
  readonly #transport: Transport;
  readonly #catalog: Catalog;
  readonly pool: AccountPool;
  readonly credentials: Credentials;
  readonly #context: GatewayContext;
  readonly #kept: ConversationState;
  readonly #tokens: TokenCounter;
  readonly #traces: Traces;
  readonly #media = new MediaFetcher();
  readonly #unrecorded = new Unrecorded();
  readonly #door: ProxyListener;
  readonly #resolver: Resolver;
  #left = false;
  readonly #late = new LateStates();
  #settings: Settings;
  #policy: GuardPolicy;
  #built: ReturnType<typeof buildAccounts>;

  constructor(settings: Settings, ports: Ports, options: GatewayOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#settings = settings;
    this.#policy = policyOf(settings, options.keyFailure?.(), ports.clock.now);
    this.#transport = new Transport(ports, settings.upstream);
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
      shared: options.shared,
      identity: ({ id }) => this.#written(id, identityOf),
      signIn: ({ id }) => this.#written(id, signInOf),
      fetchJson: (...request) => this.#fetchJson(...request),
    });
    this.pool.configure(this.#built.accounts);
    this.credentials.tokens.onRotation(() => this.pool.configure(this.#built.accounts));
    const { clock } = ports;
    this.#kept = new ConversationState({
      signatures: options.signatures,
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
    this.#traces = new Traces({
      ports,
      dispatcher: (url) => this.#transport.agents.for(url),
      accounts: () => this.#built.accounts,
      secrets: options.secrets ?? (() => NO_SECRETS),
    });
    this.#context = this.#makeContext();
    this.#door = new ProxyListener({
      clock,
      log: ports.log,
      host: options.host,
      settings: () => this.#settings,
      policy: () => this.#policy,
      onRequest: createApp(this.#context),
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
    const ends = found.filter((each) => !isBudgetProblem(each) && each.cause !== SIGN_IN_TWICE);
    const named = new Set(ends.map(({ account }) => account));
    const ended = this.credentials.tokens.problems().filter(({ account }) => !named.has(account));
    return [...found, ...ended];
  }

  get sandboxOnly(): boolean {
    return this.#built.sandboxOnly;
  }

  get traces(): Traces {
    return this.#traces;
  }

  get accounts(): readonly Account[] {
    return this.#built.accounts;
  }

  onState(listener: (state: ProxyState) => void): () => void {
    const ends = [this.#door.onState(listener), this.pool.shared.onChange(() => listener(this.#door.state))];
    return () => {
      for (const end of ends) end();
    };
  }

  async start(): Promise<ProxyState> {
    if (this.#door.state.kind === "running") return this.#door.state;
    const state = await this.#door.start(() => this.load());
    if (state.kind === "running") void this.#catalog.warm();
    return state;
  }

  async load(): Promise<void> {
    await Promise.all([this.#kept.load(), this.pool.load(), this.#useTraces()]);
  }

  async leave(withinMs: number): Promise<void> {
    const { tokens, settled } = this.credentials;
    this.#left = true;
    this.#late.begin(this.pool.bindings, this.#kept.signatures);
    tokens.leave();
    await Promise.all([settled(withinMs), this.#kept.flush(), this.pool.flush()]);
  }

  take(handed: readonly Handed[], held: unknown): void {
    if (this.#left) throw new PorticoError("unavailable", "This Portico is ending as well.");
    const { metrics } = this.#context;
    const { signatures } = this.#kept;
    takeHanded(handed, { pool: this.pool, signatures, metrics, onRecord: this.#options.onRecord });
    this.pool.health.merge(held, new Set(this.#built.accounts.map(({ id }) => id)));
  }

  late(): LateState | undefined {
    return this.#late.take();
  }

  async restart(drainMs: number): Promise<ProxyState> {
    if (this.#door.state.kind !== "running") return await this.start();
    const state = await this.#door.restart(drainMs);
    this.#transport.renew().retire();
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
      await this.#traces.flush(by === "leave-vscode" || drainMs === 0 ? HURRIED_MS : SPANS_MS);
    }
    await Promise.all([this.#kept.flush(), this.pool.flush()]);
    // Started again meanwhile: the connections to providers are in use.
    if (again()) return;
    await Promise.all([this.#transport.renew().close(), this.#media.close(), this.#tokens.close()]);
  }

  async apply(settings: Settings): Promise<ProxyState> {
    const before = this.#settings;
    this.#settings = settings;
    this.#policy = policyOf(settings, this.#options.keyFailure?.(), this.#ports.clock.now);
    this.#built = this.#buildAccounts();
    this.#resolver.forget();
    this.#catalog.configure(this.#built.accounts, settings.routes);
    this.pool.configure(this.#built.accounts);
    this.pool.forgetChanged(before.accounts, settings.accounts);
    this.#transport.configure(settings.upstream);
    await this.#kept.apply(before.responses);
    await this.#useTraces();
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
    return getJson(this.#transport.agents, account, path, protocol, signal, body);
  }

  async models(): Promise<readonly OfferedModel[]> {
    await within(LISTS_MS, this.#ports.clock, this.#catalog.warm());
    return this.#catalog.offers();
  }

  unanswered(models: readonly string[]): string[] {
    return models.filter((asked) => {
      const candidates = this.#resolver.candidates(asked, DEFAULT_PROTOCOL);
      const held = ({ account: { id }, model }: Candidate) =>
        this.pool.health.state(id).some((each) => each.model === undefined || each.model === model);
      return candidates.length > 0 && candidates.every(held);
    });
  }

  async explain(
    model: string,
    protocol: Protocol,
    routes: readonly RouteSettings[] = this.#settings.routes,
  ): Promise<RouteExplanation> {
    await Promise.all([this.pool.load(), this.#catalog.warm()]);
    const table = { ...this.#resolver.table(), routes };
    return explainRoute(model, protocol, table, this.pool, this.#settings.scheduling);
  }

  /** A keyring that hangs keeps requests waiting no longer than that. */
  #useTraces(): Promise<void> {
    return within(TRACES_MS, this.#ports.clock, this.#traces.use(this.#settings.telemetry));
  }

  async #fetchJson(account: Account, path: string, protocol: Protocol): Promise<JsonReply> {
    const reply = await this.getJson(account, path, protocol);
    if (reply.status >= 200 && reply.status < 300) return reply;
    throw new PorticoError("upstream", `${account.label} answered ${reply.status}`);
  }

  /** What the settings of an account and its stored credential tell. */
  async #written<T>(
    id: string,
    read: (account: AccountSettings, tokens: AccountTokens) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const written = this.#settings.accounts.find((account) => account.id === id);
    return written && (await read(written, this.credentials.tokens));
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
    const transport = this.#transport;
    const metrics = new Metrics({
      accounts: () => this.#built.accounts,
      standing: () => this.pool.standing().filter(({ account }) => account !== SANDBOX_ID),
      active: () => this.active,
      now: clock.now,
      spans: () => this.#traces.counts,
      recordsDropped: () => this.#options.recordsDropped?.() ?? 0,
      poolJoined: () => this.pool.shared.standing && this.pool.shared.standing.state === "joined",
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
        return transport.agents;
      },
      heartbeats: () => transport.heartbeats,
      signatures: this.#kept.signatures,
      responses: this.#kept.responses,
      tokens: this.#tokens,
      media: this.#media,
      absentEndpoints: new AbsentEndpoints(),
      models: new ModelKnowledge(),
      refusedReasoning: new RefusedReasoning(),
      sandbox: new Sandbox(clock),
      budget: new BodyBudget(() => this.#settings.limits.bufferedBytes),
      captures: new CaptureRoom(),
      record: createRecorder({
        log,
        level: this.#options.accessLog ?? "info",
        pool: this.pool,
        metrics,
        traces: this.#traces,
        left: () => this.#left,
        onRecord: this.#options.onRecord,
      }),
      unrecorded: this.#unrecorded,
      metrics,
      traces: this.#traces,
      howToAdd:
        this.#options.howToAdd ??
        '"Portico: Add Account…" in VS Code, "portico accounts add" on the command line',
      newId: randomId,
    };
  }
}
