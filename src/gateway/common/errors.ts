/**
 * The one error type that crosses layers. Whatever fails on the way of a request becomes a
 * `PorticoError`; the client protocol's `errors.ts` alone decides how it looks on the wire.
 */

/** The HTTP status that each kind of error has unless the error says otherwise. */
export const STATUS_OF_KIND = {
  invalid_request: 400,
  authentication: 401,
  permission: 403,
  billing: 402,
  not_found: 404,
  model_not_found: 404,
  method_not_allowed: 405,
  too_large: 413,
  context_too_long: 400,
  rate_limit: 429,
  quota: 429,
  overloaded: 529,
  unavailable: 503,
  timeout: 504,
  upstream: 502,
  unsupported: 501,
  internal: 500,
} as const;

/** What went wrong, in the terms all four protocols can express. */
export type ErrorKind = keyof typeof STATUS_OF_KIND;

export interface ErrorDetails {
  /** HTTP status; by default that of the kind. */
  status?: number | undefined;
  /** The request field that is wrong, as a path: `messages[2].content`. */
  field?: string | undefined;
  /** The provider's own error code, where it gave one. */
  code?: string | undefined;
  /** Milliseconds until a retry makes sense. Becomes `Retry-After`. */
  retryAfterMs?: number | undefined;
  /** `false`: no retry of the same request can mend it; SDKs are told so. */
  retryable?: boolean | undefined;
  cause?: unknown;
}

/** A failure with a meaning. `message` is for the client and says what to do; it holds no secret. */
export class PorticoError extends Error {
  override readonly name = "PorticoError";
  readonly kind: ErrorKind;
  readonly status: number;
  readonly field: string | undefined;
  readonly code: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly retryable: boolean | undefined;

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.status = details.status ?? STATUS_OF_KIND[kind];
    this.field = details.field;
    this.code = details.code;
    this.retryAfterMs = details.retryAfterMs;
    this.retryable = details.retryable;
  }
}

/** What no retry of the same request can mend. */
export function lasting(kind: ErrorKind, message: string, details: ErrorDetails = {}): PorticoError {
  return new PorticoError(kind, message, { ...details, retryable: false });
}

/** A request the client has to change: 400 that names the field. */
export function badRequest(message: string, field?: string): PorticoError {
  return lasting("invalid_request", message, { field });
}

/** Anything thrown, as a `PorticoError`; what we did not foresee is `internal`, without its text. */
export function asPorticoError(thrown: unknown): PorticoError {
  if (thrown instanceof PorticoError) return thrown;
  // Only JSON nested thousands of levels deep exhausts the stack, and only the client's is walked.
  if (thrown instanceof RangeError && /call stack/i.test(thrown.message)) {
    return badRequest("The request is nested too deeply.");
  }
  return new PorticoError("internal", "Portico failed on this request. Its log has the details.", {
    cause: thrown,
  });
}

/** Its words, of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Compile-time exhaustiveness: a case that was forgotten does not type-check. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
