/** How the proxy fares, read from a Portico that may know more states. Pure. */
import type { ProxyState } from "./contract.ts";

const KINDS: { readonly [K in Exclude<ProxyState["kind"], "unknown">]: true } = {
  stopped: true,
  starting: true,
  running: true,
  failed: true,
};

/** As it came, or as `unknown` with its word. */
export function readProxyState(proxy: ProxyState): ProxyState {
  const { kind } = proxy;
  return kind === "unknown" || Object.hasOwn(KINDS, kind) ? proxy : { kind: "unknown", word: String(kind) };
}
