/** The `Network` port of a window: VS Code's `http.*` settings, and the environment where they are silent. */
import type { WindowNetwork } from "../../control/window.ts";
import type { Network, NetworkSettings } from "../common/ports.ts";
import { networkFromEnvironment } from "../config/network.ts";

type Environment = Parameters<typeof networkFromEnvironment>[0];

export interface WindowNetworkPort extends Network {
  update(window: WindowNetwork): void;
  /** What could not be followed, for the log. */
  readonly warnings: readonly string[];
}

export function windowNetwork(initial: WindowNetwork, env: Environment): WindowNetworkPort {
  let joined = join(initial, env);
  const listeners = new Set<() => void>();
  return {
    current: () => joined.settings,
    get warnings() {
      return joined.warnings;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    update(window) {
      const before = JSON.stringify(joined.settings);
      joined = join(window, env);
      if (JSON.stringify(joined.settings) === before) return;
      for (const listener of listeners) listener();
    },
  };
}

/** As VS Code orders them: its own proxy first, then the environment's; no proxy at all with support off. */
function join(
  window: WindowNetwork,
  env: Environment,
): { settings: NetworkSettings; warnings: readonly string[] } {
  const own = window.proxy === undefined ? {} : { HTTPS_PROXY: window.proxy };
  const exceptions = window.noProxy.length === 0 ? {} : { NO_PROXY: window.noProxy.join(",") };
  // VS Code's own values replace the variables in both their spellings.
  const merged = { ...without(env, Object.keys({ ...own, ...exceptions })), ...own, ...exceptions };
  const { network, warnings } = networkFromEnvironment(merged);
  const { proxy, proxyAuthorization, unproxied, noProxy, strictTls } = network.current();
  const authorization = window.proxyAuthorization ?? proxyAuthorization;
  const settings: NetworkSettings = {
    noProxy,
    strictTls: strictTls && window.strictTls,
    systemCertificates: window.systemCertificates,
    ...(!window.proxySupport
      ? { unproxied: "none" as const }
      : proxy === undefined
        ? scriptOf(unproxied, window)
        : { proxy, ...(authorization === undefined ? {} : { proxyAuthorization: authorization }) }),
  };
  return { settings, warnings };
}

/** A script is named as the person knows it. */
function scriptOf(
  unproxied: NetworkSettings["unproxied"],
  { proxy }: WindowNetwork,
): Pick<NetworkSettings, "unproxied"> {
  if (unproxied === undefined || unproxied === "none") return {};
  const own = proxy !== undefined && /^https_proxy$/i.test(unproxied.script);
  return { unproxied: own ? { script: '"http.proxy"' } : unproxied };
}

function without(env: Environment, names: string[]): Environment {
  const gone = new Set(names.flatMap((name) => [name, name.toLowerCase()]));
  return Object.fromEntries(Object.entries(env).filter(([name]) => !gone.has(name)));
}
