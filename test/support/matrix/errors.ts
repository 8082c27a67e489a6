/** What goes wrong, as each provider says it and as a client is told. */
import type { Protocol } from "../../../src/control/protocol.ts";

/** As the provider says it: status and body. */
type Says = readonly [status: number, body: object];
const openai = (status: number, message: string, type: string, code: string | null): Says => [
  status,
  { error: { message, type, param: null, code } },
];
const anthropic = (status: number, type: string, message: string): Says => [
  status,
  { type: "error", error: { type, message }, request_id: "req_up" },
];
const google = (code: number, status: string, message: string, details: object[] = []): Says => [
  code,
  { error: { code, message, status, details } },
];

export interface ErrorCase {
  readonly name: string;
  readonly openai: Says;
  readonly anthropic: Says;
  readonly gemini: Says;
  readonly status: number;
  /** By client, where it differs. */
  readonly statusFor?: Partial<Readonly<Record<Protocol, number>>>;
  /** No retry can mend it. */
  readonly final: boolean;
  readonly retryAfter?: true;
  readonly words: RegExp;
}

export const ERRORS: readonly ErrorCase[] = [
  {
    name: "a bad request",
    openai: openai(400, "Invalid value: 'x'.", "invalid_request_error", "invalid_value"),
    anthropic: anthropic(400, "invalid_request_error", "Invalid value: 'x'."),
    gemini: google(400, "INVALID_ARGUMENT", "Invalid value: 'x'."),
    status: 400,
    final: true,
    words: /Invalid value: 'x'/,
  },
  {
    name: "a wrong key",
    openai: openai(401, "Incorrect API key provided.", "invalid_request_error", "invalid_api_key"),
    anthropic: anthropic(401, "authentication_error", "invalid x-api-key"),
    gemini: google(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", [
      { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" },
    ]),
    status: 401,
    final: true,
    words: /key/i,
  },
  {
    name: "an empty balance",
    openai: openai(
      429,
      "You exceeded your current quota, please check your plan and billing details.",
      "insufficient_quota",
      "insufficient_quota",
    ),
    anthropic: anthropic(
      400,
      "invalid_request_error",
      "Your credit balance is too low to access the Anthropic API.",
    ),
    gemini: google(403, "PERMISSION_DENIED", "This API method requires billing to be enabled."),
    status: 402,
    final: true,
    words: /quota|credit|billing/i,
  },
  {
    name: "an unknown model",
    openai: openai(
      404,
      "The model `m` does not exist or you do not have access to it.",
      "invalid_request_error",
      "model_not_found",
    ),
    anthropic: anthropic(404, "not_found_error", "model: m"),
    gemini: google(
      404,
      "NOT_FOUND",
      "models/m is not found for API version v1beta, or is not supported for generateContent.",
    ),
    status: 404,
    final: true,
    words: /model/i,
  },
  {
    name: "too long a prompt",
    openai: openai(
      400,
      "This model's maximum context length is 1000 tokens. However, your messages resulted in 2000 tokens.",
      "invalid_request_error",
      "context_length_exceeded",
    ),
    anthropic: anthropic(400, "invalid_request_error", "prompt is too long: 2000 tokens > 1000 maximum"),
    gemini: google(
      400,
      "INVALID_ARGUMENT",
      "The input token count (2000) exceeds the maximum number of tokens allowed (1000).",
    ),
    status: 400,
    final: true,
    words: /2000/,
  },
  {
    name: "a rate limit",
    openai: openai(429, "Rate limit reached for requests", "requests", "rate_limit_exceeded"),
    anthropic: anthropic(429, "rate_limit_error", "Rate limit reached for requests"),
    gemini: google(429, "RESOURCE_EXHAUSTED", "Rate limit reached for requests"),
    status: 429,
    final: false,
    retryAfter: true,
    words: /Rate limit reached/,
  },
  {
    name: "an overloaded provider",
    openai: openai(
      503,
      "The engine is currently overloaded, please try again later",
      "server_error",
      "server_is_overloaded",
    ),
    anthropic: anthropic(529, "overloaded_error", "Overloaded"),
    gemini: google(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
    status: 503,
    statusFor: { anthropic: 529 },
    final: false,
    words: /overloaded/i,
  },
  {
    name: "a failed provider",
    openai: openai(500, "The server had an error while processing your request", "server_error", null),
    anthropic: anthropic(500, "api_error", "Internal server error"),
    gemini: google(500, "INTERNAL", "An internal error has occurred."),
    status: 502,
    final: false,
    words: /error/i,
  },
];

export const saysOf = (one: ErrorCase, target: Protocol): Says =>
  target === "anthropic" ? one.anthropic : target === "gemini" ? one.gemini : one.openai;

export function errorNamed(name: string): ErrorCase {
  const found = ERRORS.find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return found;
}
