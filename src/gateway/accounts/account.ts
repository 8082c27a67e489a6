/** An account at work: its settings joined with its provider's. */
import type { Protocol } from "../protocols/protocol.ts";
import type { Provider, ProviderEndpoint } from "../providers/provider.ts";

export interface Account {
  readonly id: string;
  readonly label: string;
  readonly provider: Provider;
  readonly priority: number;
  readonly enabled: boolean;
  /** The endpoints it has, base URLs complete. */
  readonly endpoints: ReadonlyMap<Protocol, ProviderEndpoint & { readonly base: string }>;
  /** Wildcards, or `undefined` for the provider's list. */
  readonly models: readonly string[] | undefined;
  /** Proxy of its own; `""` means direct. */
  readonly proxy: string | undefined;
  /** The key, from the settings or the secret store; `undefined` where none is set. */
  readonly key: () => Promise<string | undefined>;
}
