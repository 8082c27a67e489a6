/** Errors of the Responses API: `{error: {message, type, param, code}}`. */
import type { ErrorKind, PorticoError } from "../../common/errors.ts";
import { compact, type Fields, fieldsOf, isRecord, numberOf, parseJson, textOf } from "../../common/json.ts";
import type { ChatError } from "../chat.ts";
import type { ErrorReply } from "../codec.ts";
import { findings, kindOfStatus, retryHeaders, waitIn } from "../errorParts.ts";
import { OPENAI_KINDS, type OpenaiKind } from "../openaiError.ts";
import { RESPONSE_DEFAULTS } from "./responseDefaults.ts";

/** By code, type and text; the first match wins. Status only decides where none of these does. */
const BY_CODE: readonly [RegExp, ErrorKind][] = [
  [
    /insufficient_quota|billing_hard_limit|credit_balance|billing_not_active|usage_limit_reached|usage_not_included/,
    "quota",
  ],
  // One parameter that is too long (a `user` of 150 characters), not the conversation.
  [/_(?:above|below)_(?:max|min)_/, "invalid_request"],
  [/context_length_exceeded|context_window|max_tokens_exceeded/, "context_too_long"],
  [/rate_limit|too_many_requests|tokens_exceeded|slow_down/, "rate_limit"],
  [
    /invalid_api_key|authentication|account_deactivated|invalid_authentication|unauthorized/,
    "authentication",
  ],
  [/model_not_found|model_not_available|deployment_?not_?found|unknown_model/, "model_not_found"],
  [/permission|unsupported_country|access_denied|forbidden|mismatched_organization/, "permission"],
  [/server_is_overloaded|overloaded|engine_overloaded|capacity/, "overloaded"],
  [/not_found/, "not_found"],
  [/timeout|deadline/, "timeout"],
  [
    /unsupported_(?:parameter|value)|invalid_|missing_|unknown_parameter|bad_request|image_|policy/,
    "invalid_request",
  ],
];
const BY_TEXT: readonly [RegExp, ErrorKind][] = [
  [/exceeded your current quota|credit balance|billing|insufficient (?:funds|balance|credits)/i, "quota"],
  [
    /maximum context length|context (?:window|length)|too many (?:input )?tokens|prompt is too long/i,
    "context_too_long",
  ],
  [/rate limit|too many requests/i, "rate_limit"],
  [/(?:incorrect|invalid|missing) api key|invalid authentication|no api key/i, "authentication"],
  [
    /model .{0,200}(?:does not exist|not found|not supported)|no such model|unknown model/i,
    "model_not_found",
  ],
  [/overloaded|at capacity/i, "overloaded"],
];
/** Types that say little more than the status: they decide last. */
const VAGUE = /^(?:invalid_request_error|bad_request|server_error|api_error|internal_error|error)$/;

function kindOf(status: number, words: readonly string[], message: string): ErrorKind {
  const precise = words
    .filter((word) => !VAGUE.test(word))
    .join(" ")
    .toLowerCase();
  const found =
    BY_CODE.find(([pattern]) => pattern.test(precise)) ?? BY_TEXT.find(([pattern]) => pattern.test(message));
  if (found !== undefined) return found[1] === "quota" && status === 402 ? "billing" : found[1];
  const known = kindOfStatus(status);
  const invalid = known === "upstream" && words.some((word) => /invalid_request|bad_request/.test(word));
  return invalid ? "invalid_request" : known;
}

