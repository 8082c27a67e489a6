/** What the client is told when no account could answer: what was tried, and when to come back. */
import type { IncomingHttpHeaders } from "node:http";
import type { FailureClass } from "../../accounts/failures.ts";
import { duration } from "../../common/duration.ts";
import { type ErrorKind, lasting, PorticoError, STATUS_OF_KIND } from "../../common/errors.ts";
import { compact } from "../../common/json.ts";
import type { ChatError } from "../../protocols/chat.ts";
import { hasErrorShape } from "../../protocols/errorShape.ts";
import type { Candidate } from "../../routing/candidate.ts";
import type { AttemptFailure } from "../../upstream/relay/result.ts";
import { failureOf, isOurs } from "./classify.ts";
import type { FailedTry } from "./failedTries.ts";

/**
 * A provider's own error reply, to be sent on as it came: in passthrough the client knows the shape, and
 * nobody says it better.
 */
export class UpstreamReply extends PorticoError {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly candidate: Candidate;

  constructor(error: PorticoError, candidate: Candidate, headers: IncomingHttpHeaders, body: Buffer) {
    const { status, field, retryAfterMs, retryable } = error;
    super(error.kind, error.message, { status, field, retryAfterMs, retryable });
    this.candidate = candidate;
    this.headers = headers;
    this.body = body;
  }
}

const KIND: Readonly<Record<FailureClass, ErrorKind>> = {
  credential: "authentication",
  billing: "billing",
  permission: "permission",
  model: "model_not_found",
  "too-long": "context_too_long",
  "rate-limit": "rate_limit",
  quota: "quota",
  "foreign-state": "invalid_request",
  client: "invalid_request",
  provider: "upstream",
  overloaded: "overloaded",
  network: "upstream",
};

/** What ended a stream means. @param now milliseconds since 1970 */
export function errorOf(cause: AttemptFailure, candidate: Candidate, now: number): ChatError {
  const { class: name, message, code, retryAfterMs } = failureOf(cause, candidate, now);
  return { kind: KIND[name], message, ...compact({ code, retryAfterMs }) };
}

/** Classes that the same request meets again, however often it is sent. */
const FINAL: ReadonlySet<FailureClass> = new Set([
  "credential",
  "billing",
  "permission",
  "model",
  "too-long",
  "foreign-state",
  "client",
]);

/** The worst that could be said last: what a person can do something about comes first. */
const TELLING: readonly FailureClass[] = [
  "client",
  "too-long",
  "foreign-state",
  "rate-limit",
  "quota",
  "overloaded",
  "provider",
  "network",
  "billing",
  "credential",
  "permission",
  "model",
];

/** A candidate that was not asked. */
export interface Skipped {
  readonly candidate: Candidate;
  /** Milliseconds since 1970 at which it is asked again; absent where time alone mends nothing. */
  readonly until?: number;
  /** Milliseconds since 1970 at which its limit ends, as its provider said. */
  readonly resetAt?: number;
  readonly reason: string;
  /** The class of the failure that holds it back. */
  readonly because?: string;
  /** It works, but a wish of the person's own holds it back. */
  readonly why?: "budget" | "protected" | "pinned";
}

export interface FinalAnswerOptions {
  /** Says that some were not asked, and why. */
  readonly notAsked?: string | undefined;
  /** Milliseconds since 1970 of the request's turn, where it was not worth waiting for. */
  readonly turn?: number | undefined;
}

/** @param now milliseconds since 1970 */
export function finalAnswer(
  failed: readonly FailedTry[],
  resting: readonly Skipped[],
  now: number,
  { notAsked, turn = 0 }: FinalAnswerOptions = {},
): PorticoError {
  const soon = soonest(failed, resting, now);
  const retryAfterMs = soon === undefined ? undefined : Math.max(soon, turn - now);
  const last = failed.at(-1);
  if (last === undefined) return nobodyReady(resting, now, retryAfterMs);
  const [first = last] = failed;
  // The first account's own words are all there is to say.
  const doubted = notAsked === undefined && failed.every(isDoubted);
  const telling = doubted
    ? first
    : (failed.find((one) => one.failure.next === "client") ?? mostTelling(failed) ?? last);
  const { failure, cause, candidate } = telling;
  const kind = kindOf(telling);
  const status =
    cause.kind === "reply" && cause.status >= 400 && failure.class === "client"
      ? cause.status
      : STATUS_OF_KIND[kind];
  const details = {
    status,
    retryable: !FINAL.has(failure.class) && cause.kind !== "redirect",
    retryAfterMs,
    code: failure.code,
    field: failure.param,
  };
  const others = distinct([
    ...failed.map(say),
    ...resting.map((one) => sayResting(one, now)),
    ...(notAsked === undefined ? [] : [notAsked]),
  ]);
  if (others.length === 1 || failure.next === "client" || doubted) {
    // Passed on as they are, the provider's words would speak of a key that the client never sent.
    if (failure.class === "credential" && cause.kind === "reply") {
      return new PorticoError(kind, refused([candidate.account.label], failure.message), details);
    }
    const whose = isOwnFailure(telling) ? "" : `${candidate.account.label}: `;
    const error = new PorticoError(kind, `${whose}${failure.message}`, details);
    if (cause.kind !== "reply" || !hasErrorShape(candidate.protocol, cause.body)) return error;
    return new UpstreamReply(
      cause.status >= 400
        ? new PorticoError(kind, error.message, { ...details, status: cause.status })
        : error,
      candidate,
      cause.headers,
      cause.body,
    );
  }
  return new PorticoError(kind, `No account could answer. ${others.join("; ")}.`, details);
}

