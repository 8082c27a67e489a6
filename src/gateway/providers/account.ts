/** An account at work: its settings joined with its provider's. */
import type { Protocol } from "../../control/protocol.ts";
import type { KeyHeader } from "../protocols/endpoint.ts";
import type { Provider, ProviderEndpoint } from "./provider.ts";

/** What goes out with a request besides what its endpoint documents. */
export interface SentCredential {
  /** A key or an access token; absent where only headers go. */
  readonly key?: string;
  /** Where it goes; absent: where the endpoint has its key. */
  readonly header?: KeyHeader;
  /** Of the account's own, names in lower case; they stand in for the client's. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A plain key, or more than that. */
export type AccountKey = string | SentCredential;

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
  /** Requests at once; `undefined`: no limit. */
  readonly maxInFlight?: number | undefined;
  /** Percent of its quota below which it is kept for requests that name it; `undefined`: as all. */
  readonly protectBelowPercent?: number | undefined;
  /** Do its chat replies begin with reasoning between `<think>` and `</think>`? `undefined`: as servers on this computer do. */
  readonly thinkTags?: boolean | undefined;
  /**
   * The key, from the settings or the secret store; `undefined` where none is set.
   * @throws PorticoError where there is one, but none that could be used now
   */
  readonly key: () => Promise<AccountKey | undefined>;
  /** Another one, after the provider refused this one; `undefined` where none would fare better. */
  readonly keyAfterRefusal?: (refused: AccountKey) => Promise<AccountKey | undefined>;
}