/** The part of an error body that says something, whatever its shape. */
function bodyOf(
  body: unknown,
): { message?: string | undefined; words: string[]; fields: Fields } | undefined {
  if (typeof body === "string") {
    const parsed = parseJson(body);
    if (isRecord(parsed) || Array.isArray(parsed)) return bodyOf(parsed);
    return body.trim() ? { message: body.trim().slice(0, 2000), words: [], fields: {} } : undefined;
  }
  if (Array.isArray(body)) return bodyOf(body.length === 1 ? body[0] : { detail: body });
  if (!isRecord(body)) return undefined;
  const inner = isRecord(body.error) ? body.error : body;
  const detail = body.detail;
  const message =
    textOf(inner.message) ??
    textOf(body.error) ??
    textOf(body.message) ??
    textOf(detail) ??
    (Array.isArray(detail) ? findings(detail) : textOf(fieldsOf(detail).message)) ??
    (Array.isArray(body.errors) ? findings(body.errors) : undefined) ??
    textOf(inner.code) ??
    textOf(body.title);
  const words = [inner.code, inner.type, body.code, body.status].filter((word) => typeof word === "string");
  if (message === undefined && words.length === 0) return undefined;
  return { message, words, fields: inner };
}

/** The provider's error body as words and kind. `undefined`: nothing in it says that it is one. */
export function decodeError(status: number, body: unknown): ChatError | undefined {
  const found = bodyOf(body);
  if (found === undefined) return undefined;
  const message = found.message ?? found.words.join(" ");
  const code = textOf(found.fields.code) ?? textOf(found.fields.type);
  const seconds = numberOf(found.fields.retry_after) ?? numberOf(found.fields.resets_in_seconds);
  const retryAfterMs = seconds === undefined ? waitIn(message) : Math.ceil(seconds * 1000);
  return compact({ kind: kindOf(status, found.words, message), message, code, retryAfterMs });
}

/** Type and code that OpenAI's SDKs and Codex know for each kind. */
const SHOWN: Readonly<Record<ErrorKind, OpenaiKind>> = {
  ...OPENAI_KINDS,
  method_not_allowed: { type: "invalid_request_error", code: "method_not_supported" },
  overloaded: { type: "server_error", code: "server_is_overloaded" },
  upstream: { type: "server_error", code: "server_error" },
};

/** Codes that this protocol's clients look at, passed on from a provider of the same family. */
const PASSED_CODES =
  /^(?:previous_response_not_found|websocket_connection_limit_reached|invalid_encrypted_content|invalid_prompt|unsupported_(?:parameter|value)|cyber_policy|server_is_overloaded|slow_down)$/;

export interface ShownError {
  message: string;
  type: string;
  param: string | null;
  code: string | null;
}

export function showError(error: {
  kind: ErrorKind;
  message: string;
  code?: string | undefined;
  field?: string | undefined;
}): ShownError {
  const shown = SHOWN[error.kind];
  const code = error.code !== undefined && PASSED_CODES.test(error.code) ? error.code : shown.code;
  return { message: error.message, type: shown.type, param: error.field ?? null, code };
}

/** An error as an HTTP reply. */
export function encodeError(error: PorticoError, requestId: string): ErrorReply {
  const status = error.status === 529 && error.kind === "overloaded" ? 503 : error.status;
  const headers = { "x-request-id": requestId, ...retryHeaders(error) };
  return { status, headers, body: { error: showError(error) } };
}

/** One server-sent event. */
export function sse(data: Fields): string {
  return `event: ${String(data.type)}\ndata: ${JSON.stringify(data)}\n\n`;
}

/**
 * What ends a stream that failed: `error` for the SDKs, `response.failed` for Codex, which looks
 * at nothing else. `response`: the response so far, where it is known.
 */
export function failureEvents(shown: ShownError, response: Fields, sequence: number): Fields[] {
  return [
    {
      type: "error",
      sequence_number: sequence,
      code: shown.code,
      message: shown.message,
      param: shown.param,
      error: shown,
    },
    {
      type: "response.failed",
      sequence_number: sequence + 1,
      response: {
        ...response,
        status: "failed",
        error: { code: shown.code ?? shown.type, message: shown.message },
      },
    },
  ];
}

/** An error in the midst of a stream whose events we did not make ourselves. */
export function encodeStreamError(error: PorticoError, requestId: string): string {
  const id = `resp_${requestId.replace(/[^A-Za-z0-9]/g, "")}`;
  const response = { ...RESPONSE_DEFAULTS, id, created_at: 0, model: "" };
  return failureEvents(showError(error), response, 0).map(sse).join("");
}
