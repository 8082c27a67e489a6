/**
 * What codes, statuses and words of a provider's error mean, in order: the first that applies decides.
 * `judge.ts` says which of them may speak. Codes come before the status, because providers disagree
 * about statuses (a wrong key is a 400 at Google, an empty balance a 403 at Moonshot, a 429 at OpenAI
 * and Z.ai). What providers say in words alone is in `knownSentences.ts`.
 *
 * Learned from the providers' pages on errors:
 * https://developers.openai.com/docs/guides/error-codes
 * https://platform.claude.com/docs/en/api/errors
 * https://ai.google.dev/gemini-api/docs/troubleshooting
 * https://openrouter.ai/docs/api/reference/errors-and-debugging
 * https://api-docs.deepseek.com/quick_start/error_codes
 * https://console.groq.com/docs/errors
 * https://docs.x.ai/developers/debugging
 * https://docs.z.ai/api-reference/api-code
 * https://platform.kimi.com/docs/api/errors
 * and from what their users report.
 */
import type { ProviderId } from "../providers/ids.ts";
import type { FailureClass, FailureNext, FailureScope } from "./failureClasses.ts";
import { NUMBERED_RULES } from "./numberedRules.ts";

export interface FailureRule {
  readonly class: FailureClass;
  /** Whole codes, lower case. */
  readonly codes?: readonly string[];
  /** A part of any code. */
  readonly codeLike?: RegExp;
  /** Words of the message, its quotations cut out. */
  readonly text?: RegExp;
  /** Of whole messages, quotations included: for words that name fields in quotes and hold nobody. */
  readonly uncut?: true;
  /** Its code and its words are wanted; otherwise one is enough. */
  readonly both?: true;
  /** Its code names a kind, of which the words of another rule may know more. */
  readonly vague?: true;
  /** With these alone. */
  readonly status?: readonly number[];
  /** For codes that other providers use for other things. */
  readonly providers?: readonly ProviderId[];
  /** Only where the reply is (or is not) an error object of an API. */
  readonly structured?: boolean;
  /** Where they differ from what the class has. */
  readonly scope?: FailureScope;
  readonly next?: FailureNext;
}

