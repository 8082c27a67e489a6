/**
 * Token counts: by the provider's own endpoint where the target has one, else by our tokenizer over
 * the whole request. Counting never fails a client that could have been told a good estimate, and
 * never holds an account back.
 */

import type { Protocol } from "../../../control/protocol.ts";
import { classify } from "../../accounts/failures.ts";
import { cutOf } from "../../common/cut.ts";
import { asPorticoError, PorticoError } from "../../common/errors.ts";
import {
  decodeCountTokens,
  encodeCountTokensReply,
  encodeCountTokensRequest,
} from "../../protocols/anthropic/index.ts";
import type { ChatRequest } from "../../protocols/chat.ts";
import { CODECS } from "../../protocols/codecs.ts";
import {
  decodeCountReply,
  decodeCountRequest,
  encodeCountReply,
  encodeCountRequest,
} from "../../protocols/gemini/index.ts";
import { codec as responses } from "../../protocols/openaiResponses/index.ts";
import type { AccountKey } from "../../providers/account.ts";
import type { RequestRecord } from "../../records/record.ts";
import { countable } from "../../records/tokensRequest.ts";
import type { Candidate } from "../../routing/candidate.ts";
import type { Outgoing } from "../../upstream/exchange.ts";
import { collect } from "../../upstream/flow.ts";
import { encodedName } from "../../upstream/headers.ts";
import { postJson } from "../../upstream/providerRequest.ts";
import type { ClientReply } from "../../upstream/relay/clientReply.ts";
import { laneA } from "../../upstream/relay/passthrough.ts";
import type { LaneContext, LaneResult, Trouble } from "../../upstream/relay/result.ts";
import type { Call } from "../call.ts";
import type { GatewayContext } from "../context.ts";
import { completed } from "../responseStore.ts";
import { modelPath } from "./canonicalForm.ts";
import { ClientGone } from "./clientGone.ts";
import { errorOf, finalAnswer } from "./finalError.ts";
import type { AttemptsOutcome } from "./loop.ts";
import { withoutCredential } from "./redactCredential.ts";
import { sandboxReply } from "./sandbox.ts";
import { send } from "./send.ts";
import { usableKey } from "./withCredential.ts";

/** Accounts asked before we count ourselves. */
const ASKED = 2;
/** Bytes of a reply with a number in it. */
const REPLY_BYTES = 1024 * 1024;
/** Milliseconds after which an endpoint that was not there is looked for again. */
const ABSENT_MS = 3_600_000;
/** Endpoints remembered as absent. */
const MOST_ABSENT = 1000;

/** Endpoints that turned out not to be there: not every server of a protocol can count. */
export class AbsentEndpoints {
  readonly #until = new Map<string, number>();

