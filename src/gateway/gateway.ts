/** Puts the gateway together: settings and ports in, a thing that starts and stops out. */
import type { Problem, ProxyState } from "../control/contract.ts";
import type { Account } from "./accounts/account.ts";
import { buildAccounts } from "./accounts/accounts.ts";
import { Bindings } from "./accounts/bindings.ts";
import { AccountHealth } from "./accounts/health.ts";
import { PorticoError } from "./errors.ts";
import { createApp, randomId } from "./http/app.ts";
import { BodyBudget } from "./http/body.ts";
import type { GatewayContext } from "./http/context.ts";
import type { GuardPolicy } from "./http/guard.ts";
import { type HttpListener, listen } from "./http/server.ts";
import type { Ports } from "./ports.ts";
import type { Protocol } from "./protocols/protocol.ts";
import { type RequestRecord, recordLine } from "./records/record.ts";
import { Catalog } from "./routing/catalog.ts";
import { resolve } from "./routing/route.ts";
import type { Candidate } from "./routing/target.ts";
import { Sandbox } from "./sandbox/run.ts";
import type { Settings } from "./settings.ts";
import { Agents } from "./upstream/agents.ts";
import { getJson, type JsonReply } from "./upstream/fetchJson.ts";
import { Heartbeats } from "./upstream/heartbeats.ts";

export interface Gateway {
  readonly state: ProxyState;
  /** Requests in flight. */
  readonly active: number;
  /** What a person has to mend in the accounts. */
  readonly problems: readonly Problem[];
  /** No account of the person's own: only the sandbox answers. */
  readonly sandboxOnly: boolean;
  readonly accounts: readonly Account[];
  /** Opens the data port. Resolves with `running` or `failed`; does not throw for a taken port. */
  start(): Promise<ProxyState>;
  /** Refuses new requests, lets those in flight end for up to `drainMs`, then cuts them. */
  stop(drainMs?: number): Promise<void>;
  /**
   * New settings, without dropping a request. Accounts and routes apply to the next request; a
   * change of port or LAN access opens the new listener before the old one closes.
   */
  apply(settings: Settings): Promise<ProxyState>;
  onState(listener: (state: ProxyState) => void): () => void;
  /** A small request of our own to an account, kept or not: for checks and lists. */
  getJson(account: Account, path: string, protocol: Protocol, signal?: AbortSignal): Promise<JsonReply>;
}

export interface GatewayOptions {
  /** Listen on exactly this address. */
  readonly host?: string;
  /** Gets every finished request. */
  readonly onRecord?: (record: RequestRecord) => void;
}

/** Milliseconds that requests in flight get when a listener is replaced. */
const REPLACED_DRAIN_MS = 10 * 60_000;
/** Resolved names that are remembered until something changes. */
const RESOLVED_NAMES = 500;

/** Secrets of accounts in the `SecretStore`. */
export function accountSecretKey(id: string): string {
  return `account.${id}.apiKey`;
}

export function createGateway(initial: Settings, ports: Ports, options: GatewayOptions = {}): Gateway {
  return new GatewayParts(initial, ports, options);
}

class GatewayParts implements Gateway {
  readonly #ports: Ports;
  readonly #options: GatewayOptions;
  readonly #listeners = new Set<(state: ProxyState) => void>();
  readonly #catalog: Catalog;
  readonly #context: GatewayContext;
  readonly #app: ReturnType<ReturnType<typeof createApp>["callback"]>;
  /** Listeners that were replaced and still have requests in flight. */
  readonly #leaving = new Set<HttpListener>();
  #settings: Settings;
  #policy: GuardPolicy;
  #agents: Agents;
  #heartbeats: Heartbeats;
  #built: ReturnType<typeof buildAccounts>;
  #resolved = new Map<string, readonly Candidate[]>();
  #resolvedAt = 0;
  #listener: HttpListener | undefined;
  #state: ProxyState = { kind: "stopped" };

