/** Our own undici agents: never the global dispatcher, which VS Code and others may replace. */
import { isIP } from "node:net";
import tls from "node:tls";
import { Agent, buildConnector, type Dispatcher, Pool, ProxyAgent } from "undici";
import type { Network, NetworkSettings } from "../common/ports.ts";
import { withoutContinue } from "./interim.ts";
import { isSocks, socksConnector } from "./socks.ts";

/** Edges close idle connections after about 30 s; ours are closed before that. Milliseconds. */
const IDLE_MS = 20_000;
const IDLE_MAX_MS = 24_000;
/** Connections to one origin; each carries one request at a time. */
const CONNECTIONS_PER_ORIGIN = 1024;

/** Errors of sockets that had already carried a reply: the server closed it while it was idle. */
const onReusedSocket = new WeakSet<Error>();

/** Had the socket of this error carried a reply before, to this request or an earlier one? */
export function hadBytes(error: Error): boolean {
  if (onReusedSocket.has(error)) return true;
  // undici's SocketError ("other side closed") brings the socket's counters along.
  const socket: unknown = Reflect.get(error, "socket");
  const bytesRead: unknown =
    typeof socket === "object" && socket !== null ? Reflect.get(socket, "bytesRead") : undefined;
  return typeof bytesRead === "number" && bytesRead > 0;
}

export interface AgentOptions {
  readonly connectTimeoutMs: number;
}

/** Is this a loopback host (which is never proxied)? Takes a URL's `hostname`. */
export function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  return (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    host === "::1" ||
    (isIP(host) === 4 && host.startsWith("127."))
  );
}

/** Does a `NO_PROXY` style list name this URL? `*`, `host`, `.suffix`, `*.suffix`, each with an optional port. */
export function bypassesProxy(url: URL, noProxy: readonly string[]): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return noProxy.some((entry) => {
    const wanted = entry.trim().toLowerCase();
    if (wanted === "") return false;
    if (wanted === "*") return true;
    const withPort = /^(.*[^:]):(\d+)$/.exec(wanted);
    const name = (withPort?.[1] ?? wanted).replace(/^\[|\]$/g, "").replace(/^\*?\./, "");
    if (withPort !== null && withPort[2] !== port) return false;
    return host === name || host.endsWith(`.${name}`);
  });
}

/** Agents by proxy, built when first needed and again when the network settings change. */
export class Agents {
  readonly #network: Network;
  readonly #options: AgentOptions;
  readonly #unsubscribe: () => void;
  #pools = new Map<string, Dispatcher>();

  constructor(network: Network, options: AgentOptions) {
    this.#network = network;
    this.#options = options;
    this.#unsubscribe = network.onChange(() => this.#renew());
  }

  /**
   * @param accountProxy proxy of the account; `""`: direct, whatever the network says
   * @param fresh a connection that carried nothing before and is closed afterwards
   */
  for(url: URL, accountProxy?: string, fresh = false): Dispatcher {
    const settings = this.#network.current();
    const proxy = this.#proxyFor(url, settings, accountProxy);
    const key = `${fresh ? "fresh" : "kept"} ${proxy ?? ""}`;
    const known = this.#pools.get(key);
    if (known !== undefined) return known;
    const made = this.#make(settings, proxy, accountProxy, fresh);
    this.#pools.set(key, made);
    return made;
  }

  /** No further requests; those under way end in peace. */
  retire(): void {
    this.#unsubscribe();
    this.#renew();
  }

  /** Cuts what is under way. */
  async close(): Promise<void> {
    this.#unsubscribe();
    const pools = [...this.#pools.values()];
    this.#pools = new Map();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #proxyFor(url: URL, settings: NetworkSettings, accountProxy: string | undefined): string | undefined {
    if (isLoopback(url.hostname)) return undefined;
    if (accountProxy !== undefined) return accountProxy === "" ? undefined : accountProxy;
    if (settings.proxy === undefined || bypassesProxy(url, settings.noProxy)) return undefined;
    return settings.proxy;
  }

  /** Requests under way end on the old agents, which then close by themselves. */
  #renew(): void {
    const old = [...this.#pools.values()];
    this.#pools = new Map();
    for (const pool of old) void pool.close();
  }

  #make(
    settings: NetworkSettings,
    proxy: string | undefined,
    accountProxy: string | undefined,
    fresh: boolean,
  ): Dispatcher {
    const trust = {
      rejectUnauthorized: settings.strictTls,
      ...(settings.systemCertificates ? { ca: certificates() } : {}),
    };
    const options = {
      connections: CONNECTIONS_PER_ORIGIN,
      // 0 closes the connection after its one request.
      pipelining: fresh ? 0 : 1,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MAX_MS,
      connectTimeout: this.#options.connectTimeoutMs,
    };
    const { connectTimeoutMs } = this.#options;
    if (proxy === undefined) {
      return new Agent({
        ...options,
        connect: watched(buildConnector({ ...trust, timeout: connectTimeoutMs })),
      });
    }
    const ownToken = accountProxy === undefined ? settings.proxyAuthorization : undefined;
    if (isSocks(proxy)) {
      const connect = socksConnector({ proxy, authorization: ownToken, connectTimeoutMs, trust });
      return new Agent({ ...options, connect: watched(connect) });
    }
    return new ProxyAgent({
      ...options,
      uri: proxy,
      requestTls: trust,
      proxyTls: trust,
      factory: (origin, given: Pool.Options & { connect: buildConnector.connector }) =>
        new Pool(origin, { ...options, ...given, connect: watched(given.connect) }),
      ...(ownToken === undefined ? {} : { token: ownToken }),
    });
  }
}

/** A connector with an ear on socket errors, whose sockets pass over interim answers. */
function watched(connect: buildConnector.connector): buildConnector.connector {
  return (target, callback) =>
    connect(target, (...result) => {
      const [error, socket] = result;
      if (error === null) {
        withoutContinue(socket);
        socket.prependListener("error", (failure) => {
          if (socket.bytesRead > 0) onReusedSocket.add(failure);
        });
      }
      callback(...result);
    });
}

let cachedCertificates: string[] | undefined;

/** Node's own and the operating system's; reading the system's takes a moment, so once. */
function certificates(): string[] {
  if (cachedCertificates === undefined) {
    // Node 22 before 22.15 cannot read the system's.
    const read = (tls as Partial<Pick<typeof tls, "getCACertificates">>).getCACertificates;
    cachedCertificates =
      read === undefined ? [...tls.rootCertificates] : [...new Set([...read("default"), ...read("system")])];
  }
  return cachedCertificates;
}
