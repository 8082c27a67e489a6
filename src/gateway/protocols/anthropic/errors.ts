/** Errors: Anthropic's own shape, and whatever shape compatible providers made of theirs. */

import type { ErrorKind, PorticoError } from "../../common/errors.ts";
import { compact, isRecord, parseJson } from "../../common/json.ts";
import type { ChatError } from "../chat.ts";
import type { ErrorReply } from "../codec.ts";
import { kindOfStatus, retryHeaders, waitIn } from "../errorParts.ts";
import type { JsonObject } from "./json.ts";

/** Longest text of a provider's error that is passed on. */
const MAX_MESSAGE = 4_000;

const KIND_OF_TYPE = new Map<string, ErrorKind>([
  ["invalid_request_error", "invalid_request"],
  ["authentication_error", "authentication"],
  ["billing_error", "billing"],
  ["permission_error", "permission"],
  ["not_found_error", "not_found"],
  ["request_too_large", "too_large"],
  ["rate_limit_error", "rate_limit"],
  ["timeout_error", "timeout"],
  ["api_error", "upstream"],
  ["overloaded_error", "overloaded"],
  ["conflict_error", "invalid_request"],
  // Codes of providers that speak this protocol beside another one.
  ["insufficient_quota", "billing"],
  ["invalid_api_key", "authentication"],
  ["model_not_found", "model_not_found"],
  ["context_length_exceeded", "context_too_long"],
  ["rate_limit_exceeded", "rate_limit"],
  ["server_error", "upstream"],
  ["internal_server_error", "upstream"],
  ["engine_overloaded_error", "overloaded"],
  ["exceeded_current_quota_error", "billing"],
  ["enforced_spend_limit_reached", "quota"],
  ["contract_spend_limit_reached", "quota"],
  ["organization_on_hold", "billing"],
  ["request_body_too_large_after_decoding", "too_large"],
]);

/** What the words say, where they say more than the type. The first that fits counts. */
const KIND_OF_TEXT: readonly (readonly [RegExp, ErrorKind])[] = [
  [/credit balance is too low|insufficient (balance|credit|quota)|arrears|purchase credits/i, "billing"],
  [
    /prompt is too long|exceeds? (the )?(context|model).{0,40}(limit|window|length)|maximum context length|context[_ ]length|input is too long|too many (input )?tokens/i,
    "context_too_long",
  ],
  [
    /(reached|exceeded) your specified (api|workspace) usage limits?|regain access on|monthly limit/i,
    "quota",
  ],
  [
    /invalid (x-)?api[- ]key|incorrect api key|invalid bearer token|oauth token has expired/i,
    "authentication",
  ],
  [
    /^model: |model[^.]{0,80}(not found|does not exist|not exist)|unknown model|no such model/i,
    "model_not_found",
  ],
  [/overloaded|at capacity/i, "overloaded"],
];

interface Found {
  message: string | undefined;
  codes: string[];
}

const words = (value: unknown): string | undefined =>
  typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;

/** Looks for words and codes where providers put them; bounded depth. */
function search(value: unknown, depth = 0): Found | undefined {
  if (depth > 4) return undefined;
  if (typeof value === "string") return words(value) ? { message: words(value), codes: [] } : undefined;
  if (Array.isArray(value)) return searchList(value, depth);
  if (!isRecord(value)) return undefined;
  const details = isRecord(value.details) ? value.details : {};
  const own = [details.error_code, value.code, value.type, value.status, value.error_code];
  const codes = own
    .map((code) => (typeof code === "number" ? String(code) : words(code)))
    .filter((c) => c !== undefined);
  for (const key of ["error", "detail", "errors", "message", "msg", "error_description", "error_message"]) {
    const found = search(value[key], depth + 1);
    if (found !== undefined) return { message: found.message, codes: [...found.codes, ...codes] };
  }
  return codes.length > 0 && "error" in value ? { message: undefined, codes } : undefined;
}

