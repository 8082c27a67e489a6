/** Errors as `google.rpc.Status`: https://cloud.google.com/apis/design/errors */

import type { ErrorKind, PorticoError } from "../../common/errors.ts";
import { compact, fieldsOf, isRecord } from "../../common/json.ts";
import type { ChatError } from "../chat.ts";
import type { ErrorReply, Framing } from "../codec.ts";
import { durationMs, findings, kindOfStatus, retryHeaders, waitIn } from "../errorParts.ts";
import { fieldOf, type Json, listOf, numberOf, textOf } from "./values.ts";

/** `ErrorInfo.reason`s that say more than the status does. */
const REASON_KINDS: Readonly<Record<string, ErrorKind>> = {
  API_KEY_INVALID: "authentication",
  API_KEY_EXPIRED: "authentication",
  ACCESS_TOKEN_EXPIRED: "authentication",
  ACCESS_TOKEN_TYPE_UNSUPPORTED: "authentication",
  ACCOUNT_STATE_INVALID: "authentication",
  CREDENTIALS_MISSING: "authentication",
  API_KEY_SERVICE_BLOCKED: "permission",
  API_KEY_HTTP_REFERRER_BLOCKED: "permission",
  API_KEY_IP_ADDRESS_BLOCKED: "permission",
  ACCESS_TOKEN_SCOPE_INSUFFICIENT: "permission",
  SERVICE_DISABLED: "permission",
  CONSUMER_INVALID: "permission",
  CONSUMER_SUSPENDED: "permission",
  USER_PROJECT_DENIED: "permission",
  IAM_PERMISSION_DENIED: "permission",
  BILLING_DISABLED: "billing",
  RATE_LIMIT_EXCEEDED: "rate_limit",
  RESOURCE_QUOTA_EXCEEDED: "quota",
  QUOTA_EXHAUSTED: "quota",
  MODEL_CAPACITY_EXHAUSTED: "overloaded",
};

/** Words in a message, the first that fits. */
const TEXT_KINDS: readonly (readonly [RegExp, ErrorKind])[] = [
  [
    /api[ _]key (?:not valid|expired|not found)|invalid api key|pass a valid api key|reported as leaked/i,
    "authentication",
  ],
  [
    /input token count|exceeds the maximum number of tokens|context (?:length|window)|prompt is too long/i,
    "context_too_long",
  ],
  [/payload size exceeds|request (?:entity|body) (?:is )?too large/i, "too_large"],
  [
    /(?:prepayment|credit)s? (?:balance|are|is)? ?.*(?:depleted|exhausted|too low)|enable billing|billing (?:account|has been|is) .*disabled/i,
    "billing",
  ],
  [/location is not supported/i, "permission"],
  [/overloaded|high demand/i, "overloaded"],
  [/models?\/[^ ]+ is not found|model .*(?:not found|does not exist)|publisher model/i, "model_not_found"],
];

const STATUS_KINDS: Readonly<Record<string, ErrorKind>> = {
  INVALID_ARGUMENT: "invalid_request",
  FAILED_PRECONDITION: "invalid_request",
  OUT_OF_RANGE: "invalid_request",
  ALREADY_EXISTS: "invalid_request",
  ABORTED: "invalid_request",
  UNAUTHENTICATED: "authentication",
  PERMISSION_DENIED: "permission",
  NOT_FOUND: "not_found",
  RESOURCE_EXHAUSTED: "rate_limit",
  UNIMPLEMENTED: "unsupported",
  INTERNAL: "upstream",
  UNKNOWN: "upstream",
  DATA_LOSS: "upstream",
  CANCELLED: "upstream",
  UNAVAILABLE: "unavailable",
  DEADLINE_EXCEEDED: "timeout",
};

function detailsOf(error: Json, type: string): Json[] {
  return listOf(error.details)
    .filter(isRecord)
    .filter((detail) => textOf(detail["@type"])?.endsWith(type) === true);
}

/** `34.4s`, or `{seconds}`, in milliseconds, rounded up. */
export function delayOf(value: unknown): number | undefined {
  if (typeof value === "string") return durationMs(value);
  const seconds = numberOf(fieldsOf(value).seconds);
  return seconds === undefined ? undefined : Math.ceil(seconds * 1_000);
}

function retryAfter(error: Json, message: string): number | undefined {
  for (const detail of detailsOf(error, "RetryInfo")) {
    const delay = delayOf(fieldOf(detail, "retryDelay"));
    if (delay !== undefined) return delay;
  }
  return waitIn(message);
}

/** A day's quota is gone for long, a minute's only for now. */
function quotaKind(error: Json, message: string): ErrorKind | undefined {
  const ids = detailsOf(error, "QuotaFailure")
    .flatMap((detail) => listOf(detail.violations))
    .map((violation) => {
      const { quotaId, quotaMetric, subject, description } = fieldsOf(violation);
      return [quotaId, quotaMetric, subject, description]
        .filter((text) => typeof text === "string")
        .join(" ");
    });
  if (
    [...ids, message].some((text) =>
      /per[ _-]?day|daily|per[ _-]?month|monthly|spend(?:ing)? (?:cap|limit)/i.test(text),
    )
  )
    return "quota";
  return ids.some((text) => /per[ _-]?(?:minute|second|hour)/i.test(text)) ? "rate_limit" : undefined;
}