/** By codes and words. */
export const FAILURE_RULES: readonly FailureRule[] = [
  ...NUMBERED_RULES,

  // The request itself: refused for its content, by whichever account.
  {
    class: "client",
    codes: [
      "content_filter",
      "content_policy_violation",
      "responsibleaipolicyviolation",
      "moderation_blocked",
      "input_moderation",
      "guardrail_blocked",
    ],
    text: /was flagged|flagged (?:as|by|for)|content management policy|considered high risk|content (?:violates|exists risk)/i,
  },
  { class: "client", codes: ["1300", "1301"], providers: ["zai"] },

  // State that belongs to another account, or to nobody any more.
  {
    class: "client",
    // An item that was never stored: the client has to send it whole.
    text: /items are not persisted when/i,
  },
  {
    class: "foreign-state",
    codes: [
      "invalid_encrypted_content",
      "previous_response_not_found",
      "invalid_signature",
      "thinking_signature_invalid",
    ],
    uncut: true,
    text: /encrypted content .{0,200}could not be (?:verified|decrypted)|invalid [`'"]?signature[`'"]? in [`'"]?thinking|thought[_ ]?signature|previous response .{0,200}not found|(?:response|conversation|container|item|vector store) with id .{0,200}not found|cachedcontent not found|permission to access the file|no such file object|file [`'"]?file[-_]\S{1,100} (?:was )?not found/i,
  },

  // Too long. Some accounts allow less than the model does; then another account may take it.
  {
    class: "too-long",
    text: /request too large for .{0,300}(?:tokens? per|TPM)|long context (?:requests|beta)|prompt tokens limit exceeded/is,
    next: "next-account",
  },
  {
    class: "too-long",
    codes: [
      "context_length_exceeded",
      "context_too_long",
      "context_window_exceeded",
      "request_too_large",
      "token_limit_exceeded",
      "model_max_prompt_tokens_exceeded",
      "exceed_context_size_error",
    ],
    text: /maximum context length|context (?:length|window|size|limit)[^.]{0,60}(?:exceed|too|overflow|only)|exceeds?[^.]{0,60}context (?:length|window|size|limit)|context (?:the )?overflows|prompt is too long|prompt too long|maximum prompt length|input token count[^.]{0,60}exceeds|exceeded model token limit|input token length too long|too many (?:input )?tokens in|cannot truncate prompt|reduce the length of (?:the|your) (?:input|messages|prompt)|input is too long/i,
  },
  { class: "too-long", codes: ["1261"], providers: ["zai"] },

  // Google's one status for every kind of limit.
  {
    class: "billing",
    codes: ["resource_exhausted"],
    text: /prepay|credits? (?:are|is) depleted|spending cap|spend limit/i,
    both: true,
  },
  { class: "model", codes: ["resource_exhausted"], text: /\blimit: 0\b/i, both: true },
  { class: "quota", codeLike: /perday/ },
  {
    class: "quota",
    codes: ["resource_exhausted"],
    text: /generate_requests_per_model_per_day/i,
    both: true,
  },
  // It says "check your plan and billing details" of mere limits: no further words are read.
  { class: "rate-limit", codes: ["resource_exhausted"] },

  // Money.
  { class: "billing", text: /requires more credits, or fewer max_tokens/i, scope: "none" },
  { class: "rate-limit", codes: ["openrouter_in_flight_budget"] },
  {
    class: "billing",
    codes: [
      "insufficient_quota",
      "insufficient_credits",
      "insufficient_balance",
      "insufficient_funds",
      "billing",
      "billing_error",
      "billing_disabled",
      "billing_not_active",
      "billing_hard_limit_reached",
      "credit_balance_exhausted",
      "organization_spend_limit_exceeded",
      "project_spend_limit_exceeded",
      "organization_usage_limit_exceeded",
      "exceeded_current_quota_error",
      "payment_required",
      "openrouter_credits",
      "openrouter_key_limit",
      // Gateways of others in front of a provider: LiteLLM, New API, Novita.
      "budget_exceeded",
      "insufficient_user_quota",
      "pre_consume_token_quota_failed",
      "not_enough_balance",
    ],
    text: /credit balance is too low|insufficient (?:account )?(?:balance|credits?|funds|quota)|(?:run|ran) out of credits|used all available credits|monthly spending limit|\u4f59\u989d\u4e0d\u8db3|please recharge|key limit exceeded|exceeded your current quota|billing (?:account|details).{0,60}(?:disabled|inactive|not active)|please enable billing|requires billing to be enabled/i,
  },
  { class: "billing", codes: ["1113", "1309"], providers: ["zai"] },

  // The account may not, or may no longer.
  {
    class: "permission",
    codes: [
      "unsupported_country_region_territory",
      "account_deactivated",
      "account_suspended",
      "access_terminated",
      "organization_deactivated",
      "invalid_organization",
      "mismatched_organization",
      "ip_not_authorized",
      "insufficient_permissions",
      "missing_scope",
      "service_disabled",
      "consumer_suspended",
      "consumer_invalid",
      "iam_permission_denied",
      "api_key_service_blocked",
      "api_key_http_referrer_blocked",
      "api_key_ip_address_blocked",
      "organization_restricted",
    ],
    text: /country, region, or territory not supported|location is not supported|not available in your country|has not been used in project .{0,200}disabled|has been suspended|(?:organization|account|project) has been (?:disabled|restricted|deactivated|suspended|terminated|locked)|account (?:is|was) (?:disabled|deactivated|suspended|locked|inactive)|ip (?:address )?(?:is )?not authorized|insufficient permissions for this operation|must be a member of an organization|aiplatform\.endpoints\.predict|fair usage policy|access terminated/i,
  },
  {
    class: "permission",
    codes: ["1110", "1111", "1112", "1120", "1121", "1220", "1313"],
    providers: ["zai"],
  },

  // The key.
  {
    class: "credential",
    codes: [
      "invalid_api_key",
      "incorrect_api_key_error",
      "api_key_invalid",
      "invalid_authentication_error",
      "authentication",
      "authentication_error",
      "unauthenticated",
      "unauthorized",
      "token_expired",
      "access_token_expired",
      "access_token_type_unsupported",
      "credentials_missing",
      "no_auth_header",
      "expired_key",
      "token_not_found_in_db",
      "failed_to_auth",
    ],
    text: /(?:incorrect|invalid|missing|expired|wrong|bad) api[ -]?key|api[ -]?key (?:is )?(?:not (?:valid|found)|invalid|expired|missing|disabled|was (?:reported as leaked|revoked|not found))|key was reported as leaked|invalid (?:x-api-key|bearer token|authentication|subscription key|credentials|token)|(?:no|missing) (?:auth(?:orization|entication)?)(?: (?:credentials|header|token))|authentication (?:fails|failed|required)|access denied due to invalid subscription key|^user not found\.?$|api key has expired/im,
  },
  { class: "credential", codes: ["1000", "1001", "1002", "1003", "1004"], providers: ["zai"] },

  // The model, at this account. Where the request asked for more than the model has, the next
  // request may not: nothing is remembered.
  {
    class: "model",
    text: /no endpoints found that support|not a chat model|only supported in v1\/|does not work with the specified model|does not support (?:chat|this method)|not supported (?:in|with) the v1\/|endpoint (?:is )?not supported (?:by|for) (?:this )?model/i,
    scope: "none",
  },
  {
    class: "model",
    codes: [
      "model_not_found",
      "model_not_available",
      "model_not_supported",
      "model_decommissioned",
      "model_deprecated",
      "model_terms_required",
      "model_permission_blocked_org",
      "model_permission_blocked_project",
      "key_model_access_denied",
      "team_model_access_denied",
      "user_model_access_denied",
      "deploymentnotfound",
      "invalid_model",
      "unknown_model",
      "unknownmodel",
      "modelnotfounderror",
    ],
    text: /\bmodels?(?:[ :/]+\S{1,200})? (?:(?:does|do) not exist|not exist|(?:was |is )?not found|is not available|is no longer (?:available|supported)|is not (?:currently )?supported|has been (?:decommissioned|deprecated|retired)|is (?:blocked|not enabled))|not a valid model|unknown model\b|not found the model|invalid model\b|no endpoints (?:found|available)|must be verified to use the model|no models? (?:is |are )?(?:currently )?loaded|(?:access|permission) to (?:use )?(?:the |this )?(?:requested )?model\b|deployment[^.]{0,100}does not exist|not (?:available|included) (?:on|in|with) your (?:current )?(?:plan|subscription|tier)|^model: \S|try pulling it first/im,
    status: [200, 400, 401, 403, 404, 410, 422, 429],
  },
  { class: "model", codes: ["1211", "1311"], providers: ["zai"] },

  // The provider is short of machines; no account's fault.
  {
    class: "overloaded",
    codes: [
      "overloaded",
      "overloaded_error",
      "engine_overloaded_error",
      "server_is_overloaded",
      "slow_down",
      "capacity_exceeded",
      "serviceunavailable",
      "nocapacity",
    ],
    text: /overloaded|(?:at|over|no|insufficient) capacity|capacity exceeded|(?:experiencing|currently under|due to) (?:high|heavy) (?:demand|traffic|load)|server(?: is)? (?:too )?busy|temporarily rate-limited upstream/i,
  },
  { class: "overloaded", codes: ["1305", "1312"], providers: ["zai"] },
  { class: "overloaded", codes: ["3505"], providers: ["mistral"] },

  // Limits that come back late, then those that come back soon.
  {
    class: "quota",
    text: /specified api usage limits|usage limit (?:reached|for this (?:period|billing))|(?:weekly|monthly|daily)(?:\/\w+)? (?:usage )?limit|reached your (?:\w+ )?usage limit|hit your (?:usage )?limit/i,
    scope: "account",
  },
  { class: "quota", codes: ["1304", "1308", "1310"], providers: ["zai"], scope: "account" },
  {
    class: "quota",
    codes: ["quota", "quota_exceeded", "usage_limit_reached", "usage_limit_exceeded", "daily_limit_exceeded"],
    text: /\b(?:tokens|requests|audio seconds) per (?:day|week|month)\b|\b(?:TPD|RPD)\b|free-models-per-day|per-day limit/i,
  },
  { class: "rate-limit", codes: ["1302", "1303"], providers: ["zai"] },
  {
    class: "rate-limit",
    codes: [
      "rate_limit",
      "rate_limited",
      "rate_limit_error",
      "rate_limit_exceeded",
      "rate_limit_reached_error",
      "ratelimitreached",
      "ratelimitexceeded",
      "too_many_requests",
      "throttling_error",
      "throttled",
      "concurrency_limit_exceeded",
    ],
    vague: true,
    text: /rate[ -]?limit (?:reached|exceeded)|exceeded .{0,60}rate limit|too many requests|tokens? per min|requests per min/i,
  },

  // A path that this server does not have; another may.
  {
    class: "client",
    codes: ["unknown_url"],
    text: /^(?:not found|method not allowed|404 page not found)\.?$|^invalid url|^unexpected endpoint|^unknown request url/im,
    status: [404, 405],
    next: "next-account",
  },
  // Says as much as its status.
  {
    class: "permission",
    status: [403],
    codes: ["permission", "permission_error", "permission_denied", "permission-denied", "forbidden"],
    vague: true,
  },

  // A field of the request, which would be as wrong with any other account.
  {
    class: "client",
    codes: [
      "invalid_type",
      "invalid_value",
      "invalid_parameter",
      "invalid_parameter_value",
      "unknown_parameter",
      "unsupported_parameter",
      "unsupported_value",
      "missing_required_parameter",
      "integer_above_max_value",
      "integer_below_min_value",
      "decimal_above_max_value",
      "decimal_below_min_value",
      "string_above_max_length",
      "string_below_min_length",
      "string_too_long",
      "array_above_max_length",
      "array_below_min_length",
      "object_above_max_properties",
      "invalid_json",
      "invalid_json_schema",
      "invalid_function_parameters",
      "invalid_base64",
      "invalid_image",
      "invalid_image_url",
      "invalid_image_format",
      "unsupported_image_media_type",
      "json_validate_failed",
      "tool_use_failed",
    ],
    status: [200, 400, 404, 409, 413, 415, 422],
  },
];

/** By the status alone, where neither codes nor words have decided. */
export const STATUS_RULES: readonly FailureRule[] = [
  // Inside a reply that began well.
  {
    class: "client",
    codes: ["invalid_request_error", "invalid_request", "invalid_argument", "invalid_prompt", "bad_request"],
    status: [200],
  },

  // An error page is none of the account's doing: a firewall, a wrong path.
  { class: "client", status: [403, 404, 405, 501], structured: false, next: "next-account" },
  { class: "client", status: [501] },
  { class: "credential", status: [401] },
  { class: "billing", status: [402] },
  { class: "permission", status: [403], scope: "account-model" },
  { class: "too-long", status: [413] },
  { class: "rate-limit", status: [429] },
  { class: "overloaded", status: [529, 498] },
  { class: "provider", status: [408, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530] },
];
