/** What a protocol's own documentation says of its endpoints; a provider's may differ. */

/** Headers that may carry a key. One of them goes out to a provider, and none of the client's own. */
export const KEY_HEADERS = ["authorization", "x-api-key", "x-goog-api-key", "api-key"] as const;
export type KeyHeader = (typeof KEY_HEADERS)[number];

export interface EndpointFacts {
  readonly keyHeader: KeyHeader;
  /** Header values that requests must have, unless the client sent them. */
  readonly headers?: Readonly<Record<string, string>>;
}