  has(key: string, now: number): boolean {
    return (this.#until.get(key) ?? 0) > now;
  }

  add(key: string, now: number): void {
    this.#until.delete(key);
    this.#until.set(key, now + ABSENT_MS);
    if (this.#until.size <= MOST_ABSENT) return;
    const oldest = this.#until.keys().next();
    if (oldest.done !== true) this.#until.delete(oldest.value);
  }
}

/** Protocols with an endpoint that counts, and how the request gets there from another protocol. */
type Counting = Exclude<Protocol, "openai-chat">;

/** @throws PorticoError (or `UpstreamReply`) where the request itself is wrong; `ClientGone` */
export async function serveCount(
  call: Call,
  candidates: readonly Candidate[],
  reply: ClientReply,
  record: RequestRecord,
  context: GatewayContext,
): Promise<AttemptsOutcome> {
  const { clock } = context.ports;
  const laneOf = (candidate: Candidate, key: AccountKey | undefined): LaneContext => ({
    reply,
    codec: CODECS[call.protocol],
    requestId: call.id,
    beat: undefined,
    key,
    clock,
    operation: call.operation,
    lenient: true,
    warn: () => {},
    explain: (trouble) => errorOf(trouble, candidate, clock.now()),
  });
  let asked = 0;
  for (const candidate of candidates) {
    const { account, protocol, model } = candidate;
    if (context.settings().replyHeaders) {
      reply.setHeader("x-portico-account", encodedName(account.label));
      reply.setHeader("x-portico-model", encodedName(model));
    }
    if (account.provider.id === "sandbox") {
      record.lane = "sandbox";
      return outcome(candidate, sandboxReply(call, model, { reply }));
    }
    const key = `${account.id} ${protocol}`;
    if (asked >= ASKED || !hasCounter(call, candidate) || context.countsAbsent.has(key, clock.now()))
      continue;
    if (context.health.peek(account.id, model) !== true) continue;
    const secret = await usableKey(account);
    if (secret === undefined && account.provider.keyRequired) continue;
    asked++;
    const began = clock.now();
    const same = protocol === call.protocol;
    record.lane = same ? "A" : "B";
    const outgoing = same
      ? call.outgoing(candidate, secret)
      : translated(call, candidate, secret, record, context);
    const sent = await send(outgoing, candidate, { fresh: false, signal: reply.signal }, context);
    const result: LaneResult =
      sent.kind === "trouble"
        ? sent
        : same
          ? withoutCredential(await laneA(sent.exchange, undefined, laneOf(candidate, secret)), secret)
          : await relayed(call, protocol, sent.exchange.flow, reply);
    const line = { account: account.id, model, protocol, at: began - record.time, took: clock.now() - began };
    if (reply.signal.aborted) {
      record.attempts.push({ ...line, outcome: cutOf(reply.signal) === undefined ? "client-gone" : "cut" });
      throw new ClientGone(candidate);
    }
    if (result.kind === "done") {
      record.attempts.push({ ...line, status: result.status, outcome: "ok" });
      return { candidate, done: result };
    }
    const { trouble } = result;
    const failure = failureOf(trouble, candidate, clock.now());
    record.attempts.push({ ...line, outcome: failure?.class ?? trouble.kind });
    if (trouble.kind !== "reply") continue;
    if ([404, 405, 501].includes(trouble.status)) context.countsAbsent.add(key, clock.now());
    else if (failure?.next === "client" && same) {
      throw finalAnswer([{ candidate, trouble, failure }], [], clock.now());
    }
  }
  const [first] = candidates;
  if (first === undefined)
    throw new PorticoError("unsupported", "Nobody here can count tokens for this model.");
  record.lane = "B";
  return await countedHere(call, first, reply, record, context);
}

async function countedHere(
  call: Call,
  candidate: Candidate,
  reply: ClientReply,
  record: RequestRecord,
  context: GatewayContext,
): Promise<AttemptsOutcome> {
  const { texts, other } = countable(decoded(call, context));
  const { tokens, rough } = await context.tokens.count(texts);
  if (reply.signal.aborted) throw new ClientGone();
  const how = rough ? "estimated from the request's length" : "counted by Portico's own tokenizer";
  record.warnings = [{ feature: "tokens", message: `${how}; the provider's own count may differ` }];
  reply.setHeader("x-portico-warnings", `tokens: ${how}`);
  return outcome(candidate, sendCount(call, tokens + other, reply));
}

function outcome(candidate: Candidate, result: LaneResult): AttemptsOutcome {
  if (result.kind !== "done") throw new Error("a count that was sent is done");
  return { candidate, done: result };
}

function hasCounter(call: Call, { protocol }: Candidate): boolean {
  if (protocol === call.protocol) return true;
  // OpenAI's counts what only its own fields say; our tokenizer is the same as its.
  return protocol === "anthropic" || protocol === "gemini";
}

function decoded(call: Call, context: GatewayContext): ChatRequest {
  const at = { model: call.model, stream: false };
  switch (counting(call.protocol)) {
    case "anthropic":
      return decodeCountTokens(call.json, at);
    case "gemini":
      return decodeCountRequest(call.json, at);
    case "openai-responses":
      return responses.decodeRequest(completed(call.json, context.responses), at);
  }
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
  const encode = {
    provider: account.provider.id,
    autoCache: false,
    warn: (feature: string, message: string) => {
      if (record.warnings.length < 100) record.warnings.push({ feature, message });
    },
  };
  const gemini = protocol === "gemini";
  const body = gemini ? encodeCountRequest(request, encode) : encodeCountTokensRequest(request, encode);
  const path = gemini ? modelPath(model, "countTokens") : "/v1/messages/count_tokens";
  return postJson(candidate, path, body, key);
}

async function relayed(
  call: Call,
  protocol: Protocol,
  flow: Parameters<typeof collect>[0],
  reply: ClientReply,
): Promise<LaneResult> {
  try {
    const body: unknown = JSON.parse((await collect(flow, REPLY_BYTES)).toString("utf8"));
    const tokens =
      protocol === "gemini" ? decodeCountReply(body) : Number(Reflect.get(Object(body), "input_tokens"));
    if (Number.isFinite(tokens)) return sendCount(call, tokens, reply);
    return {
      kind: "trouble",
      trouble: { kind: "chat", error: { kind: "upstream", message: "no count came back" } },
    };
  } catch (thrown) {
    const { kind, message } = asPorticoError(thrown);
    return { kind: "trouble", trouble: { kind: "chat", error: { kind, message } } };
  }
}

function sendCount({ protocol }: Call, tokens: number, reply: ClientReply): LaneResult {
  const body = Buffer.from(JSON.stringify(countReply(counting(protocol), tokens)));
  reply.head(200, {
    "content-type": "application/json; charset=utf-8",
    "content-length": String(body.length),
  });
  reply.end(body);
  return { kind: "done", status: 200, bytes: body.length };
}

function countReply(protocol: Counting, tokens: number): unknown {
  switch (protocol) {
    case "anthropic":
      return encodeCountTokensReply(tokens);
    case "gemini":
      return encodeCountReply(tokens);
    case "openai-responses":
      return { object: "response.input_tokens", input_tokens: tokens };
  }
}

function counting(protocol: Protocol): Counting {
  if (protocol !== "openai-chat") return protocol;
  throw new PorticoError("unsupported", "Chat completions have no endpoint that counts tokens.", {
    retryable: false,
  });
}

function failureOf(trouble: Trouble, { account, protocol }: Candidate, now: number) {
  if (trouble.kind !== "reply") return undefined;
  let body: unknown = trouble.body.toString("utf8");
  try {
    body = JSON.parse(String(body));
  } catch {
    // An error page: its text says enough.
  }
  return classify({
    provider: account.provider.id,
    protocol,
    status: trouble.status,
    headers: trouble.headers,
    body,
    now,
  });
}
