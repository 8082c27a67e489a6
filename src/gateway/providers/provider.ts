/** What the gateway knows of a provider. One row of `table.ts` each. */
import type { Protocol } from "../../control/protocol.ts";
import type { ProviderId } from "./ids.ts";

/** Header that carries the key: exactly one goes out, and none of the client's own. */
export type KeyHeader = "authorization" | "x-api-key" | "x-goog-api-key" | "api-key";

export interface ProviderEndpoint {
  /**
   * Base URL without a trailing slash. The path that a protocol's documentation gives is put
   * behind it: `/chat/completions`, `/responses`, `/embeddings` (OpenAI; the base ends in `/v1`),
   * `/v1/messages` (Anthropic), `/v1beta/models/…` (Gemini). `undefined`: the account has to say.
   */
  readonly base: string | undefined;
  readonly keyHeader: KeyHeader;
  /** Header values the provider wants besides, e.g. `anthropic-version`, unless the client sent them. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What a base looks like where the account has to say it; for messages to a person. */
  readonly example?: string;
}

/** Shape of a reply that lists models. */
export type ModelListShape = "openai" | "anthropic" | "gemini";

/** A provider without its id, which is its key in `table.ts`. */
export interface ProviderRow {
  readonly label: string;
  readonly endpoints: Readonly<Partial<Record<Protocol, ProviderEndpoint>>>;
  /** Servers of one's own need none. */
  readonly keyRequired: boolean;
  /** Where the account's models are listed: an endpoint's protocol and the shape of the reply. */
  readonly modelList: { readonly protocol: Protocol; readonly shape: ModelListShape } | undefined;
  /** All its models, where they are known without asking. */
  readonly models?: readonly { readonly id: string; readonly label: string }[];
  /** The cheapest call that proves a key, where the model list does not (it is public, or absent). */
  readonly keyCheck?: { readonly protocol: Protocol; readonly path: string; readonly body?: unknown };
  /** Wildcards of model names it is known for, while its list could not be read. */
  readonly families: readonly string[];
  /** A page where a person gets a key. */
  readonly keyPage?: string;
  /** `/v1/…` endpoints of OpenAI beside chat and responses that it documents, e.g. `embeddings`, `images/generations`. */
  readonly extras: readonly string[];
  /** Model paths that differ from the protocol's own (Vertex). */
  readonly path?: (protocol: Protocol, path: string) => string;
}

export interface Provider extends ProviderRow {
  readonly id: ProviderId;
}
