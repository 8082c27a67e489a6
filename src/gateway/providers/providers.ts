/** Providers by their ids. */
import { PROVIDER_IDS, type ProviderId } from "./ids.ts";
import type { Provider } from "./provider.ts";
import { TABLE } from "./table.ts";

export const PROVIDERS = Object.fromEntries(
  PROVIDER_IDS.map((id): [ProviderId, Provider] => [id, { id, ...TABLE[id] }]),
) as Readonly<Record<ProviderId, Provider>>;

export const isProviderId = (id: string): id is ProviderId => Object.hasOwn(TABLE, id);
