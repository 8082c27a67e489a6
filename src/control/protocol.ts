/**
 * The wire protocols a client or an account can speak. The names are the keys of an account's
 * `endpoints` in the settings.
 */
import type { Open } from "./open.ts";

interface ProtocolFacts {
  /** For messages that a person reads. */
  readonly label: string;
  /** The same where there is little room. */
  readonly short: string;
  /** What tells a person whether a server speaks it: the path of its requests. */
  readonly hint: string;
  /** Do base URLs end with the version (`…/v1`), so that paths have none? */
  readonly versionInBase: boolean;
}

/** Their order is in files (`records/db/codes.ts`): a new one comes last. */
export const PROTOCOL_FACTS = {
  "openai-chat": {
    label: "OpenAI chat completions",
    short: "OpenAI chat",
    hint: "…/v1/chat/completions: most servers",
    versionInBase: true,
  },
  "openai-responses": {
    label: "OpenAI responses",
    short: "OpenAI responses",
    hint: "…/v1/responses",
    versionInBase: true,
  },
  anthropic: {
    label: "Anthropic messages",
    short: "Anthropic",
    hint: "…/v1/messages",
    versionInBase: false,
  },
  gemini: {
    label: "Gemini",
    short: "Gemini",
    hint: "…/v1beta/models/…:generateContent",
    versionInBase: false,
  },
} as const satisfies Readonly<Record<string, ProtocolFacts>>;

export type Protocol = keyof typeof PROTOCOL_FACTS;

export const PROTOCOLS = Object.keys(PROTOCOL_FACTS) as readonly Protocol[] as readonly [
  Protocol,
  ...Protocol[],
];

/** What most clients and servers speak; meant where nothing tells. */
export const DEFAULT_PROTOCOL: Protocol = "openai-chat";

export function isProtocol(name: string | undefined): name is Protocol {
  return name !== undefined && Object.hasOwn(PROTOCOL_FACTS, name);
}

/** Of those that another Portico names, the ones that can be chosen here. */
export function knownProtocols(named: readonly Open<Protocol>[]): Protocol[] {
  return named.filter(isProtocol);
}
