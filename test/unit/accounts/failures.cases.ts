/** Error replies of real providers, from their documentation and from what their users report. */
import type { FailureClass, FailureNext, FailureScope } from "../../../src/gateway/accounts/failures.ts";
import type { ReplyHeaders } from "../../../src/gateway/accounts/retryTimes.ts";
import type { ProviderId } from "../../../src/gateway/providers/ids.ts";

/** 2026-09-01T12:00:00Z */
export const NOW = Date.UTC(2026, 8, 1, 12);

export interface FailureCase {
  name: string;
  provider: ProviderId;
  status: number;
  headers?: ReplyHeaders;
  body: unknown;
  is: FailureClass;
  scope?: FailureScope;
  next?: FailureNext;
  /** Milliseconds; `null`: must be absent. */
  wait?: number | null;
  code?: string;
}

export const openai = (
  message: string,
  type: string | null,
  code: string | null,
  param: string | null = null,
) => ({
  error: { message, type, param, code },
});
export const anthropic = (type: string, message: string) => ({
  type: "error",
  error: { type, message },
  request_id: "req_011CbrFTcXhtiMzr3s6EocF7",
});
export const google = (code: number, status: string, message: string, details?: unknown[]) => ({
  error: { code, message, status, ...(details === undefined ? {} : { details }) },
});
const quotaFailure = (...violations: { quotaId: string; quotaMetric?: string; quotaValue?: string }[]) => ({
  "@type": "type.googleapis.com/google.rpc.QuotaFailure",
  violations,
});
const retryInfo = (retryDelay: string) => ({
  "@type": "type.googleapis.com/google.rpc.RetryInfo",
  retryDelay,
});
const errorInfo = (reason: string) => ({
  "@type": "type.googleapis.com/google.rpc.ErrorInfo",
  reason,
  domain: "googleapis.com",
  metadata: { service: "generativelanguage.googleapis.com" },
});

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const OPENAI: FailureCase[] = [
  {
    name: "wrong key",
    provider: "openai",
    status: 401,
    body: openai(
      "Incorrect API key provided: sk-abc***xyz. You can find your API key at https://platform.openai.com/account/api-keys.",
      "invalid_request_error",
      "invalid_api_key",
    ),
    is: "credential",
    scope: "account",
    next: "next-account",
  },
  {
    name: "no key",
    provider: "openai",
    status: 401,
    body: openai(
      "You didn't provide an API key. You need to provide your API key in an Authorization header.",
      "invalid_request_error",
      null,
    ),
    is: "credential",
  },
  {
    name: "not a member of the organization",
    provider: "openai",
    status: 401,
    body: openai(
      "You must be a member of an organization to use the API.",
      "invalid_request_error",
      "invalid_organization",
    ),
    is: "permission",
  },
  {
    name: "key without the scope",
    provider: "openai",
    status: 401,
    body: openai(
      "You have insufficient permissions for this operation. Missing scopes: model.request.",
      "invalid_request_error",
      null,
    ),
    is: "permission",
    scope: "account",
  },
  {
    name: "IP not on the allowlist",
    provider: "openai",
    status: 401,
    body: openai(
      "Your IP address is not authorized to access this resource.",
      "invalid_request_error",
      "ip_not_authorized",
    ),
    is: "permission",
  },
  {
    name: "region",
    provider: "openai",
    status: 403,
    body: openai(
      "Country, region, or territory not supported",
      "request_forbidden",
      "unsupported_country_region_territory",
    ),
    is: "permission",
    scope: "account",
  },
  {
    name: "no money left",
    provider: "openai",
    status: 429,
    body: openai(
      "You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.",
      "insufficient_quota",
      "insufficient_quota",
    ),
    is: "billing",
    scope: "account",
    wait: null,
    code: "insufficient_quota",
  },
  {
    name: "project's spend limit",
    provider: "openai",
    status: 429,
    body: openai(
      "You exceeded your current quota, please check your plan and billing details.",
      "insufficient_quota",
      "project_spend_limit_exceeded",
    ),
    is: "billing",
  },
  {
    name: "account not active",
    provider: "openai",
    status: 429,
    body: openai(
      "Your account is not active, please check your billing details on our website.",
      "billing_not_active",
      "billing_not_active",
    ),
    is: "billing",
  },
  {
    name: "tokens per minute",
    provider: "openai",
    status: 429,
    headers: { "x-ratelimit-remaining-requests": "499", "x-ratelimit-reset-requests": "120ms" },
    body: openai(
      "Rate limit reached for gpt-4.1 in organization org-abc on tokens per min (TPM): Limit 30000, Used 28039, Requested 3906. Please try again in 3.89s. Visit https://platform.openai.com/account/rate-limits to learn more.",
      "tokens",
      "rate_limit_exceeded",
    ),
    is: "rate-limit",
    scope: "account-model",
    next: "next-account",
    wait: 3890,
  },
  {
    name: "requests per minute, by header",
    provider: "openai",
    status: 429,
    headers: {
      "x-ratelimit-limit-requests": "60",
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-requests": "6m0s",
      "x-ratelimit-remaining-tokens": "149984",
      "x-ratelimit-reset-tokens": "20ms",
    },
    body: openai("Rate limit reached for requests", "requests", "rate_limit_exceeded"),
    is: "rate-limit",
    wait: 6 * MINUTE,
  },
  {
    name: "retry-after-ms before everything else",
    provider: "openai",
    status: 429,
    headers: { "retry-after-ms": "174", "retry-after": "1" },
    body: openai(
      "Rate limit reached for gpt-4.1 on tokens per min (TPM). Please try again in 20s.",
      "tokens",
      "rate_limit_exceeded",
    ),
    is: "rate-limit",
    wait: 174,
  },
  {
    name: "larger than a minute allows",
    provider: "openai",
    status: 429,
    body: openai(
      "Request too large for gpt-4o in organization org-abc on tokens per min (TPM): Limit 30000, Requested 342389. The input or output tokens must be reduced in order to run successfully.",
      "tokens",
      "rate_limit_exceeded",
    ),
    is: "too-long",
    scope: "none",
    next: "next-account",
  },
  {
    name: "requests per day",
    provider: "openai",
    status: 429,
    body: openai(
      "Rate limit reached for o3 in organization org-abc on requests per day (RPD): Limit 200, Used 200, Requested 1. Please try again in 7m12s.",
      "requests",
      "rate_limit_exceeded",
    ),
    is: "quota",
    wait: 7 * MINUTE + 12_000,
  },
  {
    name: "no such model",
    provider: "openai",
    status: 404,
    body: openai(
      "The model `gpt-9` does not exist or you do not have access to it.",
      "invalid_request_error",
      "model_not_found",
    ),
    is: "model",
    scope: "account-model",
    next: "next-account",
  },
  {
    name: "project without the model",
    provider: "openai",
    status: 403,
    body: openai(
      "Project `proj_abc` does not have access to model `gpt-5`",
      "invalid_request_error",
      "model_not_found",
    ),
    is: "model",
  },
  {
    name: "organization to be verified",
    provider: "openai",
    status: 404,
    body: openai(
      "Your organization must be verified to use the model `gpt-5`. Please go to: https://platform.openai.com/settings/organization/general and click on Verify Organization.",
      "invalid_request_error",
      "model_not_found",
    ),
    is: "model",
  },
  {
    name: "not a chat model",
    provider: "openai",
    status: 404,
    body: openai(
      "This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?",
      "invalid_request_error",
      null,
      "model",
    ),
    is: "model",
    scope: "none",
  },
  {
    name: "context too long",
    provider: "openai",
    status: 400,
    body: openai(
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 190417 tokens. Please reduce the length of the messages.",
      "invalid_request_error",
      "context_length_exceeded",
      "messages",
    ),
    is: "too-long",
    next: "next-target",
  },
  {
    name: "context window of responses",
    provider: "openai",
    status: 400,
    body: openai(
      "Your input exceeds the context window of this model. Please adjust your input and try again.",
      "invalid_request_error",
      "context_length_exceeded",
    ),
    is: "too-long",
    wait: null,
  },
  {
    name: "reasoning of another account",
    provider: "openai",
    status: 400,
    body: openai(
      "The encrypted content gAAA...DQ== could not be verified.",
      "invalid_request_error",
      "invalid_encrypted_content",
    ),
    is: "foreign-state",
    scope: "none",
    next: "retry-account",
  },
  {
    name: "response of another account",
    provider: "openai",
    status: 400,
    body: openai(
      "Previous response with id 'resp_68ab' not found.",
      "invalid_request_error",
      "previous_response_not_found",
      "previous_response_id",
    ),
    is: "foreign-state",
  },
  {
    name: "item that was never stored",
    provider: "openai",
    status: 404,
    body: openai(
      "Item with id 'rs_68ab' not found. Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.",
      "invalid_request_error",
      null,
      "input",
    ),
    is: "client",
    next: "client",
  },
  {
    name: "bad parameter",
    provider: "openai",
    status: 400,
    body: openai(
      "Unsupported parameter: 'temperature' is not supported with this model.",
      "invalid_request_error",
      "unsupported_parameter",
      "temperature",
    ),
    is: "client",
    scope: "none",
    next: "client",
    code: "unsupported_parameter",
  },
  {
    name: "content policy",
    provider: "openai",
    status: 400,
    body: openai(
      "Invalid prompt: your prompt was flagged as potentially violating our usage policy.",
      "invalid_request_error",
      "invalid_prompt",
    ),
    is: "client",
  },
  {
    name: "server error",
    provider: "openai",
    status: 500,
    body: openai(
      "The server had an error while processing your request. Sorry about that!",
      "server_error",
      null,
    ),
    is: "provider",
    scope: "none",
    next: "retry-account",
  },
  {
    name: "slow down",
    provider: "openai",
    status: 503,
    headers: { "retry-after": "900" },
    body: openai(
      "The engine is currently overloaded, please try again later",
      "service_unavailable_error",
      "slow_down",
    ),
    is: "overloaded",
    scope: "none",
    wait: MINUTE,
  },
  {
    name: "error inside a stream",
    provider: "openai",
    status: 200,
    body: {
      type: "response.failed",
      response: {
        id: "resp_1",
        status: "failed",
        error: {
          code: "rate_limit_exceeded",
          message: "Rate limit reached for gpt-5 on tokens per min (TPM). Please try again in 11.054s.",
        },
      },
    },
    is: "rate-limit",
    wait: 11_054,
  },
  {
    name: "server error inside a stream",
    provider: "openai",
    status: 200,
    body: {
      type: "error",
      code: "server_error",
      message: "An error occurred while processing your request.",
      param: null,
    },
    is: "provider",
  },
  {
    name: "bad prompt inside a stream",
    provider: "openai",
    status: 200,
    body: {
      type: "error",
      error: { type: "invalid_request_error", code: "invalid_prompt", message: "Invalid prompt." },
    },
    is: "client",
  },
  {
    name: "path that is none",
    provider: "openai",
    status: 404,
    body: openai("Invalid URL (POST /v1/v1/responses)", "invalid_request_error", null),
    is: "client",
    next: "next-account",
  },
];

