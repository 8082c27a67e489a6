/**
 * The attempt loop: tries candidates in order until one gives a reply, and gives up only when none
 * can, the budget is spent, or a byte has gone out to the client.
 */

import { classify, type Failure } from "../accounts/failures.ts";
import type { AccountHealth } from "../accounts/health.ts";
import { PorticoError } from "../errors.ts";
import type { ClientReply } from "../http/clientReply.ts";
import type { Clock, Log, Random } from "../ports.ts";
import type { AttemptRecord } from "../records/record.ts";
import type { Candidate } from "../routing/target.ts";
import type { Settings } from "../settings.ts";
import { diedWhileReused } from "./exchange.ts";
import { finalAnswer } from "./finalAnswer.ts";
import type { LaneResult, Trouble } from "./lane.ts";

/** Milliseconds; doubled at each further try of the same candidate, with jitter. */
const BACKOFF_MS = 500;
const BACKOFF_MAX_MS = 8_000;
/** Tries of one candidate whose provider is down for a moment. */
const TRIES_PER_CANDIDATE = 3;

export interface AttemptDeps {
  readonly health: AccountHealth;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly upstream: Settings["upstream"];
}

/** One try; resolves with a result and never rejects but for our own bugs. */
export type Attempt = (candidate: Candidate, options: { fresh: boolean }) => Promise<LaneResult>;

export type Done = Extract<LaneResult, { kind: "done" }>;

export interface AttemptsOutcome {
  readonly candidate: Candidate;
  readonly done: Done;
}

/** A try that failed, and what that means. */
export interface FailedTry {
  readonly candidate: Candidate;
  readonly trouble: Trouble;
  readonly failure: Failure;
}

/**
 * @param records gets a line per try
 * @throws PorticoError (or `UpstreamReply`, the provider's own words) when no candidate could answer
 */
export async function runAttempts(
  candidates: readonly Candidate[],
  attempt: Attempt,
  reply: ClientReply,
  records: AttemptRecord[],
  deps: AttemptDeps,
): Promise<AttemptsOutcome> {
  const { health, clock, upstream } = deps;
  const began = clock.now();
  const failed: FailedTry[] = [];
  const resting: { candidate: Candidate; until?: number; reason: string }[] = [];
  let skipTarget = -1;
  let budget = upstream.maxAttempts;

  for (const candidate of candidates) {
    if (candidate.target === skipTarget) continue;
    const available = health.available(candidate.account.id, candidate.model);
    if (available !== true) {
      resting.push({ candidate, ...available });
      continue;
    }
    let fresh = false;
    for (let tries = 0; ; ) {
      if (budget <= 0) throw finalAnswer(failed, resting, clock.now());
      budget--;
      const startedAt = clock.now();
      const result = await attempt(candidate, { fresh });
      const record = {
        account: candidate.account.id,
        model: candidate.model,
        protocol: candidate.protocol,
        at: startedAt - began,
        took: clock.now() - startedAt,
      };
      if (result.kind === "done") {
        records.push({
          ...record,
          status: result.status,
          outcome: result.broken === undefined ? "ok" : "broken",
        });
        if (result.broken === undefined) health.report(candidate.account.id, candidate.model, "ok");
        return { candidate, done: result };
      }
      if (reply.signal.aborted) {
        records.push({ ...record, outcome: "client-gone" });
        throw new ClientGone();
      }
      const { trouble } = result;
      const failure = failureOf(trouble, candidate, clock.now());
      records.push({
        ...record,
        ...(trouble.kind === "reply" ? { status: trouble.status } : {}),
        outcome: failure.class,
        message: failure.message,
      });
      deps.log.warn(`attempt failed: ${failure.class}: ${failure.message}`, {
        account: candidate.account.id,
        model: candidate.model,
      });
      // A socket that died while idle says nothing about the account: once more, on a new one.
      if (trouble.kind === "network" && !fresh && diedWhileReused(trouble.error) && !reply.committed) {
        fresh = true;
        continue;
      }
      health.report(candidate.account.id, candidate.model, failure);
      failed.push({ candidate, trouble, failure });
      const late = clock.now() - began > upstream.retryDeadlineMs;
      if (reply.committed || late || failure.next === "client")
        throw finalAnswer(failed, resting, clock.now());
      if (trouble.kind === "network" && wasReset(trouble.error) && !upstream.retryAfterReset) {
        throw finalAnswer(failed, resting, clock.now());
      }
      if (failure.next === "next-target") {
        skipTarget = candidate.target;
        break;
      }
      tries++;
      const alone = candidates.every(
        (other) => other === candidate || failed.some((one) => one.candidate === other),
      );
      const again = failure.class === "provider" || failure.class === "overloaded";
      if (!again || tries >= (alone ? TRIES_PER_CANDIDATE : 2)) break;
      const pause = Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** (tries - 1)) * (0.5 + deps.random() / 2);
      await sleep(
        failure.retryAfterMs === undefined ? pause : Math.min(failure.retryAfterMs, BACKOFF_MAX_MS),
        clock,
        reply.signal,
      );
      if (reply.signal.aborted) throw new ClientGone();
      if (reply.committed) throw finalAnswer(failed, resting, clock.now());
    }
  }
  throw finalAnswer(failed, resting, clock.now());
}

/** The client hung up: there is nobody to answer. */
export class ClientGone extends Error {
  override readonly name = "ClientGone";
}

function failureOf(trouble: Trouble, candidate: Candidate, now: number): Failure {
  const { provider } = candidate.account;
  switch (trouble.kind) {
    case "reply":
      return classify({
        provider: provider.id,
        protocol: candidate.protocol,
        status: trouble.status,
        headers: trouble.headers,
        body: parsed(trouble.body),
        now,
      });
    case "network":
      return {
        class: "network",
        scope: "account",
        next: "next-account",
        message: networkMessage(trouble.error, candidate),
      };
    case "chat": {
      const { error } = trouble;
      return classify({
        provider: provider.id,
        protocol: "openai-chat",
        status: new PorticoError(error.kind, error.message).status,
        headers: error.retryAfterMs === undefined ? {} : { "retry-after-ms": String(error.retryAfterMs) },
        body: { error: { message: error.message, code: error.code ?? error.kind, type: error.kind } },
        now,
      });
    }
  }
}

function parsed(body: Buffer): unknown {
  const text = body.toString("utf8");
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function networkMessage(error: Error, { account, protocol }: Candidate): string {
  const host = URL.parse(account.endpoints.get(protocol)?.base ?? "")?.host ?? account.label;
  const code: unknown = Reflect.get(error, "code") ?? Reflect.get(Object(error.cause), "code");
  switch (code) {
    case "ECONNREFUSED":
      return `${host} refuses connections; is the server running?`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `the name of ${host} could not be resolved; is this computer online?`;
    case "UND_ERR_CONNECT_TIMEOUT":
      return `${host} did not answer in time to connect`;
    case "UND_ERR_HEADERS_TIMEOUT":
      return `${host} sent no reply within the time allowed`;
    case "UND_ERR_BODY_TIMEOUT":
      return `${host} stopped sending in the midst of its reply`;
    case "CERT_HAS_EXPIRED":
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return `the certificate of ${host} is not trusted (${String(code)})`;
    default:
      return `the connection to ${host} broke off (${typeof code === "string" ? code : error.message})`;
  }
}

/** A request that reached the provider, as far as one can tell. */
function wasReset(error: Error): boolean {
  const code: unknown = Reflect.get(error, "code");
  return code === "ECONNRESET" || code === "UND_ERR_SOCKET" || code === "EPIPE";
}

function sleep(milliseconds: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = clock.setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
  });
}