/** The request is refused: for what it replays, or in words that blame the account and were not believed. */
const isDoubted = ({ failure }: FailedTry): boolean =>
  failure.class === "foreign-state" || (failure.weak !== undefined && failure.class === "client");

/** An edge or a gateway says by its status alone what it refuses. */
const KIND_OF_STATUS: Readonly<Partial<Record<number, ErrorKind>>> = {
  403: "permission",
  404: "not_found",
  405: "method_not_allowed",
  413: "too_large",
};

/** Without files or memory of our own no account can be asked. */
const isOwnFailure = ({ cause }: FailedTry): boolean => cause.kind === "network" && isOurs(cause.error);

function kindOf(one: FailedTry): ErrorKind {
  const { failure, cause } = one;
  if (isOwnFailure(one)) return "unavailable";
  const byStatus =
    failure.class === "client" && cause.kind === "reply" ? KIND_OF_STATUS[cause.status] : undefined;
  return byStatus ?? KIND[failure.class];
}

function mostTelling(failed: readonly FailedTry[]): FailedTry | undefined {
  for (const name of TELLING) {
    const found = failed.findLast((one) => one.failure.class === name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function nobodyReady(
  resting: readonly Skipped[],
  now: number,
  retryAfterMs: number | undefined,
): PorticoError {
  const said = distinct(resting.map((one) => sayResting(one, now))).join("; ");
  if (resting.length > 0 && resting.every(({ why }) => why === "budget")) {
    const hint = 'Raise the limit under "budgets", or wait until it starts over';
    return lasting("quota", `${said}. ${hint}.`, { retryAfterMs });
  }
  const notReady = `No account is ready for this request. ${said}`;
  // A server that is off is no limit, though it is asked again at a time that is known.
  const timed = resting.filter(({ until }) => until !== undefined);
  if (retryAfterMs !== undefined) {
    const down = timed.every(({ because }) => because === "network" || because === "model");
    // 429 where time alone mends it: every SDK then waits as told.
    return new PorticoError(down ? "unavailable" : "rate_limit", `${notReady}.`, { retryAfterMs });
  }
  if (resting.length > 0 && resting.every(isUnknownModel)) {
    const hint = "GET /v1/models lists what is there";
    return lasting("model_not_found", `No account has this model. ${said}. ${hint}.`);
  }
  if (resting.length > 0 && resting.every(({ because }) => because === "credential")) {
    const labels = [...new Set(resting.map(({ candidate }) => candidate.account.label))].slice(0, 5);
    return lasting("authentication", refused(labels, resting[0]?.reason ?? ""));
  }
  if (resting.some(({ because }) => because !== undefined && ATTENTION.has(because))) {
    return lasting("unavailable", `${notReady}. ${MEND}.`);
  }
  return new PorticoError("unavailable", `${notReady}.`);
}

/** Classes after which a person has to do something. */
const ATTENTION: ReadonlySet<string> = new Set<FailureClass>(["credential", "billing", "permission"]);
const MEND = 'Portico\'s page "Accounts" and "portico accounts list" say what to do';

/** @param said the provider's words about the first */
function refused(labels: readonly string[], said: string): string {
  const names = labels.map((label) => `"${label}"`).join(", ");
  const whose = labels.length === 1 ? `account ${names}` : `accounts ${names}`;
  const its = labels.length === 1 ? "its key or sign-in" : "their keys or sign-ins";
  return `The provider refuses Portico's ${whose} (${quoted(said)}). Renew ${its} in Portico; the key that your tool sends plays no part.`;
}

/** Claude Code takes every error that names its header for a login of its own that is missing. */
function quoted(said: string): string {
  return said.replace(/\bx-api-key\b/gi, "API key").replace(/[.\s]+$/, "");
}

/** The provider said so, and will in a while: no time at which to come back. */
const isUnknownModel = ({ because }: Skipped): boolean => because === "model";

function say({ candidate, failure }: FailedTry): string {
  return `${candidate.account.label} (${candidate.model}): ${quoted(failure.message)}`;
}

function sayResting(resting: Skipped, now: number): string {
  const { candidate, reason } = resting;
  const wait = waitOf(resting, now);
  const again = wait === undefined ? "" : ` (ready in ${duration(wait)})`;
  return `${candidate.account.label} (${candidate.model}): ${quoted(reason)}${again}`;
}

function distinct(lines: readonly string[]): string[] {
  return [...new Set(lines.map((line) => line.replace(/[.\s]+$/, "")))];
}

/** Milliseconds until it is ready; `undefined` where nobody knows. */
function waitOf(resting: Skipped, now: number): number | undefined {
  const { until, resetAt = 0 } = resting;
  if (until === undefined || isUnknownModel(resting)) return undefined;
  // It is asked again before its limit ends, in case that was lifted; nobody counts on it.
  return Math.max(0, until - now, resetAt - now);
}

/** Milliseconds until the first of them is ready again. */
function soonest(failed: readonly FailedTry[], resting: readonly Skipped[], now: number): number | undefined {
  const waits = [
    ...failed.map(
      ({ failure, heldUntil = 0 }) =>
        failure.statedMs ?? failure.retryAfterMs ?? (heldUntil > now ? heldUntil - now : undefined),
    ),
    ...resting.map((one) => waitOf(one, now)),
  ].filter((wait) => wait !== undefined);
  return waits.length === 0 ? undefined : Math.min(...waits);
}