const ANTHROPIC: FailureCase[] = [
  {
    name: "wrong key",
    provider: "anthropic",
    status: 401,
    body: anthropic("authentication_error", "invalid x-api-key"),
    is: "credential",
  },
  {
    name: "wrong token",
    provider: "anthropic",
    status: 401,
    body: anthropic("authentication_error", "Invalid bearer token"),
    is: "credential",
  },
  {
    name: "empty balance is a 400",
    provider: "anthropic",
    status: 400,
    body: anthropic(
      "invalid_request_error",
      "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.",
    ),
    is: "billing",
    scope: "account",
    next: "next-account",
  },
  {
    name: "billing error",
    provider: "anthropic",
    status: 402,
    body: anthropic("billing_error", "There's an issue with your billing or payment information."),
    is: "billing",
  },
  {
    name: "organization disabled",
    provider: "anthropic",
    status: 400,
    body: anthropic("invalid_request_error", "This organization has been disabled."),
    is: "permission",
  },
  {
    name: "no permission",
    provider: "anthropic",
    status: 403,
    body: anthropic(
      "permission_error",
      "Your API key does not have permission to use the specified resource.",
    ),
    is: "permission",
    scope: "account",
  },
  {
    name: "usage limit with a date",
    provider: "anthropic",
    status: 400,
    body: anthropic(
      "invalid_request_error",
      "You have reached your specified API usage limits. You will regain access on 2026-09-01 at 14:00 UTC.",
    ),
    is: "quota",
    scope: "account",
    wait: 2 * HOUR,
  },
  {
    name: "usage limit with a far date",
    provider: "anthropic",
    status: 400,
    body: anthropic(
      "invalid_request_error",
      "You have reached your specified API usage limits. You will regain access on 2026-10-01 at 00:00 UTC.",
    ),
    is: "quota",
    wait: 6 * HOUR,
  },
  {
    name: "tokens per minute",
    provider: "anthropic",
    status: 429,
    headers: {
      "retry-after": "27",
      "anthropic-ratelimit-input-tokens-remaining": "0",
      "anthropic-ratelimit-input-tokens-reset": "2026-09-01T12:00:45Z",
    },
    body: anthropic(
      "rate_limit_error",
      "This request would exceed your organization's rate limit of 30,000 input tokens per minute (org: 9d50, model: claude-sonnet-4-6). For details, refer to: https://docs.claude.com/en/api/rate-limits. You can see the response headers for current usage. Please reduce the prompt length or the maximum tokens requested, or try again later.",
    ),
    is: "rate-limit",
    scope: "account-model",
    wait: 27_000,
  },
  {
    name: "reset by header alone",
    provider: "anthropic",
    status: 429,
    headers: {
      "anthropic-ratelimit-requests-remaining": "12",
      "anthropic-ratelimit-requests-reset": "2026-09-01T12:09:00Z",
      "anthropic-ratelimit-output-tokens-remaining": "0",
      "anthropic-ratelimit-output-tokens-reset": "2026-09-01T12:00:45Z",
    },
    body: anthropic("rate_limit_error", "Number of request tokens has exceeded your rate limit."),
    is: "rate-limit",
    wait: 45_000,
  },
  {
    name: "a wait of days latches nothing",
    provider: "anthropic",
    status: 429,
    headers: { "retry-after": String(7 * 24 * 3600) },
    body: anthropic(
      "rate_limit_error",
      "This request would exceed your account's rate limit. Please try again later.",
    ),
    is: "quota",
    wait: 6 * HOUR,
  },
  {
    name: "long context not on this plan",
    provider: "anthropic",
    status: 429,
    body: anthropic("rate_limit_error", "Extra usage is required for long context requests."),
    is: "too-long",
    scope: "none",
    next: "next-account",
  },
  {
    name: "prompt too long",
    provider: "anthropic",
    status: 400,
    body: anthropic("invalid_request_error", "prompt is too long: 208310 tokens > 200000 maximum"),
    is: "too-long",
    next: "next-target",
  },
  {
    name: "prompt and max_tokens too long",
    provider: "anthropic",
    status: 400,
    body: anthropic(
      "invalid_request_error",
      "input length and `max_tokens` exceed context limit: 178959 + 64000 > 200000, decrease input length or `max_tokens` and try again",
    ),
    is: "too-long",
  },
  {
    name: "body too large",
    provider: "anthropic",
    status: 413,
    body: anthropic("request_too_large", "Request exceeds the maximum size"),
    is: "too-long",
  },
  {
    name: "no such model",
    provider: "anthropic",
    status: 404,
    body: anthropic("not_found_error", "model: claude-5-opus"),
    is: "model",
    scope: "account-model",
  },
  {
    name: "signature of another model",
    provider: "anthropic",
    status: 400,
    body: anthropic("invalid_request_error", "messages.1.content.0: Invalid `signature` in `thinking` block"),
    is: "foreign-state",
  },
  {
    name: "overloaded",
    provider: "anthropic",
    status: 529,
    body: anthropic("overloaded_error", "Overloaded"),
    is: "overloaded",
    scope: "none",
  },
  {
    name: "overloaded inside a stream",
    provider: "anthropic",
    status: 200,
    body: anthropic("overloaded_error", "Overloaded"),
    is: "overloaded",
  },
  {
    name: "server error",
    provider: "anthropic",
    status: 500,
    body: anthropic("api_error", "Internal server error"),
    is: "provider",
  },
  {
    name: "bad request",
    provider: "anthropic",
    status: 400,
    body: anthropic(
      "invalid_request_error",
      "messages.3: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_01.",
    ),
    is: "client",
    next: "client",
  },
];

