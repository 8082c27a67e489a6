/** What the gateway knows of a provider. One row of `table.ts` each. */
import type { Protocol } from "../../control/protocol.ts";
import type { EndpointFacts } from "../protocols/endpoint.ts";
import type { ProviderId } from "./ids.ts";

export interface ProviderEndpoint extends EndpointFacts {
  /**
   * Base URL without a trailing slash. The path that a protocol's documentation gives is put
   * behind it: `/chat/completions`, `/responses`, `/embeddings` (OpenAI; the base ends in `/v1`),
   * `/v1/messages` (Anthropic), `/v1beta/models/…` (Gemini). `undefined`: the account has to say.
   */
  readonly base: string | undefined;
  /** What a base looks like where the account has to say it; for messages to a person. */
  readonly example?: string;
}

/** A provider without its id, which is its key in `table.ts`. */
export interface ProviderRow {
  readonly label: string;
  readonly endpoints: Readonly<Partial<Record<Protocol, ProviderEndpoint>>>;
  /** Servers of one's own need none. */
  readonly keyRequired: boolean;
  /** By which of its protocols the account's models are listed. */
  readonly modelList: Protocol | undefined;
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
  /** Does it hold conversations between turns, where its protocol has that? Others pass over the wish. */
  readonly holdsThreads?: true;
  /** Has it `POST /responses/compact`? */
  readonly compacts?: true;
  /** Model paths that differ from the protocol's own (Vertex). */
  readonly path?: (path: string) => string;
}

export interface Provider extends ProviderRow {
  readonly id: ProviderId;
}
