/** What an upstream failure means for the account, the model and the request. */

import type { Protocol } from "../../control/protocol.ts";
import { visible } from "../../control/visible.ts";
import type { ErrorKind } from "../common/errors.ts";
import { compact } from "../common/json.ts";
import type { ChatError } from "../protocols/chat.ts";
import type { ProviderId } from "../providers/ids.ts";
import { PROVIDERS } from "../providers/providers.ts";
import { type ErrorBody, readErrorBody } from "./errorBody.ts";
import { CLASSES, type FailureClass, type FailureNext, type FailureScope } from "./failureClasses.ts";
import { judge } from "./judge.ts";
import { dateOf, type ReplyHeaders, retryAfter } from "./retryTimes.ts";

export {
  CLASSES,
  type FailureClass,
  type FailureNext,
  type FailureScope,
  IMMEDIATE,
} from "./failureClasses.ts";

export interface Failure {
  readonly class: FailureClass;
  readonly scope: FailureScope;
  readonly next: FailureNext;
  /** The provider's own time, capped. */
  readonly retryAfterMs?: number;
  /** Milliseconds until the limit ends, as the provider said it: not capped, a year at most. */
  readonly statedMs?: number;
  /** Milliseconds for which it holds, where those of its class are wrong. */
  readonly holdMs?: number;
  /** The provider's own words, else ours. Never empty. */
  readonly message: string;
  /** The provider's own code. */
  readonly code?: string;
  /** The request's field that is at fault, where the provider named it. */
  readonly param?: string;
  /**
   * The class that words speak of which are no known sentence of this provider. Where a second account
   * refuses the same request in such words, the request is at fault.
   */
  readonly weak?: FailureClass;
}

export interface FailedReply {
  readonly provider: ProviderId;
  readonly protocol: Protocol;
  /** HTTP status; 200 for an error inside a reply or a stream. */
  readonly status: number;
  /** Names in lower case, as Node gives them. */
  readonly headers: ReplyHeaders;
  /** Parsed JSON, or text. */
  readonly body: unknown;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Milliseconds that a provider can hold an account back at most; then it is asked again. */
export const MAX_WAIT_MS = {
  "rate-limit": 600_000,
  quota: 21_600_000,
  provider: 60_000,
  overloaded: 60_000,
} as const;

/** Classifies an error reply. Never throws, whatever the body is. */
export function classify(reply: FailedReply): Failure {
  const body = readErrorBody(reply.body);
  // A 200 may hold an error with a status of its own.
  const status = reply.status >= 400 ? reply.status : (body.status ?? reply.status);
  const verdict = judge(reply.provider, status, body);
  // The headers of a stream are older than the error in it.
  const now = reply.status >= 400 ? dateOf(reply.headers, reply.now) : reply.now;
  const wait = retryAfter(reply.headers, body, reply.provider, now);
  const settled = settle(verdict.class, wait, body);
  return {
    ...verdict,
    ...settled,
    message: body.message === "" ? unspoken(reply.provider, status) : visible(body.message),
    ...compact({ code: body.code, param: settled.class === "client" ? body.param : undefined }),
  };
}

/** What kinds of errors mean that are in our own terms already: of the sandbox, a sign-in, a decoder. */
const CLASS_OF_KIND: Readonly<Record<ErrorKind, FailureClass>> = {
  invalid_request: "client",
  authentication: "credential",
  permission: "permission",
  billing: "billing",
  not_found: "client",
  model_not_found: "model",
  method_not_allowed: "client",
  too_large: "too-long",
  context_too_long: "too-long",
  rate_limit: "rate-limit",
  quota: "quota",
  overloaded: "overloaded",
  unavailable: "provider",
  timeout: "provider",
  upstream: "provider",
  unsupported: "client",
  internal: "provider",
};

/** The same of an error in our own terms: its kind says all, no words are read. */
export function ownFailure({ kind, message, code, retryAfterMs: wait }: ChatError): Failure {
  const settled = settle(CLASS_OF_KIND[kind], wait, readErrorBody(""));
  return {
    ...CLASSES[settled.class],
    ...settled,
    message: message === "" ? "No reason was given." : visible(message),
    code: code ?? kind,
  };
}

/**
 * What the provider's own time makes of it. A rate limit that lasts is a quota, unless the provider speaks of minutes:
 * then it exaggerates.
 */
function settle(
  found: FailureClass,
  wait: number | undefined,
  body: ErrorBody,
): Pick<Failure, "class" | "retryAfterMs" | "statedMs"> {
  const long = wait !== undefined && wait > MAX_WAIT_MS["rate-limit"];
  const name = found === "rate-limit" && long && !PER_MINUTE.test(body.text) ? "quota" : found;
  const retryAfterMs = capped(name, wait, body);
  return compact({ class: name, retryAfterMs, statedMs: stated(name, retryAfterMs, wait) });
}

const PER_MINUTE = /per[ -]min|per[ -]second|\b[TR]PM\b|(?:token|call|request)s? rate limit/i;

function capped(name: FailureClass, wait: number | undefined, body: ErrorBody): number | undefined {
  if (wait === undefined) return undefined;
  switch (name) {
    case "quota":
      // Google's delay is that of its shortest limit, also when the day's is used up.
      return body.retryDelay !== undefined && wait < MAX_WAIT_MS["rate-limit"]
        ? undefined
        : Math.min(wait, MAX_WAIT_MS.quota);
    case "rate-limit":
    case "provider":
    case "overloaded":
      return Math.min(wait, MAX_WAIT_MS[name]);
    default:
      return undefined;
  }
}

/** Beyond it, no limit is meant: the moment is a mistake. */
export const MAX_STATED_MS = 366 * 86_400_000;

/** Of limits alone; where our own time stands for the provider's, it has said nothing of this limit. */
function stated(
  name: FailureClass,
  retryAfterMs: number | undefined,
  wait: number | undefined,
): number | undefined {
  if (retryAfterMs === undefined || wait === undefined || wait > MAX_STATED_MS) return undefined;
  return name === "quota" || name === "rate-limit" ? wait : undefined;
}

function unspoken(provider: ProviderId, status: number): string {
  return `${PROVIDERS[provider].label} answered ${status} without saying why.`;
}
