/** Providers by their ids. */
import type { ProviderView } from "../../control/contract.ts";
import { PROTOCOLS } from "../../control/protocol.ts";
import { PROVIDER_IDS, type ProviderId } from "./ids.ts";
import type { Provider } from "./provider.ts";
import { TABLE } from "./table.ts";

export const PROVIDERS = Object.fromEntries(
  PROVIDER_IDS.map((id): [ProviderId, Provider] => [id, { id, ...TABLE[id] }]),
) as Readonly<Record<ProviderId, Provider>>;

export const isProviderId = (id: string): id is ProviderId => Object.hasOwn(TABLE, id);

/** The providers a person can add an account of: all but the built-in one. */
export function providerViews(): ProviderView[] {
  return PROVIDER_IDS.filter((id) => id !== "sandbox").map((id) => {
    const { label, endpoints, keyRequired, keyPage } = PROVIDERS[id];
    return {
      id,
      label,
      protocols: PROTOCOLS.filter((protocol) => endpoints[protocol] !== undefined),
      needsBaseUrl: Object.values(endpoints).every((endpoint) => endpoint.base === undefined),
      keyRequired,
      ...(keyPage === undefined ? {} : { keyPage }),
    };
  });
}
