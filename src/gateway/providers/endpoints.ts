/** Endpoints as each protocol's own documentation has them; a provider's row may differ. */
import { PROTOCOL_FACTS, PROTOCOLS, type Protocol } from "../../control/protocol.ts";
import type { KeyHeader } from "../protocols/endpoint.ts";
import { WIRES } from "../protocols/wires.ts";
import type { ProviderEndpoint } from "./provider.ts";

function exampleOf(protocol: Protocol): string {
  return PROTOCOL_FACTS[protocol].versionInBase ? "https://HOST/v1" : "https://HOST";
}

/** An endpoint of a protocol, with the key where the protocol has it unless told otherwise. */
export function endpoint(
  protocol: Protocol,
  base: string | undefined,
  differs: { keyHeader?: KeyHeader; example?: string } = {},
): ProviderEndpoint {
  return {
    base,
    ...WIRES[protocol].endpoint,
    ...(differs.keyHeader === undefined ? {} : { keyHeader: differs.keyHeader }),
    ...(base === undefined ? { example: differs.example ?? exampleOf(protocol) } : {}),
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