function kindOf(status: number, error: Json, message: string): ErrorKind {
  const reason = detailsOf(error, "ErrorInfo").map((detail) => textOf(detail.reason) ?? "");
  const name = (textOf(error.status) ?? textOf(error.type) ?? textOf(error.code) ?? "").toUpperCase();
  const code = numberOf(error.code) ?? status;
  const limited = name === "RESOURCE_EXHAUSTED" || code === 429 || status === 429;
  const byReason = reason.map((one) => REASON_KINDS[one]).find((kind) => kind !== undefined);
  if (byReason !== undefined && byReason !== "rate_limit") return byReason;
  const byText = TEXT_KINDS.find(([pattern]) => pattern.test(message))?.[1];
  if (limited) return byText === "billing" ? byText : (quotaKind(error, message) ?? byReason ?? "rate_limit");
  return byReason ?? byText ?? STATUS_KINDS[name] ?? kindOfStatus(code >= 400 ? code : status);
}

/** The object that tells of the error, and its words. */
function findError(body: unknown): { error: Json; message: string } | undefined {
  if (typeof body === "string" && body.trim() !== "")
    return { error: {}, message: body.trim().slice(0, 500) };
  if (Array.isArray(body)) {
    for (const one of body) {
      const found = isRecord(one) && one.error !== undefined ? findError(one) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (!isRecord(body)) return undefined;
  const error = isRecord(body.error) ? body.error : body;
  const words = [
    body.error,
    error.message,
    error.error_description,
    body.error_description,
    body.detail,
    findings(body.detail),
    body.msg,
    ...listOf(body.errors),
    fieldsOf(listOf(body.errors)[0]).message,
  ].find((text) => typeof text === "string" && text !== "");
  if (typeof words === "string") return { error, message: words };
  return isRecord(body.error)
    ? { error, message: textOf(error.status) ?? "The provider gave no reason." }
    : undefined;
}

export function decodeError(status: number, body: unknown): ChatError | undefined {
  const found = findError(body);
  if (found === undefined) return undefined;
  const { error, message } = found;
  const reason = detailsOf(error, "ErrorInfo").map((detail) => textOf(detail.reason))[0];
  const code = reason ?? textOf(error.status) ?? textOf(error.code) ?? textOf(error.type);
  const fields = detailsOf(error, "BadRequest")
    .flatMap((detail) => listOf(fieldOf(detail, "fieldViolations")))
    .flatMap((violation) => textOf(fieldsOf(violation).field) ?? []);
  const missing = fields.filter((field) => !message.includes(field));
  const retryAfterMs = retryAfter(error, message);
  return {
    kind: kindOf(status, error, message),
    message: missing.length > 0 ? `${message} (${missing.join(", ")})` : message,
    ...compact({ code, retryAfterMs }),
  };
}

const KIND_STATUS: Readonly<Record<ErrorKind, string>> = {
  invalid_request: "INVALID_ARGUMENT",
  authentication: "UNAUTHENTICATED",
  permission: "PERMISSION_DENIED",
  billing: "FAILED_PRECONDITION",
  not_found: "NOT_FOUND",
  model_not_found: "NOT_FOUND",
  method_not_allowed: "UNIMPLEMENTED",
  too_large: "INVALID_ARGUMENT",
  context_too_long: "INVALID_ARGUMENT",
  rate_limit: "RESOURCE_EXHAUSTED",
  quota: "RESOURCE_EXHAUSTED",
  overloaded: "UNAVAILABLE",
  unavailable: "UNAVAILABLE",
  timeout: "DEADLINE_EXCEEDED",
  upstream: "UNAVAILABLE",
  unsupported: "UNIMPLEMENTED",
  internal: "INTERNAL",
};

const TYPE = "type.googleapis.com/google.rpc.";

/** Google has no 529; an overloaded model is a 503. */
function httpStatus(error: PorticoError): number {
  return error.status === 529 ? 503 : error.status;
}

/** The `{error}` object, also the last element of a stream. */
export function errorBody(error: PorticoError, requestId: string): Json {
  const { field, code, retryAfterMs } = error;
  const details: Json[] = [];
  if (code !== undefined) details.push({ "@type": `${TYPE}ErrorInfo`, reason: code, domain: "portico" });
  if (field !== undefined)
    details.push({
      "@type": `${TYPE}BadRequest`,
      fieldViolations: [{ field, description: error.message }],
    });
  if (retryAfterMs !== undefined)
    details.push({ "@type": `${TYPE}RetryInfo`, retryDelay: `${Math.max(0, retryAfterMs) / 1_000}s` });
  if (requestId !== "") details.push({ "@type": `${TYPE}RequestInfo`, requestId });
  return {
    error: {
      code: httpStatus(error),
      message: error.message,
      status: KIND_STATUS[error.kind],
      ...(details.length > 0 ? { details } : {}),
    },
  };
}

export function encodeError(error: PorticoError, requestId: string): ErrorReply {
  return {
    status: httpStatus(error),
    headers: retryHeaders(error),
    body: errorBody(error, requestId),
  };
}

/**
 * An error behind what was sent already. In a JSON array that is at least one element; where
 * nothing but white space went out, the stream's encoder opens the array: push the error there.
 */
export function encodeStreamError(error: PorticoError, requestId: string, framing: Framing): string {
  const body = JSON.stringify(errorBody(error, requestId));
  return framing === "sse" ? `data: ${body}\r\n\r\n` : `,\r\n${body}]`;
}