/** FastAPI's `detail: [{loc, msg}]`, Google's `[{error}]`. */
function searchList(list: unknown[], depth: number): Found | undefined {
  const lines: string[] = [];
  const codes: string[] = [];
  for (const item of list.slice(0, 10)) {
    const found = search(item, depth + 1);
    if (found === undefined) continue;
    const where = isRecord(item) && Array.isArray(item.loc) ? `${item.loc.map(String).join(".")}: ` : "";
    if (found.message) lines.push(where + found.message);
    codes.push(...found.codes);
  }
  return lines.length > 0 ? { message: lines.join("; "), codes } : undefined;
}

function kindOf(status: number, found: Found): ErrorKind {
  const message = found.message ?? "";
  const byText = KIND_OF_TEXT.find(([pattern]) => pattern.test(message))?.[1];
  const byCode = found.codes.map((code) => KIND_OF_TYPE.get(code)).find((kind) => kind !== undefined);
  // A general type ("invalid request", "not found") says less than the words.
  if (byText !== undefined && (byCode === undefined || GENERAL.has(byCode))) return byText;
  if (byCode !== undefined) return byCode;
  return kindOfStatus(status);
}

const GENERAL = new Set<ErrorKind>([
  "invalid_request",
  "not_found",
  "permission",
  "rate_limit",
  "upstream",
  "authentication",
]);

/**
 * @param status the HTTP status; 200 for an error within a stream.
 * @param body the parsed body, or its text where it is no JSON.
 * @returns `undefined` where the body does not look like an error.
 */
export function decodeError(status: number, body: unknown): ChatError | undefined {
  const parsed = typeof body === "string" ? (parseJson(body) ?? body) : body;
  const looks = isRecord(parsed) && (parsed.type === "error" || isPresent(parsed.error));
  if (status < 400 && !looks) return undefined;
  const found = search(parsed) ?? { message: undefined, codes: [] };
  const html = found.message !== undefined && /^\s*<(!doctype|html)/i.test(found.message);
  const message = html ? undefined : found.message?.slice(0, MAX_MESSAGE);
  const code = found.codes[0];
  const wait = message === undefined ? undefined : waitIn(message);
  return {
    kind: kindOf(status, { message, codes: found.codes }),
    message: message ?? `The provider answered with status ${status} and no explanation.`,
    ...compact({ code, retryAfterMs: wait }),
  };
}

const isPresent = (value: unknown) => value !== undefined && value !== null;

const TYPE_OF_KIND: Readonly<Record<ErrorKind, string>> = {
  invalid_request: "invalid_request_error",
  authentication: "authentication_error",
  permission: "permission_error",
  billing: "billing_error",
  not_found: "not_found_error",
  model_not_found: "not_found_error",
  method_not_allowed: "invalid_request_error",
  too_large: "request_too_large",
  context_too_long: "invalid_request_error",
  rate_limit: "rate_limit_error",
  quota: "rate_limit_error",
  overloaded: "overloaded_error",
  unavailable: "api_error",
  timeout: "timeout_error",
  upstream: "api_error",
  unsupported: "invalid_request_error",
  internal: "api_error",
};

type Told = Pick<PorticoError, "kind" | "message"> & {
  field?: string | undefined;
  code?: string | undefined;
};

/** `{type: "error", …}` as a body and as the data of an `error` event. */
export function errorBody(error: Told, requestId: string | undefined): JsonObject {
  // The SDK recognises a conversation that is too long by these words.
  const prefix =
    error.kind === "context_too_long" && !/prompt is too long/i.test(error.message)
      ? "prompt is too long: "
      : "";
  const field = error.field !== undefined && !error.message.includes(error.field) ? `${error.field}: ` : "";
  return {
    type: "error",
    error: {
      type: TYPE_OF_KIND[error.kind],
      message: `${prefix}${field}${error.message}`,
      ...(error.code === undefined ? {} : { details: { error_code: error.code } }),
    },
    ...(requestId === undefined ? {} : { request_id: requestId }),
  };
}

export function encodeError(error: PorticoError, requestId: string): ErrorReply {
  return { status: error.status, headers: retryHeaders(error), body: errorBody(error, requestId) };
}

export function encodeStreamError(error: Told, requestId: string | undefined): string {
  return `event: error\ndata: ${JSON.stringify(errorBody(error, requestId))}\n\n`;
}
