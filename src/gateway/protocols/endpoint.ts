/** What a protocol's own documentation says of its endpoints; a provider's may differ. */

/** Header that carries the key: exactly one goes out, and none of the client's own. */
export type KeyHeader = "authorization" | "x-api-key" | "x-goog-api-key" | "api-key";

export interface EndpointFacts {
  readonly keyHeader: KeyHeader;
  /** Header values that requests must have, unless the client sent them. */
  readonly headers?: Readonly<Record<string, string>>;
}
