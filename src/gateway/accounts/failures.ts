/** What an upstream failure means for the account, the model and the request. */
import type { Protocol } from "../protocols/protocol.ts";
import type { ProviderId } from "../providers/ids.ts";
import { PROVIDERS } from "../providers/providers.ts";
import { type ErrorBody, readErrorBody } from "./errorBody.ts";
import { FAILURE_RULES, type FailureRule } from "./failureRules.ts";
import { dateOf, type ReplyHeaders, retryAfter } from "./retryTimes.ts";

export type FailureClass =
  | "credential"
  | "billing"
  | "permission"
  | "model"
  | "too-long"
  | "rate-limit"
  | "quota"
  | "foreign-state"
  | "client"
  | "provider"
  | "overloaded"
  | "network";

/** Who is held back: the account, the account for this model, nobody. */
export type FailureScope = "account" | "account-model" | "none";

/** Where the request goes: the same account again, another account, a target with another model, back. */
export type FailureNext = "retry-account" | "next-account" | "next-target" | "client";

export interface Failure {
  readonly class: FailureClass;
  readonly scope: FailureScope;
  readonly next: FailureNext;
  /** The provider's own time, capped. */
  readonly retryAfterMs?: number;
  /** Milliseconds until the limit ends, as the provider said it: not capped, a year at most. */
  readonly statedMs?: number;
  /** The provider's own words, else ours. Never empty. */
  readonly message: string;
  /** The provider's own code. */
  readonly code?: string;
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

/** What each class does unless a rule says otherwise. */
export const CLASSES: Readonly<
  Record<FailureClass, { readonly scope: FailureScope; readonly next: FailureNext }>
> = {
  credential: { scope: "account", next: "next-account" },
  billing: { scope: "account", next: "next-account" },
  permission: { scope: "account", next: "next-account" },
  model: { scope: "account-model", next: "next-account" },
  "too-long": { scope: "none", next: "next-target" },
  "rate-limit": { scope: "account-model", next: "next-account" },
  quota: { scope: "account-model", next: "next-account" },
  "foreign-state": { scope: "none", next: "retry-account" },
  client: { scope: "none", next: "client" },
  provider: { scope: "none", next: "retry-account" },
  overloaded: { scope: "none", next: "retry-account" },
  network: { scope: "account", next: "next-account" },
};

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
  const rule = FAILURE_RULES.find((each) => applies(each, reply.provider, status, body));
  const found = rule?.class ?? (status >= 400 && status < 500 ? "client" : "provider");
  // The headers of a stream are older than the error in it.
  const now = reply.status >= 400 ? dateOf(reply.headers, reply.now) : reply.now;
  const wait = retryAfter(reply.headers, body, reply.provider, now);
  const name = settle(found, wait, body);
  const retryAfterMs = capped(name, wait, body);
  const statedMs = stated(name, retryAfterMs, wait);
  return {
    class: name,
    scope: rule?.scope ?? CLASSES[name].scope,
    next: rule?.next ?? CLASSES[name].next,
    message: body.message === "" ? unspoken(reply.provider, status) : body.message,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(statedMs === undefined ? {} : { statedMs }),
    ...(body.code === undefined ? {} : { code: body.code }),
  };
}

function applies(rule: FailureRule, provider: ProviderId, status: number, body: ErrorBody): boolean {
  if (rule.providers !== undefined && !rule.providers.includes(provider)) return false;
  if (rule.structured !== undefined && rule.structured !== body.structured) return false;
  const code =
    (rule.codes !== undefined && body.codes.some((each) => rule.codes?.includes(each))) ||
    (rule.codeLike !== undefined && body.codes.some((each) => rule.codeLike?.test(each)));
  const text = rule.text?.test(body.text) === true;
  if (rule.status !== undefined && !rule.status.includes(status)) return false;
  const speaks = rule.codes !== undefined || rule.codeLike !== undefined || rule.text !== undefined;
  if (rule.both === true) return code && text;
  return !speaks || code || text;
}

/** A rate limit that lasts is a quota, unless the provider speaks of minutes: then it exaggerates. */
function settle(found: FailureClass, wait: number | undefined, body: ErrorBody): FailureClass {
  const long = wait !== undefined && wait > MAX_WAIT_MS["rate-limit"];
  return found === "rate-limit" && long && !PER_MINUTE.test(body.text) ? "quota" : found;
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