const GEMINI: FailureCase[] = [
  {
    name: "wrong key is a 400",
    provider: "gemini",
    status: 400,
    body: google(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", [
      errorInfo("API_KEY_INVALID"),
    ]),
    is: "credential",
    scope: "account",
    code: "INVALID_ARGUMENT",
  },
  {
    name: "expired key",
    provider: "gemini",
    status: 400,
    body: google(400, "INVALID_ARGUMENT", "API key expired. Please renew the API key.", [
      errorInfo("API_KEY_INVALID"),
    ]),
    is: "credential",
  },
  {
    name: "leaked key",
    provider: "gemini",
    status: 403,
    body: google(
      403,
      "PERMISSION_DENIED",
      "Your API key was reported as leaked. Please use another API key.",
    ),
    is: "credential",
  },
  {
    name: "API switched off",
    provider: "gemini",
    status: 403,
    body: google(
      403,
      "PERMISSION_DENIED",
      "Generative Language API has not been used in project 123 before or it is disabled. Enable it by visiting https://console.developers.google.com/ then retry.",
      [errorInfo("SERVICE_DISABLED")],
    ),
    is: "permission",
  },
  {
    name: "suspended",
    provider: "gemini",
    status: 403,
    body: google(403, "PERMISSION_DENIED", "Permission denied: Consumer 'api_key:AIza' has been suspended."),
    is: "permission",
  },
  {
    name: "region",
    provider: "gemini",
    status: 400,
    body: google(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
    is: "permission",
  },
  {
    name: "per minute",
    provider: "gemini",
    status: 429,
    body: google(
      429,
      "RESOURCE_EXHAUSTED",
      "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.",
      [
        quotaFailure({
          quotaMetric: "generativelanguage.googleapis.com/generate_content_free_tier_input_token_count",
          quotaId: "GenerateContentInputTokensPerModelPerMinute-FreeTier",
          quotaValue: "250000",
        }),
        retryInfo("26s"),
      ],
    ),
    is: "rate-limit",
    scope: "account-model",
    wait: 26_000,
  },
  {
    name: "per day, whatever the delay says",
    provider: "gemini",
    status: 429,
    body: google(
      429,
      "RESOURCE_EXHAUSTED",
      "You exceeded your current quota, please check your plan and billing details.",
      [
        quotaFailure(
          { quotaId: "GenerateRequestsPerDayPerProjectPerModel-FreeTier" },
          { quotaId: "GenerateRequestsPerMinutePerProjectPerModel-FreeTier" },
        ),
        retryInfo("47s"),
      ],
    ),
    is: "quota",
    scope: "account-model",
    wait: null,
  },
  {
    name: "no details",
    provider: "gemini",
    status: 429,
    body: google(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
    is: "rate-limit",
    wait: null,
  },
  {
    name: "model not in the free tier",
    provider: "gemini",
    status: 429,
    body: google(
      429,
      "RESOURCE_EXHAUSTED",
      "You exceeded your current quota, please check your plan and billing details. * Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 0, model: gemini-2.5-pro",
      [quotaFailure({ quotaId: "GenerateRequestsPerDayPerProjectPerModel-FreeTier" }), retryInfo("12s")],
    ),
    is: "model",
    scope: "account-model",
  },
  {
    name: "prepaid credits gone",
    provider: "gemini",
    status: 429,
    body: google(
      429,
      "RESOURCE_EXHAUSTED",
      "Your prepayment credits are depleted. Please go to AI Studio to manage your project and billing.",
    ),
    is: "billing",
  },
  {
    name: "one in an array, behind the OpenAI endpoint",
    provider: "gemini",
    status: 429,
    body: [google(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", [retryInfo("5.5s")])],
    is: "rate-limit",
    wait: 5500,
  },
  {
    name: "no such model",
    provider: "gemini",
    status: 404,
    body: google(
      404,
      "NOT_FOUND",
      "models/gemini-9 is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.",
    ),
    is: "model",
  },
  {
    name: "model for old users only",
    provider: "gemini",
    status: 404,
    body: google(404, "NOT_FOUND", "This model models/gemini-2.5-flash is no longer available to new users."),
    is: "model",
  },
  {
    name: "too long",
    provider: "gemini",
    status: 400,
    body: google(
      400,
      "INVALID_ARGUMENT",
      "The input token count (5911388) exceeds the maximum number of tokens allowed (1048576).",
    ),
    is: "too-long",
  },
  {
    name: "signature missing",
    provider: "gemini",
    status: 400,
    body: google(
      400,
      "INVALID_ARGUMENT",
      "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly.",
    ),
    is: "foreign-state",
  },
  {
    name: "signature of another",
    provider: "gemini",
    status: 400,
    body: google(400, "INVALID_ARGUMENT", "Unable to submit request because Thought signature is not valid."),
    is: "foreign-state",
  },
  {
    name: "file of another account",
    provider: "gemini",
    status: 403,
    body: google(
      403,
      "PERMISSION_DENIED",
      "You do not have permission to access the File abc123 or it may not exist.",
    ),
    is: "foreign-state",
    scope: "none",
  },
  {
    name: "cache of another account",
    provider: "gemini",
    status: 403,
    body: google(403, "PERMISSION_DENIED", "CachedContent not found (or permission denied)"),
    is: "foreign-state",
  },
  {
    name: "overloaded",
    provider: "gemini",
    status: 503,
    body: google(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
    is: "overloaded",
  },
  {
    name: "deadline",
    provider: "gemini",
    status: 504,
    body: google(504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
    is: "provider",
  },
  {
    name: "schema",
    provider: "gemini",
    status: 400,
    body: google(
      400,
      "INVALID_ARGUMENT",
      "Invalid JSON payload received. Unknown name \"$schema\" at 'tools[0]': Cannot find field.",
    ),
    is: "client",
  },
];

const OPENROUTER: FailureCase[] = [
  {
    name: "key of nobody",
    provider: "openrouter",
    status: 401,
    body: { error: { message: "User not found.", code: 401 } },
    is: "credential",
  },
  {
    name: "no key",
    provider: "openrouter",
    status: 401,
    body: { error: { message: "No auth credentials found", code: 401 } },
    is: "credential",
  },
  {
    name: "no credits",
    provider: "openrouter",
    status: 402,
    body: {
      error: {
        message:
          "Insufficient credits. This account never purchased credits. Make sure your key is on the correct account or org, and if so, purchase more at https://openrouter.ai/settings/credits",
        code: 402,
      },
    },
    is: "billing",
    scope: "account",
  },
  {
    name: "credits for less than this",
    provider: "openrouter",
    status: 402,
    body: {
      error: {
        message:
          "This request requires more credits, or fewer max_tokens. You requested up to 64000 tokens, but can only afford 2666. To increase, visit https://openrouter.ai/settings/credits and upgrade to a paid account",
        code: 402,
        metadata: { provider_name: null },
      },
      user_id: "user_35",
    },
    is: "billing",
    scope: "none",
    next: "next-account",
  },
  {
    name: "in flight",
    provider: "openrouter",
    status: 402,
    headers: { "retry-after": "4" },
    body: {
      error: {
        message: "Too many requests are in flight for this balance.",
        code: 402,
        metadata: { limit_source: "openrouter_in_flight_budget" },
      },
    },
    is: "rate-limit",
    wait: 4000,
  },
  {
    name: "free models of the day",
    provider: "openrouter",
    status: 429,
    body: {
      error: {
        message:
          "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day",
        code: 429,
        metadata: {
          headers: {
            "X-RateLimit-Limit": "50",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": String(NOW + HOUR),
          },
        },
      },
    },
    is: "quota",
    wait: HOUR,
  },
  {
    name: "limited upstream",
    provider: "openrouter",
    status: 429,
    body: {
      error: {
        message: "Provider returned error",
        code: 429,
        metadata: {
          raw: "qwen/qwen3-coder:free is temporarily rate-limited upstream. Please retry shortly, or add your own key.",
          provider_name: "Chutes",
        },
      },
    },
    is: "overloaded",
    scope: "none",
  },
  {
    name: "the provider's JSON inside",
    provider: "openrouter",
    status: 400,
    body: {
      error: {
        message: "Provider returned error",
        code: 400,
        metadata: {
          provider_name: "Anthropic",
          raw: JSON.stringify(
            anthropic("invalid_request_error", "prompt is too long: 208310 tokens > 200000 maximum"),
          ),
        },
      },
    },
    is: "too-long",
  },
  {
    name: "context length",
    provider: "openrouter",
    status: 400,
    body: {
      error: {
        message:
          "This endpoint's maximum context length is 65536 tokens. However, you requested about 90311 tokens. Please reduce the length of either one, or use the middle-out transform.",
        code: 400,
      },
    },
    is: "too-long",
  },
  {
    name: "not a model",
    provider: "openrouter",
    status: 400,
    body: { error: { message: "gpt-9 is not a valid model ID", code: 400 }, user_id: "user_1" },
    is: "model",
  },
  {
    name: "no endpoints",
    provider: "openrouter",
    status: 404,
    body: { error: { message: "No endpoints found for moonshotai/kimi-k2:free.", code: 404 } },
    is: "model",
    scope: "account-model",
  },
  {
    name: "no endpoints with tools",
    provider: "openrouter",
    status: 404,
    body: {
      error: {
        message:
          "No endpoints found that support tool use. To learn more about provider routing, visit: https://openrouter.ai/docs/provider-routing",
        code: 404,
      },
    },
    is: "model",
    scope: "none",
  },
  {
    name: "moderation",
    provider: "openrouter",
    status: 403,
    body: {
      error: {
        message: 'openai/o1 requires moderation on OpenAI. Your input was flagged for "violence".',
        code: 403,
        metadata: { reasons: ["violence"], flagged_input: "…" },
      },
    },
    is: "client",
    scope: "none",
    next: "client",
  },
  {
    name: "key limit",
    provider: "openrouter",
    status: 403,
    body: {
      error: {
        message: "Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys",
        code: 403,
      },
    },
    is: "billing",
  },
  {
    name: "bad gateway inside a 200",
    provider: "openrouter",
    status: 200,
    body: { error: { message: "Internal Server Error", code: 502 } },
    is: "provider",
  },
  {
    name: "no credits inside a 200",
    provider: "openrouter",
    status: 200,
    body: { error: { message: "Payment", code: 402 } },
    is: "billing",
  },
];

const OTHERS: FailureCase[] = [
  // DeepSeek
  {
    name: "balance",
    provider: "deepseek",
    status: 402,
    body: openai("Insufficient Balance", "unknown_error", "invalid_request_error"),
    is: "billing",
  },
  {
    name: "wrong key",
    provider: "deepseek",
    status: 401,
    body: openai(
      "Authentication Fails, Your api key: ****ab12 is invalid",
      "authentication_error",
      "invalid_request_error",
    ),
    is: "credential",
  },
  {
    name: "no such model",
    provider: "deepseek",
    status: 400,
    body: openai("Model Not Exist", "invalid_request_error", "invalid_request_error"),
    is: "model",
  },
  {
    name: "context",
    provider: "deepseek",
    status: 400,
    body: openai(
      "This model's maximum context length is 131072 tokens. However, you requested 140000 tokens (132000 in the messages, 8000 in the completion). Please reduce the length of the messages or completion.",
      "invalid_request_error",
      "invalid_request_error",
    ),
    is: "too-long",
  },
  {
    name: "busy",
    provider: "deepseek",
    status: 503,
    body: openai(
      "Service is too busy. We advise users to temporarily switch to alternative LLM API service providers.",
      "service_unavailable_error",
      null,
    ),
    is: "provider",
  },
  { name: "no body", provider: "deepseek", status: 429, body: "", is: "rate-limit" },

  // Groq
  {
    name: "per minute",
    provider: "groq",
    status: 429,
    headers: { "retry-after": "5" },
    body: openai(
      "Rate limit reached for model `llama-3.1-8b-instant` in organization `org_01` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Used 5034, Requested 1443. Please try again in 4.77s. Need more tokens? Upgrade to Dev Tier today at https://console.groq.com/settings/billing",
      "tokens",
      "rate_limit_exceeded",
    ),
    is: "rate-limit",
    wait: 5000,
  },
  {
    name: "per day",
    provider: "groq",
    status: 429,
    body: openai(
      "Rate limit reached for model `llama-3.3-70b-versatile` in organization `org_01` service tier `on_demand` on tokens per day (TPD): Limit 100000, Used 97050, Requested 3619. Please try again in 9m38.016s. Need more tokens? Upgrade to Dev Tier today",
      "tokens",
      "rate_limit_exceeded",
    ),
    is: "quota",
    wait: 9 * MINUTE + 38_016,
  },
  {
    name: "larger than a minute allows",
    provider: "groq",
    status: 413,
    body: openai(
      "Request too large for model `llama-3.3-70b-versatile` in organization `org_01` service tier `on_demand` on tokens per minute (TPM): Limit 12000, Requested 14137, please reduce your message size and try again.",
      "tokens",
      "rate_limit_exceeded",
    ),
    is: "too-long",
    next: "next-account",
  },
  {
    name: "retired",
    provider: "groq",
    status: 400,
    body: openai(
      "The model `llama3-8b-8192` has been decommissioned and is no longer supported. Please refer to https://console.groq.com/docs/deprecations",
      "invalid_request_error",
      "model_decommissioned",
    ),
    is: "model",
  },
  {
    name: "blocked",
    provider: "groq",
    status: 403,
    body: openai(
      "The model `openai/gpt-oss-120b` is blocked at the organization level.",
      "permissions_error",
      "model_permission_blocked_org",
    ),
    is: "model",
  },
  {
    name: "wrong key",
    provider: "groq",
    status: 401,
    body: openai("Invalid API Key", "invalid_request_error", "invalid_api_key"),
    is: "credential",
  },
  {
    name: "unknown path",
    provider: "groq",
    status: 404,
    body: openai(
      "Unknown request URL: POST /openai/v1/foo. Please check the URL for typos",
      "invalid_request_error",
      "unknown_url",
    ),
    is: "client",
    next: "next-account",
  },
  {
    name: "flex capacity",
    provider: "groq",
    status: 498,
    body: openai("Flex tier capacity exceeded", "internal_server_error", "capacity_exceeded"),
    is: "overloaded",
  },

  // Mistral
  {
    name: "rate",
    provider: "mistral",
    status: 429,
    body: {
      object: "error",
      message: "Rate limit exceeded",
      type: "rate_limited",
      param: null,
      code: "1300",
      raw_status_code: 429,
    },
    is: "rate-limit",
  },
  {
    name: "rate in brief",
    provider: "mistral",
    status: 429,
    body: { message: "Requests rate limit exceeded" },
    is: "rate-limit",
  },
  {
    name: "capacity",
    provider: "mistral",
    status: 429,
    body: {
      object: "error",
      message: "Service tier capacity exceeded for this model.",
      type: "service_tier_capacity_exceeded",
      param: null,
      code: "3505",
    },
    is: "overloaded",
    scope: "none",
  },
  {
    name: "no such model",
    provider: "mistral",
    status: 400,
    body: {
      object: "error",
      message: "Invalid model: mistral-giant",
      type: "invalid_model",
      param: null,
      code: "1500",
    },
    is: "model",
  },
  { name: "wrong key", provider: "mistral", status: 401, body: { detail: "Unauthorized" }, is: "credential" },
  {
    name: "validation",
    provider: "mistral",
    status: 422,
    body: {
      object: "error",
      message: {
        detail: [{ type: "extra_forbidden", loc: ["body", "user"], msg: "Extra inputs are not permitted" }],
      },
      type: "invalid_request_error",
    },
    is: "client",
  },

  // xAI
  {
    name: "wrong key is a 400",
    provider: "xai",
    status: 400,
    body: {
      code: "Client specified an invalid argument",
      error: "Incorrect API key provided: sk***YA. You can obtain an API key from https://console.x.ai.",
    },
    is: "credential",
  },
  {
    name: "credits",
    provider: "xai",
    status: 429,
    body: {
      code: "Some resource has been exhausted",
      error:
        "Your team 16f2151a has either used all available credits or reached its monthly spending limit. To continue making API requests, please purchase more credits or raise your spending limit.",
    },
    is: "billing",
  },
  {
    name: "credits as a 403",
    provider: "xai",
    status: 403,
    body: {
      code: "permission-denied",
      error: "You have run out of credits or need a Grok subscription. Add credits at https://grok.com.",
    },
    is: "billing",
  },
  {
    name: "no such model",
    provider: "xai",
    status: 404,
    body: {
      code: "Some requested entity was not found",
      error: "The model grok-9 does not exist or your team 16f2 does not have access to it.",
    },
    is: "model",
  },
  {
    name: "prompt too long",
    provider: "xai",
    status: 400,
    body: {
      code: "Client specified an invalid argument",
      error: "This model's maximum prompt length is 131072 but the request contains 140034 tokens.",
    },
    is: "too-long",
  },
  {
    name: "parameter",
    provider: "xai",
    status: 400,
    body: {
      code: "Client specified an invalid argument",
      error: "Model grok-4 does not support parameter reasoningEffort.",
    },
    is: "client",
  },

  // Z.ai
  {
    name: "balance",
    provider: "zai",
    status: 429,
    body: {
      error: { code: "1113", message: "Insufficient balance or no resource package. Please recharge." },
    },
    is: "billing",
    code: "1113",
  },
  {
    name: "balance in Chinese",
    provider: "zai",
    status: 429,
    body: { error: { code: "1113", message: "余额不足或无可用资源包,请充值。" } },
    is: "billing",
  },
  {
    name: "balance, Anthropic shape",
    provider: "zai",
    status: 429,
    body: {
      type: "error",
      error: {
        type: "rate_limit_error",
        code: "1113",
        message: "[1113][Insufficient balance or no resource package. Please recharge.][20260922]",
      },
      request_id: "20260922",
    },
    is: "billing",
  },
  {
    name: "concurrency",
    provider: "zai",
    status: 429,
    body: {
      error: {
        code: "1302",
        message:
          "High concurrency usage of this API, please reduce concurrency or contact customer service to increase limits",
      },
    },
    is: "rate-limit",
  },
  {
    name: "five hours, by the clock of Beijing",
    provider: "zai",
    status: 429,
    body: {
      error: {
        code: "1308",
        message: "Usage limit reached for 5 hour. Your limit will reset at 2026-09-01 21:30:00",
      },
    },
    is: "quota",
    scope: "account",
    wait: 90 * MINUTE,
  },
  {
    name: "week",
    provider: "zai",
    status: 429,
    body: {
      error: {
        code: "1310",
        message: "Weekly/Monthly Limit Exhausted. Your limit will reset at 2026-09-05 08:00:00",
      },
    },
    is: "quota",
    wait: 6 * HOUR,
  },
  {
    name: "fair use",
    provider: "zai",
    status: 429,
    body: {
      error: {
        code: "1313",
        message:
          "Your account's current usage pattern does not comply with the Fair Usage Policy, and your request frequency has been limited.",
      },
    },
    is: "permission",
  },
  {
    name: "no such model",
    provider: "zai",
    status: 400,
    body: { error: { code: "1211", message: "Unknown Model, please check the model code." } },
    is: "model",
  },
  {
    name: "wrong key",
    provider: "zai",
    status: 401,
    body: { error: { code: "1000", message: "Authentication Failed" } },
    is: "credential",
  },
  {
    name: "traffic",
    provider: "zai",
    status: 429,
    body: {
      error: { code: "1305", message: "The service may be temporarily overloaded, please try again later" },
    },
    is: "overloaded",
  },
  {
    name: "too long",
    provider: "zai",
    status: 400,
    body: { error: { code: "1261", message: "Prompt exceeds max length" } },
    is: "too-long",
  },
  {
    name: "unsafe",
    provider: "zai",
    status: 400,
    body: {
      error: {
        code: "1301",
        message: "System detected potentially unsafe or sensitive content in input or generation.",
      },
    },
    is: "client",
  },

  // Moonshot
  {
    name: "balance as a 403",
    provider: "moonshot",
    status: 403,
    body: {
      error: {
        message:
          "Your account org-1<ak-1> is not active, organization <org-1> exceeded current quota, please check your plan and billing details",
        type: "exceeded_current_quota_error",
      },
    },
    is: "billing",
  },
  {
    name: "wrong key",
    provider: "moonshot",
    status: 401,
    body: { error: { message: "Invalid Authentication", type: "invalid_authentication_error" } },
    is: "credential",
  },
  {
    name: "overloaded as a 429",
    provider: "moonshot",
    status: 429,
    body: {
      error: {
        message: "The engine is currently overloaded, please try again later",
        type: "engine_overloaded_error",
      },
    },
    is: "overloaded",
  },
  {
    name: "requests per minute",
    provider: "moonshot",
    status: 429,
    body: {
      error: {
        message:
          "Your account org-1<ak-1> request reached organization max RPM: 3, please try again after 1 seconds",
        type: "rate_limit_reached_error",
      },
    },
    is: "rate-limit",
    wait: 1000,
  },
  {
    name: "too long",
    provider: "moonshot",
    status: 400,
    body: {
      error: {
        message: "Invalid request: Your request exceeded model token limit: 262144",
        type: "invalid_request_error",
      },
    },
    is: "too-long",
  },
  {
    name: "no such model",
    provider: "moonshot",
    status: 404,
    body: {
      error: { message: "Not found the model kimi-x or Permission denied", type: "resource_not_found_error" },
    },
    is: "model",
  },
  {
    name: "content",
    provider: "moonshot",
    status: 400,
    body: {
      error: {
        type: "content_filter",
        message: "The request was rejected because it was considered high risk",
      },
    },
    is: "client",
  },

  // Azure OpenAI
  {
    name: "no such deployment",
    provider: "azure-openai",
    status: 404,
    body: {
      error: {
        code: "DeploymentNotFound",
        message:
          "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.",
      },
    },
    is: "model",
  },
  {
    name: "rate",
    provider: "azure-openai",
    status: 429,
    body: {
      error: {
        code: "429",
        message:
          "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-05-01-preview have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 9 seconds. Please go here: https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit.",
      },
    },
    is: "rate-limit",
    wait: 9000,
  },
  {
    name: "a day for a limit per minute",
    provider: "azure-openai",
    status: 429,
    body: {
      error: {
        code: "RateLimitReached",
        message:
          "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-05-01-preview have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 86400 seconds.",
      },
    },
    is: "rate-limit",
    wait: 10 * MINUTE,
  },
  {
    name: "wrong key",
    provider: "azure-openai",
    status: 401,
    body: {
      error: {
        code: "401",
        message:
          "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.",
      },
    },
    is: "credential",
  },
  {
    name: "content filter",
    provider: "azure-openai",
    status: 400,
    body: {
      error: {
        message:
          "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        type: null,
        param: "prompt",
        code: "content_filter",
        status: 400,
        innererror: { code: "ResponsibleAIPolicyViolation" },
      },
    },
    is: "client",
  },
  {
    name: "operation",
    provider: "azure-openai",
    status: 400,
    body: {
      error: {
        code: "OperationNotSupported",
        message:
          "The chatCompletion operation does not work with the specified model, gpt-5-codex. Please choose different model and try again.",
      },
    },
    is: "model",
    scope: "none",
  },

  // Vertex AI
  {
    name: "no permission",
    provider: "vertex",
    status: 403,
    body: [
      google(
        403,
        "PERMISSION_DENIED",
        "Permission 'aiplatform.endpoints.predict' denied on resource '//aiplatform.googleapis.com/projects/p/locations/l/publishers/google/models/gemini-pro' (or it may not exist).",
        [errorInfo("IAM_PERMISSION_DENIED")],
      ),
    ],
    is: "permission",
  },
  {
    name: "no such model",
    provider: "vertex",
    status: 404,
    body: google(
      404,
      "NOT_FOUND",
      "Publisher Model `projects/p/locations/us-central1/publishers/google/models/gemini-9` was not found or your project does not have access to it.",
    ),
    is: "model",
  },
  {
    name: "busy",
    provider: "vertex",
    status: 429,
    body: google(
      429,
      "RESOURCE_EXHAUSTED",
      "Resource exhausted. Please try again later. Please refer to https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429 for more details.",
    ),
    is: "rate-limit",
  },
  {
    name: "expired token",
    provider: "vertex",
    status: 401,
    body: google(
      401,
      "UNAUTHENTICATED",
      "Request had invalid authentication credentials. Expected OAuth 2 access token.",
    ),
    is: "credential",
  },

  // Servers of one's own
  {
    name: "not pulled",
    provider: "ollama",
    status: 404,
    body: openai('model "llama9" not found, try pulling it first', "api_error", null),
    is: "model",
  },
  {
    name: "native shape",
    provider: "ollama",
    status: 404,
    body: { error: "model 'llama2' not found" },
    is: "model",
  },
  {
    name: "busy",
    provider: "ollama",
    status: 503,
    body: { error: "server busy, please try again.  maximum pending requests exceeded" },
    is: "overloaded",
  },
  {
    name: "nothing loaded",
    provider: "lmstudio",
    status: 404,
    body: openai(
      "No models loaded. Please load a model in the developer page or use the `lms load` command.",
      "invalid_request_error",
      "model_not_found",
      "model",
    ),
    is: "model",
  },
  {
    name: "context",
    provider: "lmstudio",
    status: 400,
    body: {
      error:
        "Trying to keep the first 15857 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input.",
    },
    is: "too-long",
  },
  {
    name: "context, newer",
    provider: "lmstudio",
    status: 400,
    body: { error: "Cannot truncate prompt with n_keep (15028) >= n_ctx (7424)" },
    is: "too-long",
  },
  {
    name: "no such model",
    provider: "vllm",
    status: 404,
    body: {
      object: "error",
      message: "The model `qwen` does not exist.",
      type: "NotFoundError",
      param: null,
      code: 404,
    },
    is: "model",
  },
  {
    name: "context",
    provider: "vllm",
    status: 400,
    body: {
      error: {
        message:
          "You passed 1015 input tokens and requested 10 output tokens. However, the model's context length is only 1024 tokens, resulting in a maximum input length of 1014 tokens. Please reduce the length of the input prompt. (parameter=input_tokens, value=1015)",
        type: "BadRequestError",
        param: "input_tokens",
        code: 400,
      },
    },
    is: "too-long",
  },
  {
    name: "path it lacks",
    provider: "vllm",
    status: 404,
    body: { detail: "Not Found" },
    is: "client",
    next: "next-account",
    scope: "none",
  },
  { name: "wrong key", provider: "vllm", status: 401, body: { error: "Unauthorized" }, is: "credential" },

  // What stands between
  {
    name: "firewall",
    provider: "custom",
    status: 403,
    body: "<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head><body>…</body></html>",
    is: "client",
    scope: "none",
    next: "next-account",
  },
  {
    name: "page not found",
    provider: "custom",
    status: 404,
    body: "404 page not found",
    is: "client",
    next: "next-account",
  },
  {
    name: "gateway page",
    provider: "custom",
    status: 502,
    body: "<html><head><title>502 Bad Gateway</title></head></html>",
    is: "provider",
  },
  {
    name: "Cloudflare's own status",
    provider: "custom",
    status: 524,
    body: "error code: 524",
    is: "provider",
  },
  {
    name: "empty 503 with a date",
    provider: "custom",
    status: 503,
    headers: { "retry-after": "Tue, 01 Sep 2026 12:00:30 GMT" },
    body: "",
    is: "provider",
    wait: 30_000,
  },
  {
    name: "another gateway's JSON in JSON",
    provider: "custom",
    status: 429,
    body: {
      error: {
        message: JSON.stringify(google(429, "RESOURCE_EXHAUSTED", "Slow.", [retryInfo("7s")])),
        code: 429,
        status: "Too Many Requests",
      },
    },
    is: "rate-limit",
    wait: 7000,
  },
  {
    name: "per minute, bare",
    provider: "custom",
    status: 429,
    body: "Tokens per minute limit exceeded - too many tokens processed.",
    is: "rate-limit",
  },
  {
    name: "another gateway's budget is a 400",
    provider: "custom",
    status: 400,
    body: openai("Budget has been exceeded! Current cost: 10.2, Max budget: 10.0", "budget_exceeded", "400"),
    is: "billing",
    scope: "account",
  },
  {
    name: "another gateway's key is a 400",
    provider: "custom",
    status: 400,
    body: openai("Authentication Error - Expired Key.", "expired_key", "400"),
    is: "credential",
  },
  {
    name: "another gateway's users pay in advance",
    provider: "custom",
    status: 403,
    body: openai("user quota is not enough", "new_api_error", "insufficient_user_quota"),
    is: "billing",
  },
  {
    name: "forbidden, unexplained",
    provider: "custom",
    status: 403,
    body: { error: { message: "Nope" } },
    is: "permission",
    scope: "account-model",
  },
  {
    name: "not implemented",
    provider: "custom",
    status: 501,
    body: { error: { message: "not implemented" } },
    is: "client",
  },
  {
    name: "teapot",
    provider: "custom",
    status: 418,
    body: { error: { message: "I'm a teapot" } },
    is: "client",
  },
];

export const FAILURE_CASES: readonly FailureCase[] = [
  ...OPENAI,
  ...ANTHROPIC,
  ...GEMINI,
  ...OPENROUTER,
  ...OTHERS,
];
