/** Errors: OpenAI's own shape outwards; inwards whatever compatible providers send. */

import { type ErrorKind, type PorticoError, STATUS_OF_KIND } from "../../common/errors.ts";
import { compact, isRecord, listOf, numberOf, textOf } from "../../common/json.ts";
import type { ChatError } from "../chat.ts";
import type { ErrorReply } from "../codec.ts";
import { durationMs, findings, kindOfStatus, retryHeaders, waitIn } from "../errorParts.ts";
import { OPENAI_KINDS } from "../openaiError.ts";
import { type Json, record } from "./values.ts";

/** What codes, types and words say; the first that matches counts. Status decides only after them. */
const SIGNS: readonly (readonly [RegExp, ErrorKind])[] = [
  // One parameter that is too long (a `user` of 150 characters), not the conversation.
  [/\b(?:string|array|object|integer|decimal)_(?:above|below)_(?:max|min)_/i, "invalid_request"],
  // Gemini says "check your plan and billing details" of a mere limit.
  [/resource_exhausted[\s\S]*per ?day/i, "quota"],
  [/resource_exhausted/i, "rate_limit"],
  [
    /insufficient_quota|insufficient[_ ](?:balance|credits|funds)|exceeded_current_quota|credit balance|billing_(?:hard_limit|not_active)|billing hard limit|payment required|(?:add|more) credits/i,
    "billing",
  ],
  [
    /context_length_exceeded|maximum context length|context window|prompt is too long|exceeds? (?:the )?(?:model'?s )?(?:max|context)|input is too long|too many (?:input )?tokens/i,
    "context_too_long",
  ],
  [
    /invalid[_ ]api[_ ]key|incorrect api key|api_key_invalid|api key not valid|invalid_authentication|authentication_error|unauthenticated|no auth credentials|invalid or expired token/i,
    "authentication",
  ],
  [
    /model_not_found|deploymentnotfound|model[^.]{0,80}(?:does not exist|not found|not exist)|no such model|unknown model|not a valid model/i,
    "model_not_found",
  ],
  [
    /permission_denied|permission_error|access_denied|unsupported_country|does not have access|forbidden/i,
    "permission",
  ],
  [/quota|usage limit|per day|\bdaily\b/i, "quota"],
  [/rate_limit|rate limit|too many requests/i, "rate_limit"],
  [/overloaded|over capacity|capacity exceeded|no_capacity/i, "overloaded"],
  [/request_too_large|payload too large|body too large|request entity too large/i, "too_large"],
];

/** z.ai's numbers (docs.z.ai/api-reference/api-code). */
const NUMBERED: Readonly<Record<string, ErrorKind>> = {
  "1000": "authentication",
  "1001": "authentication",
  "1002": "authentication",
  "1003": "authentication",
  "1113": "billing",
  "1211": "model_not_found",
  "1220": "permission",
  "1261": "context_too_long",
  "1302": "rate_limit",
  "1303": "rate_limit",
  "1304": "quota",
  "1305": "overloaded",
  "1308": "quota",
};

function kindOf(status: number, words: string, code?: string): ErrorKind {
  const numbered = code !== undefined && Object.hasOwn(NUMBERED, code) ? NUMBERED[code] : undefined;
  if (numbered !== undefined) return numbered;
  const found = SIGNS.find(([sign]) => sign.test(words))?.[1];
  // Words of quotas also stand in plain rate limits' and in validation errors' texts.
  if (found === "quota" && status !== 429 && status !== 403 && status !== 200) return kindOfStatus(status);
  return found ?? kindOfStatus(status);
}

/** FastAPI's `detail`: a sentence, or a list of findings with their places. */
function detailWords(detail: unknown): string | undefined {
  if (typeof detail === "string") return textOf(detail);
  const found = findings(detail);
  if (found !== undefined) return found;
  return isRecord(detail) ? (textOf(detail.message) ?? detailWords(detail.detail)) : undefined;
}

function messageOf(value: unknown): string | undefined {
  if (typeof value === "string") return textOf(value);
  if (!isRecord(value)) return undefined;
  return (
    textOf(value.message) ??
    messageOf(value.error) ??
    detailWords(value.detail) ??
    detailWords(value.message) ??
    textOf(value.error_msg) ??
    textOf(value.msg) ??
    textOf(value.title)
  );
}

function retryAfter(error: Json, message: string): number | undefined {
  for (const detail of listOf(error.details)) {
    const delay = textOf(record(detail)?.retryDelay);
    if (delay !== undefined) return durationMs(delay);
  }
  const stated = numberOf(error.retry_after) ?? numberOf(record(error.metadata)?.retry_after);
  if (stated !== undefined && stated >= 0) return Math.ceil(stated * 1000);
  return waitIn(message);
}

/** Words say more than numbers, which mostly repeat the HTTP status. */
function codeOf(error: Json, body: Json): string | undefined {
  const candidates = [error.code, error.status, error.type, body.code, body.type];
  const words = candidates.find((value) => textOf(value) !== undefined);
  const number = candidates.find((value) => typeof value === "number");
  return textOf(words) ?? (number === undefined ? undefined : String(number));
}

/** Gemini's findings, such as the id of the quota that is used up. */
const detailsText = (error: Json): string =>
  Array.isArray(error.details) ? (JSON.stringify(error.details.slice(0, 5)) ?? "").slice(0, 2000) : "";

/** OpenRouter wraps the provider's own words. */
function innerWords(error: Json): string {
  const raw = record(error.metadata)?.raw;
  return typeof raw === "string" ? raw.slice(0, 2000) : "";
}

const LONGEST = 2000;

function short(message: string): string {
  return message.length <= LONGEST ? message : `${message.slice(0, LONGEST)}…`;
}

function isErrorBody(body: Json): boolean {
  if (body.error !== undefined && body.error !== null) return true;
  if (Array.isArray(body.choices)) return false;
  return (
    body.object === "error" ||
    body.type === "error" ||
    body.detail !== undefined ||
    textOf(body.message) !== undefined
  );
}

/** `undefined` when a body with a good status is no error. */
export function decodeError(status: number, input: unknown): ChatError | undefined {
  const body = Array.isArray(input) ? input[0] : input;
  const failed = status >= 400;
  if (!isRecord(body)) {
    if (!failed) return undefined;
    const words =
      typeof body === "string"
        ? body
            .replace(/<[^>]*>/g, " ")
            .replace(/\s+/g, " ")
            .trim()
        : "";
    return {
      kind: kindOf(status, words.slice(0, LONGEST)),
      message: short(words) || `The provider answered ${status}.`,
    };
  }
  if (!failed && !isErrorBody(body)) return undefined;
  const error = record(body.error) ?? body;
  const message = messageOf(body.error) ?? messageOf(body) ?? `The provider answered ${status}.`;
  const code = codeOf(error, body);
  const inner = innerWords(error);
  const stated = numberOf(error.code);
  const known = !failed && stated !== undefined && stated >= 400 && stated < 600 ? stated : status;
  const words = [
    code ?? "",
    textOf(error.status) ?? "",
    textOf(error.type) ?? "",
    message,
    inner,
    detailsText(error),
  ]
    .join(" ")
    .slice(0, 4 * LONGEST);
  const retryAfterMs = retryAfter(error, message);
  return compact({
    kind: kindOf(known, words, code),
    message: short(inner !== "" && !message.includes(inner) ? `${message}: ${inner}` : message),
    code,
    retryAfterMs,
  });
}

function errorBody(error: PorticoError): Json {
  const { type, code } = OPENAI_KINDS[error.kind];
  return {
    error: { message: error.message, type, param: error.field ?? null, code: error.code ?? code },
  };
}

/** OpenAI's error object. An overloaded provider is a 503 in this protocol. */
export function encodeError(error: PorticoError, requestId: string): ErrorReply {
  const overloaded = error.kind === "overloaded" && error.status === STATUS_OF_KIND.overloaded;
  return {
    status: overloaded ? 503 : error.status,
    headers: {
      "x-request-id": requestId,
      ...retryHeaders(error),
    },
    body: errorBody(error),
  };
}

/** The official SDKs throw on a chunk with `error`; nothing follows it, `[DONE]` included. */
export function encodeStreamError(error: PorticoError): string {
  return `data: ${JSON.stringify(errorBody(error))}\n\n`;
}
