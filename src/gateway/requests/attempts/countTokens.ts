/**
 * Token counts: an operation of the attempt loop, at accounts whose endpoint counts; where none does,
 * by our tokenizer over the whole request. Counting never fails a client that could have been told a
 * good estimate, and never holds an account back.
 */

import type { Protocol } from "../../../control/protocol.ts";
import type { AccountHealth } from "../../accounts/health.ts";
import { asPorticoError, lasting, PorticoError } from "../../common/errors.ts";
import type { ChatRequest } from "../../protocols/chat.ts";
import type { TokenCounting } from "../../protocols/wire.ts";
import { WIRES } from "../../protocols/wires.ts";
import type { AccountKey } from "../../providers/account.ts";
import type { RequestRecord } from "../../records/record.ts";
import { countable } from "../../records/tokensRequest.ts";
import type { Candidate } from "../../routing/candidate.ts";
import type { Outgoing } from "../../upstream/exchange.ts";
import { collect } from "../../upstream/flow.ts";
import { encodedName } from "../../upstream/headers.ts";
import { providerRequest } from "../../upstream/providerRequest.ts";
import { type ClientReply, sendJson } from "../../upstream/relay/clientReply.ts";
import {
  type AttemptResult,
  chatFailure,
  type Done,
  type RelayContext,
  upstreamFailure,
} from "../../upstream/relay/result.ts";
import type { Call } from "../call.ts";
import type { GatewayContext } from "../context.ts";
import { buildsOnOurs, completed } from "../responseStore.ts";
import { saysAbsent } from "./absentEndpoints.ts";
import { failureOf } from "./classify.ts";
import { ClientGone } from "./clientGone.ts";
import type { AttemptDeps, AttemptsOutcome, RequestHealth } from "./dependencies.ts";
import { leaveOut } from "./leaveOut.ts";
import { runAttempts } from "./loop.ts";
import { knownTraits } from "./modelTraits.ts";
import { type SendOptions, send } from "./send.ts";
import type { Attempt } from "./tryOnce.ts";
import { warnIn } from "./warnings.ts";

/** Accounts asked before we count ourselves. */
const ASKED = 2;
/** Milliseconds in which the last of them has to be asked; nobody waits longer for an account that is busy. */
const ASKED_MS = 2000;
/** Bytes of a reply with a number in it. */
const REPLY_BYTES = 1024 * 1024;

/**
 * @param attempt as for every other operation
 * @throws PorticoError (or `UpstreamReply`) where the request itself is wrong; `ClientGone`
 */
export async function countTokens(
  call: Call,
  candidates: readonly Candidate[],
  attempt: Attempt,
  reply: ClientReply,
  record: RequestRecord,
  { patience: _patience, onRefusal: _onRefusal, ...deps }: AttemptDeps,
  context: GatewayContext,
): Promise<AttemptsOutcome> {
  const { clock } = context.ports;
  const counters = candidates.filter(
    (each) => hasCounter(call, each, context) && !context.absentEndpoints.has(keyOf(each), clock.monotonic()),
  );
  /** The client's own error, in the words of its protocol. */
  let refused = false;
  const ask: Attempt = async (candidate, options) => {
    try {
      const result = await attempt(candidate, options);
      if (result.kind === "done" || result.cause.kind !== "reply") return result;
      if (saysAbsent(result.cause.status)) {
        context.absentEndpoints.add(keyOf(candidate), clock.monotonic());
        return NO_COUNTER;
      }
      const { next } = failureOf(result.cause, candidate, clock.now());
      refused = next === "client" && candidate.protocol === call.protocol;
      return result;
    } catch (thrown) {
      refused = true;
      throw thrown;
    }
  };
  const { upstream } = deps;
  const retryDeadlineMs = Math.min(upstream.retryDeadlineMs, ASKED_MS);
  try {
    if (counters.length > 0) {
      return await runAttempts(counters, ask, reply, record.attempts, {
        ...deps,
        health: observed(context.health),
        askOnce: true,
        upstream: { ...upstream, maxAttempts: ASKED, retryDeadlineMs },
      });
    }
  } catch (thrown) {
    if (refused || !(thrown instanceof PorticoError)) throw thrown;
  }
  const [first] = candidates;
  if (first === undefined) {
    throw new PorticoError("unsupported", "Nobody here can count tokens for this model.");
  }
  return { candidate: first, done: await countedHere(call, first, reply, record, context) };
}

/** Says nothing of the account; the next one may have it. */
const NO_COUNTER = chatFailure({
  kind: "model_not_found",
  message: "this server has no endpoint that counts tokens",
});

