/**
 * The wire protocols a client or an account can speak. The names are the keys of an account's
 * `endpoints` in the settings.
 */
import type { Open } from "./open.ts";

export const PROTOCOLS = ["openai-chat", "openai-responses", "anthropic", "gemini"] as const;

export type Protocol = (typeof PROTOCOLS)[number];

export function isProtocol(name: string): name is Protocol {
  return (PROTOCOLS as readonly string[]).includes(name);
}

/** Of those that another Portico names, the ones that can be chosen here. */
export function knownProtocols(named: readonly Open<Protocol>[]): Protocol[] {
  return named.filter(isProtocol);
}

/** For messages that a person reads. */
export const PROTOCOL_LABELS: Readonly<Record<Protocol, string>> = {
  "openai-chat": "OpenAI chat completions",
  "openai-responses": "OpenAI responses",
  anthropic: "Anthropic messages",
  gemini: "Gemini",
};
