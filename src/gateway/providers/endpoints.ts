/** Endpoints as each protocol's own documentation has them; a provider's row may differ. */
import { PROTOCOLS, type Protocol } from "../../control/protocol.ts";
import type { KeyHeader, ProviderEndpoint } from "./provider.ts";

/** https://platform.claude.com/docs/en/api/versioning */
const ANTHROPIC_HEADERS = { "anthropic-version": "2023-06-01" };

/** Where each protocol documents its key. */
const KEY_HEADER: Readonly<Record<Protocol, KeyHeader>> = {
  "openai-chat": "authorization",
  "openai-responses": "authorization",
  anthropic: "x-api-key",
  gemini: "x-goog-api-key",
};

const EXAMPLE: Readonly<Record<Protocol, string>> = {
  "openai-chat": "https://HOST/v1",
  "openai-responses": "https://HOST/v1",
  anthropic: "https://HOST",
  gemini: "https://HOST",
};

/** An endpoint of a protocol, with the key where the protocol has it unless told otherwise. */
export function endpoint(
  protocol: Protocol,
  base: string | undefined,
  differs: { keyHeader?: KeyHeader; example?: string } = {},
): ProviderEndpoint {
  return {
    base,
    keyHeader: differs.keyHeader ?? KEY_HEADER[protocol],
    ...(protocol === "anthropic" ? { headers: ANTHROPIC_HEADERS } : {}),
    ...(base === undefined ? { example: differs.example ?? EXAMPLE[protocol] } : {}),
  };
}

/** The same endpoint for several protocols, each at the base that its account names. */
export function unknownEndpoints(): Record<Protocol, ProviderEndpoint> {
  return Object.fromEntries(PROTOCOLS.map((protocol) => [protocol, endpoint(protocol, undefined)])) as Record<
    Protocol,
    ProviderEndpoint
  >;
}

/** `/v1/…` endpoints that OpenAI documents and that keep no state: https://platform.openai.com/docs/api-reference */
export const OPENAI_EXTRAS = [
  "completions",
  "embeddings",
  "moderations",
  "images/generations",
  "images/edits",
  "images/variations",
  "audio/speech",
  "audio/transcriptions",
  "audio/translations",
] as const;