  constructor(settings: Settings, ports: Ports, options: GatewayOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#settings = settings;
    this.#policy = policyOf(settings);
    this.#agents = new Agents(ports.network, settings.upstream);
    this.#heartbeats = new Heartbeats(ports.clock, settings.upstream.heartbeatMs);
    this.#built = this.#buildAccounts();
    this.#catalog = new Catalog({
      clock: ports.clock,
      log: ports.log,
      fetchJson: async (account, path, protocol) => {
        const reply = await this.getJson(account, path, protocol);
        if (reply.status >= 200 && reply.status < 300) return reply.body;
        throw new PorticoError("upstream", `${account.label} answered ${reply.status}`);
      },
    });
    this.#catalog.configure(this.#built.accounts, settings.routes);
    this.#context = this.#makeContext();
    this.#app = createApp(this.#context).callback();
  }

  get state(): ProxyState {
    return this.#state;
  }

  get active(): number {
    let active = this.#listener?.active ?? 0;
    for (const listener of this.#leaving) active += listener.active;
    return active;
  }

  get problems(): readonly Problem[] {
    return this.#built.problems;
  }

  get sandboxOnly(): boolean {
    return this.#built.sandboxOnly;
  }

  get accounts(): readonly Account[] {
    return this.#built.accounts;
  }

  onState(listener: (state: ProxyState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async start(): Promise<ProxyState> {
    if (this.#state.kind === "running" || this.#state.kind === "starting") return this.#state;
    this.#set({ kind: "starting", port: this.#settings.port });
    const opened = await this.#open(this.#settings);
    this.#set(opened);
    if (opened.kind === "running") void this.#catalog.warm();
    return opened;
  }

  async stop(drainMs = 5000): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    this.#set({ kind: "stopped" });
    await Promise.all([listener?.close(drainMs), ...[...this.#leaving].map((each) => each.close(drainMs))]);
    await this.#agents.close();
    this.#agents = new Agents(this.#ports.network, this.#settings.upstream);
  }

  async apply(settings: Settings): Promise<ProxyState> {
    const before = this.#settings;
    this.#settings = settings;
    this.#policy = policyOf(settings);
    this.#built = this.#buildAccounts();
    this.#resolved.clear();
    this.#catalog.configure(this.#built.accounts, settings.routes);
    if (before.upstream.heartbeatMs !== settings.upstream.heartbeatMs) {
      this.#heartbeats = new Heartbeats(this.#ports.clock, settings.upstream.heartbeatMs);
    }
    if (before.upstream.connectTimeoutMs !== settings.upstream.connectTimeoutMs) {
      const old = this.#agents;
      this.#agents = new Agents(this.#ports.network, settings.upstream);
      old.retire();
    }
    const moves = before.port !== settings.port || before.allowLanAccess !== settings.allowLanAccess;
    if (moves && this.#state.kind === "running") await this.#move(settings, before);
    else if (this.#state.kind === "failed") return this.#state;
    if (this.#state.kind === "running") void this.#catalog.warm();
    return this.#state;
  }

  getJson(account: Account, path: string, protocol: Protocol, signal?: AbortSignal): Promise<JsonReply> {
    return getJson(this.#agents, account, path, protocol, signal);
  }

  /** The new door first, where both fit; the old one stays open until its requests are over. */
  async #move(settings: Settings, before: Settings): Promise<void> {
    const old = this.#listener;
    const samePort = before.port === settings.port;
    if (old !== undefined && samePort) this.#leave(old);
    const opened = await this.#open(settings);
    if (opened.kind === "running" && old !== undefined && !samePort) this.#leave(old);
    if (opened.kind !== "running" && !samePort) {
      // The old door still works: say what failed, keep serving.
      this.#ports.log.error(opened.kind === "failed" ? opened.message : "the new port could not be opened");
      this.#settings = { ...settings, port: before.port, allowLanAccess: before.allowLanAccess };
      return;
    }
    this.#set(opened);
  }

  #leave(listener: HttpListener): void {
    this.#leaving.add(listener);
    void listener.close(REPLACED_DRAIN_MS).finally(() => this.#leaving.delete(listener));
  }

  async #open(settings: Settings): Promise<ProxyState> {
    const result = await listen({
      port: settings.port,
      host: this.#options.host,
      allowLanAccess: settings.allowLanAccess,
      maxConnections: settings.limits.connections,
      policy: () => this.#policy,
      onRequest: this.#app,
      log: this.#ports.log,
      bodyBytes: () => this.#settings.limits.bodyBytes,
      clock: this.#ports.clock,
      newRequestId: () => `req_${randomId()}`,
    });
    if (!result.ok) {
      const { reason, message, holder } = result;
      return {
        kind: "failed",
        port: settings.port,
        reason,
        message,
        ...(holder === undefined ? {} : { holder }),
      };
    }
    this.#listener = result.listener;
    const { port } = result.listener;
    const host = this.#options.host ?? "127.0.0.1";
    const baseUrl = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
    return { kind: "running", host, port, baseUrl, since: this.#ports.clock.now() };
  }

  #set(state: ProxyState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }

  #buildAccounts(): ReturnType<typeof buildAccounts> {
    const built = buildAccounts(this.#settings.accounts, {
      secretFor: (id) => this.#ports.secrets.get(accountSecretKey(id)),
    });
    for (const problem of built.problems) this.#ports.log.warn(problem.message);
    return built;
  }

  /** Routing is pure, so its answers hold until the accounts or their lists change. */
  #candidates(model: string, protocol: Protocol): readonly Candidate[] {
    const now = this.#ports.clock.now();
    if (now - this.#resolvedAt > 1000 || this.#resolved.size > RESOLVED_NAMES) {
      this.#resolved.clear();
      this.#resolvedAt = now;
    }
    const key = `${protocol} ${model}`;
    const known = this.#resolved.get(key);
    if (known !== undefined) return known;
    const found = resolve(model, protocol, {
      routes: this.#settings.routes,
      accounts: this.#built.accounts,
      serves: (account, name) => this.#catalog.serves(account, name),
    });
    this.#resolved.set(key, found);
    return found;
  }

  #makeContext(): GatewayContext {
    const { clock, random, log } = this.#ports;
    const agents = () => this.#agents;
    return {
      ports: this.#ports,
      startedAt: clock.now(),
      settings: () => this.#settings,
      policy: () => this.#policy,
      accounts: () => this.#built.accounts,
      candidates: (model, protocol) => this.#candidates(model, protocol),
      catalog: this.#catalog,
      health: new AccountHealth({ clock, random }),
      bindings: new Bindings(),
      get agents() {
        return agents();
      },
      heartbeats: () => this.#heartbeats,
      sandbox: new Sandbox(clock),
      budget: new BodyBudget(() => this.#settings.limits.bufferedBytes),
      record: (record) => {
        if (record.path !== "/healthz") log.info(recordLine(record), { request: record.id });
        this.#options.onRecord?.(record);
      },
      newId: randomId,
    };
  }
}

function policyOf({ auth, allowLanAccess, allowedOrigins, allowedHosts }: Settings): GuardPolicy {
  return { authMode: auth.mode, apiKey: auth.apiKey, allowLanAccess, allowedOrigins, allowedHosts };
}