const keyOf = ({ account, protocol }: Candidate): string => `${account.id} ${protocol}`;

/** What holds accounts back holds for counting, too; what counting meets has limits of its own and holds nobody. */
function observed(health: AccountHealth): RequestHealth {
  return {
    available: (account, model) => health.peek(account, model),
    peek: (account, model) => health.peek(account, model),
    heldFor: (account, model) => health.heldFor(account, model),
    report: () => undefined,
    answers: () => {},
  };
}

/** One try at an account of another protocol. */
export async function countAttempt(
  call: Call,
  candidate: Candidate,
  key: AccountKey | undefined,
  record: RequestRecord,
  { reply }: Pick<RelayContext, "reply">,
  options: SendOptions,
  context: GatewayContext,
): Promise<AttemptResult> {
  const sent = await send(translated(call, candidate, key, record, context), candidate, options, context);
  if (sent.kind === "failed") return sent;
  return await relayed(call, candidate.protocol, sent.exchange.flow, reply);
}

async function countedHere(
  call: Call,
  candidate: Candidate,
  reply: ClientReply,
  record: RequestRecord,
  context: GatewayContext,
): Promise<Done> {
  if (context.settings().replyHeaders) {
    if (!context.withoutAccounts) reply.setHeader("x-portico-account", encodedName(candidate.account.label));
    reply.setHeader("x-portico-model", encodedName(candidate.model));
  }
  record.lane = "B";
  const { texts, other } = countable(decoded(call, context));
  const { tokens, rough } = await context.tokens.count(texts);
  if (reply.signal.aborted) throw new ClientGone();
  const how = rough ? "estimated from the request's length" : "counted by Portico's own tokenizer";
  record.warnings = [{ feature: "tokens", message: `${how}; the provider's own count may differ` }];
  reply.setHeader("x-portico-warnings", `tokens: ${how}`);
  return sendCount(call, tokens + other, reply);
}

function hasCounter(call: Call, { account, protocol }: Candidate, context: GatewayContext): boolean {
  if (account.provider.id === "sandbox") return true;
  // What it builds on is kept here, where its provider does not find it.
  if (WIRES[protocol].keepsReplies && buildsOnOurs(call.json, context.responses)) return false;
  if (protocol === call.protocol) return true;
  // OpenAI's counts what only its own fields say; our tokenizer is the same as its.
  return WIRES[protocol].counting?.ask !== undefined;
}

function decoded(call: Call, context: GatewayContext): ChatRequest {
  const own = WIRES[call.protocol].keepsReplies;
  const body = own ? completed(call.json, context.responses) : call.json;
  return counting(call.protocol).decode(body, { model: call.model, stream: false });
}

function translated(
  call: Call,
  candidate: Candidate,
  key: AccountKey | undefined,
  record: RequestRecord,
  context: GatewayContext,
): Outgoing {
  const { account, protocol, model } = candidate;
  record.warnings = [];
  const request = { ...decoded(call, context), model };
  const known = knownTraits(context, candidate);
  const encode = {
    provider: account.provider.id,
    ...(known === undefined ? {} : { known }),
    autoCache: false,
    warn: warnIn(record),
  };
  const { ask } = counting(protocol);
  if (ask === undefined) throw new Error(`${protocol} counts no requests of other protocols`);
  const json = leaveOut(ask.encode(request, encode), known?.without ?? [], encode.warn);
  const needs = WIRES[protocol].headersOf?.(json);
  return providerRequest(candidate, { path: ask.path(model), json, needs }, key);
}

async function relayed(
  call: Call,
  protocol: Protocol,
  flow: Parameters<typeof collect>[0],
  reply: ClientReply,
): Promise<AttemptResult> {
  try {
    const body: unknown = JSON.parse((await collect(flow, REPLY_BYTES)).toString("utf8"));
    const tokens = counting(protocol).ask?.decodeReply(body);
    if (tokens !== undefined && Number.isFinite(tokens)) return sendCount(call, tokens, reply);
    return upstreamFailure("no count came back");
  } catch (thrown) {
    const { kind, message } = asPorticoError(thrown);
    return chatFailure({ kind, message });
  }
}

function sendCount({ protocol }: Call, tokens: number, reply: ClientReply): Done {
  sendJson(reply, JSON.stringify(counting(protocol).encodeReply(tokens)));
  return { kind: "done", status: 200 };
}

function counting(protocol: Protocol): TokenCounting {
  const { counting } = WIRES[protocol];
  if (counting !== undefined) return counting;
  throw lasting("unsupported", "Chat completions have no endpoint that counts tokens.");
}
