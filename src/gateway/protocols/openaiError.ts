/** The error bodies of OpenAI's protocols, with what compatible servers make of them. */
import type { ErrorKind } from "../common/errors.ts";
import { isRecord } from "../common/json.ts";

/** Compatible providers differ in the rest; `message` or `detail` alone is what some send. */
export function isOpenaiError(body: unknown): boolean {
  if (!isRecord(body)) return false;
  const { error, type, message, detail } = body;
  return (
    (isRecord(error) && typeof error.message === "string") ||
    typeof error === "string" ||
    (type === undefined && (typeof message === "string" || detail !== undefined))
  );
}

export interface OpenaiKind {
  readonly type: string;
  readonly code: string | null;
}

/** Type and code of each kind: platform.openai.com/docs/guides/error-codes */
export const OPENAI_KINDS: Readonly<Record<ErrorKind, OpenaiKind>> = {
  invalid_request: { type: "invalid_request_error", code: null },
  authentication: { type: "invalid_request_error", code: "invalid_api_key" },
  permission: { type: "invalid_request_error", code: "permission_denied" },
  billing: { type: "insufficient_quota", code: "insufficient_quota" },
  not_found: { type: "invalid_request_error", code: "not_found" },
  model_not_found: { type: "invalid_request_error", code: "model_not_found" },
  method_not_allowed: { type: "invalid_request_error", code: "method_not_allowed" },
  too_large: { type: "invalid_request_error", code: "request_too_large" },
  context_too_long: { type: "invalid_request_error", code: "context_length_exceeded" },
  rate_limit: { type: "rate_limit_error", code: "rate_limit_exceeded" },
  quota: { type: "insufficient_quota", code: "insufficient_quota" },
  overloaded: { type: "server_error", code: "server_overloaded" },
  unavailable: { type: "server_error", code: "service_unavailable" },
  timeout: { type: "server_error", code: "timeout" },
  upstream: { type: "server_error", code: "upstream_error" },
  unsupported: { type: "invalid_request_error", code: "unsupported" },
  internal: { type: "server_error", code: "internal_error" },
};
