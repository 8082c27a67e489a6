/** The data port: opened and closed by a person, moved by the settings, never in the midst of a request. */
import type { ProxyState } from "../../control/contract.ts";
import { type CutBy, cutError } from "../common/cut.ts";
import type { Clock, Log } from "../common/ports.ts";
import { serialQueue } from "../common/serialQueue.ts";
import type { Settings } from "../settings/settings.ts";
import type { GuardPolicy } from "./guard/guard.ts";
import { type HttpListener, type ListenOptions, listen } from "./listener.ts";

export interface ProxyListenerOptions
  extends Pick<ListenOptions, "onRequest" | "onUpgrade" | "newRequestId"> {
  readonly clock: Clock;
  readonly log: Log;
  /** Listen on exactly this address. */
  readonly host: string | undefined;
  readonly settings: () => Settings;
  readonly policy: () => GuardPolicy;
}

/** Milliseconds that requests in flight get when a listener is replaced. */
const REPLACED_DRAIN_MS = 10 * 60_000;

export class ProxyListener {
  readonly #options: ProxyListenerOptions;
  readonly #listeners = new Set<(state: ProxyState) => void>();
  /** Listeners that were replaced and still have requests in flight. */
  readonly #leaving = new Set<HttpListener>();
  #listener: HttpListener | undefined;
  /** What the open listener was asked for. */
  #openedFor: Pick<Settings, "port" | "allowLanAccess"> | undefined;
  #stops = 0;
  #starting: Promise<ProxyState> | undefined;
  /** One listener is opened at a time. */
  readonly #inTurn = serialQueue();
  #state: ProxyState = { kind: "stopped" };

  constructor(options: ProxyListenerOptions) {
    this.#options = options;
  }

  get state(): ProxyState {
    return this.#state;
  }

  /** Counts stops: what began before one must not open a port behind it. */
  get stops(): number {
    return this.#stops;
  }

  /** Requests in flight. */
  get active(): number {
    let active = this.#listener?.active ?? 0;
    for (const listener of this.#leaving) active += listener.active;
    return active;
  }

  onState(listener: (state: ProxyState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @param prepare what has to be there before the first request; must not reject */
  async start(prepare: () => Promise<void>): Promise<ProxyState> {
    if (this.#starting === undefined) {
      const starting = this.#start(prepare).finally(() => {
        if (this.#starting === starting) this.#starting = undefined;
      });
      this.#starting = starting;
    }
    return await this.#starting;
  }

  /** Waits for a start that is under way. @returns whether one was */
  async started(): Promise<boolean> {
    if (this.#starting === undefined) return false;
    await this.#starting;
    return true;
  }

  /**
   * New requests are refused when this returns; resolves when those in flight are over, or were cut.
   * @param by what those that are cut are told
   */
  async stop(drainMs: number, by: CutBy = "stop"): Promise<void> {
    this.#stops++;
    this.#starting = undefined;
    // A second stop, with less patience, has to find it.
    if (this.#listener !== undefined) this.#leaving.add(this.#listener);
    this.#listener = undefined;
    this.#openedFor = undefined;
    const until = this.#options.clock.now() + drainMs;
    this.#set(this.active === 0 ? { kind: "stopped" } : { kind: "stopped", stopping: { until } });
    await Promise.all([...this.#leaving].map((each) => this.#close(each, drainMs, by)));
    if (this.#state.kind === "stopped" && this.#state.stopping !== undefined && this.active === 0) {
      this.#set({ kind: "stopped" });
    }
  }

  /** Opens the port anew: new requests are answered while those of before still end. */
  restart(drainMs: number): Promise<ProxyState> {
    return this.#inTurn(async () => {
      const old = this.#listener;
      if (old === undefined) return this.#state;
      this.#leave(old, drainMs, "restart");
      this.#listener = undefined;
      const { port } = this.#options.settings();
      // A port that the system chose is kept.
      const opened = await this.#open(this.#stops, port === 0 ? old.port : port);
      if (opened === undefined) return this.#state;
      if (opened.kind !== "running") this.#openedFor = undefined;
      this.#set(opened);
      return opened;
    });
  }

  /**
   * Opens the port that the settings ask for, where that is another: the new door first, where both
   * fit; the old one stays open until its requests are over.
   */
  follow(): Promise<void> {
    return this.#inTurn(async () => {
      const old = this.#listener;
      const from = this.#openedFor;
      const { port, allowLanAccess } = this.#options.settings();
      if (old === undefined || from === undefined) return;
      if (from.port === port && from.allowLanAccess === allowLanAccess) return;
      const samePort = from.port === port;
      if (samePort) {
        this.#leave(old, REPLACED_DRAIN_MS, "moved");
        this.#listener = undefined;
      }
      // A port that the system chose is kept as well.
      const opened = await this.#open(this.#stops, samePort ? old.port : port);
      if (opened === undefined) return;
      if (opened.kind === "running" && !samePort) this.#leave(old, REPLACED_DRAIN_MS, "moved");
      if (opened.kind !== "running") {
        if (!samePort) {
          // The old door still works: say what failed, keep serving.
          this.#options.log.error(
            opened.kind === "failed" ? opened.message : "the new port could not be opened",
          );
          return;
        }
        this.#openedFor = undefined;
      }
      this.#set(opened);
    });
  }

  async #start(prepare: () => Promise<void>): Promise<ProxyState> {
    const stops = this.#stops;
    this.#set({ kind: "starting", port: this.#options.settings().port });
    await prepare();
    const opened = await this.#inTurn(() => this.#open(stops, this.#options.settings().port));
    // Stopped meanwhile.
    if (opened === undefined) return this.#state;
    this.#set(opened);
    // Settings may have changed while the port was opened.
    await this.follow();
    return this.#state;
  }

  /** @returns `undefined` where it was stopped since `stops` was read */
  async #open(stops: number, port: number): Promise<ProxyState | undefined> {
    if (stops !== this.#stops) return undefined;
    const { clock, log, policy, onRequest, onUpgrade, newRequestId } = this.#options;
    const { allowLanAccess, limits } = this.#options.settings();
    const asked = { port: this.#options.settings().port, allowLanAccess };
    const result = await listen({
      port,
      host: this.#options.host,
      allowLanAccess,
      maxConnections: limits.connections,
      policy,
      onRequest,
      onUpgrade,
      log,
      bodyBytes: () => this.#options.settings().limits.bodyBytes,
      clock,
      newRequestId,
    });
    if (!result.ok) {
      const { ok: _, ...failure } = result;
      return { kind: "failed", port, ...failure };
    }
    if (stops !== this.#stops) {
      await result.listener.close(0);
      return undefined;
    }
    this.#listener = result.listener;
    this.#openedFor = asked;
    const host = this.#options.host ?? "127.0.0.1";
    const baseUrl = `http://${host.includes(":") ? `[${host}]` : host}:${result.listener.port}`;
    return { kind: "running", host, port: result.listener.port, baseUrl, since: clock.now() };
  }

  #leave(listener: HttpListener, drainMs: number, by: CutBy): void {
    this.#leaving.add(listener);
    void this.#close(listener, drainMs, by);
  }

  async #close(listener: HttpListener, drainMs: number, by: CutBy): Promise<void> {
    await listener.close(drainMs, cutError(by));
    this.#leaving.delete(listener);
  }

  #set(state: ProxyState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}
