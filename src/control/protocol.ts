/**
 * The wire protocols a client or an account can speak. The names are the keys of an account's
 * `endpoints` in the settings.
 */
export const PROTOCOLS = ["openai-chat", "openai-responses", "anthropic", "gemini"] as const;

export type Protocol = (typeof PROTOCOLS)[number];

/** For messages that a person reads. */
export const PROTOCOL_LABELS: Readonly<Record<Protocol, string>> = {
  "openai-chat": "OpenAI chat completions",
  "openai-responses": "OpenAI responses",
  anthropic: "Anthropic messages",
  gemini: "Gemini",
};
