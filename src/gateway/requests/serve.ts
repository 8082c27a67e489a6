/** The way of a request that goes to an account: body, candidates, attempts, reply, record. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { isThinkingBoundToAccount } from "../accounts/schedule/scheduler.ts";
import { asPorticoError } from "../common/errors.ts";
import { fieldsOf } from "../common/json.ts";
import type { Usage } from "../protocols/chat.ts";
import type { CallRoute } from "../protocols/client.ts";
import { precedingOf } from "../protocols/responsesApi.ts";
import { WIRES } from "../protocols/wires.ts";
import { isCounted, type RequestRecord, shownSession } from "../records/record.ts";
import type { Candidate } from "../routing/candidate.ts";
import { isLargeJson, parseLargeJson } from "../server/body/largeJson.ts";
import { readBody } from "../server/body/read.ts";
import { closeIfUnread } from "../server/body/unreadBody.ts";
import { ClientReply, type ReplyTarget } from "../upstream/relay/clientReply.ts";
import type { Done } from "../upstream/relay/result.ts";
import { attemptFor } from "./attempts/attempt.ts";
import { ClientGone } from "./attempts/clientGone.ts";
import { RequestSize } from "./attempts/contextWindow.ts";
import { countTokens } from "./attempts/countTokens.ts";
import type { AttemptDeps, AttemptsOutcome } from "./attempts/dependencies.ts";
import { withEndpoints } from "./attempts/endpoints.ts";
import { usageOf } from "./attempts/estimate.ts";
import { runAttempts } from "./attempts/loop.ts";
import { claimForKey, claimsOf } from "./budgetClaims.ts";
import type { Call } from "./call.ts";
import { boundIds, candidatesFor } from "./candidates.ts";
import { CapturedReply } from "./capture.ts";
import { clientCall, type Incoming } from "./clientCall.ts";
import { checkModel, enter, scopeOf } from "./clientView.ts";
import type { GatewayContext } from "./context.ts";
import { createHere, hasNoConversations, serveConversation } from "./conversations.ts";
import { sendError } from "./errorReply.ts";
import { factsOf } from "./facts.ts";
import { serveStored } from "./storedResponses.ts";
import { contentOf } from "./tracedContent.ts";

/** What the record says where nothing was said to a client that left (as nginx has it). */
const CLIENT_GONE = 499;

export async function serveModel(
  context: GatewayContext,
  route: CallRoute,
  req: IncomingMessage,
  res: ServerResponse,
  search: string,
  record: RequestRecord,
): Promise<void> {
  const lease = context.budget.lease();
  // Not `using`: Node 22 runs these sources as they are and does not know it.
  try {
    await serveIncoming(context, route, res, record, async (signal) => {
      const { bodyBytes } = context.settings().limits;
      try {
        // Awaits cost: what most requests need not wait for is not awaited.
        const entering = enter(context, record);
        if (entering !== undefined) await entering;
      } catch (refused) {
        closeIfUnread(req, res);
        throw refused;
      }
      let body: Buffer;
      try {
        body = await readBody(req, { bodyBytes, lease }, signal);
      } catch (refused) {
        closeIfUnread(req, res, 0);
        throw refused;
      }
      return {
        id: record.id,
        method: req.method ?? "POST",
        rawHeaders: req.rawHeaders,
        contentType: req.headers["content-type"] ?? "",
        search,
        body: withoutMark(body),
      };
    });
  } finally {
    lease.release();
  }
}

/** Some editors and shells put a byte-order mark in front, which no JSON parser takes. */
function withoutMark(body: Buffer): Buffer {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.subarray(3) : body;
}

/** A request whose body `read` brings; whatever happens is said to the client and in the record. */
export async function serveIncoming(
  context: GatewayContext,
  route: CallRoute,
  target: ReplyTarget,
  record: RequestRecord,
  read: (signal: AbortSignal) => Promise<Incoming>,
): Promise<void> {
  const began = performance.now();
  const beganAt = context.ports.clock.monotonic();
  const { enabled, bodies, bodyMaxBytes } = context.settings().records;
  const records = bodies && enabled;
  const traces = context.traces.wantsContent(record);
  const capture =
    records || traces ? new CapturedReply(target, context.captures, records ? bodyMaxBytes : 0) : undefined;
  const res = capture ?? target;
  const reply = new ClientReply(res);
  const { protocol, stored } = route;
  record.protocol = protocol;
  let call: Call | undefined;
  const fail = (thrown: unknown) => {
    const framing = call?.stream ? call.framing : undefined;
    const error = asPorticoError(thrown);
    const { message } = error;
    // The client may not be told what its record says.
    if (context.withoutAccounts !== undefined) error.message = context.withoutAccounts(message);
    record.bytesOut = sendError(res, error, protocol, record.id, framing, reply.begun).bytes;
    error.message = message;
    return error;
  };
  try {
    const given = await read(reply.signal);
    capture?.request(given);
    const incoming =
      given.parsed === undefined && isLargeJson(given.body)
        ? { ...given, parsed: { value: await parseLargeJson(given.body) } }
        : given;
    reply.signal.throwIfAborted();
    if (servedHere(context, route, incoming, reply)) {
      record.status = 200;
      return;
    }
    call = clientCall(route, incoming);
    record.model = call.model;
    checkModel(context, call.model);
    record.stream = call.stream;
    record.bytesIn = incoming.body.length;
    let outcome: AttemptsOutcome;
    try {
      outcome = await serveCall(context, route, call, reply, record, beganAt);
    } catch (thrown) {
      const creates = stored?.action === "create" && !reply.begun;
      if (!creates || !hasNoConversations(context, thrown, incoming.rawHeaders)) throw thrown;
      createHere(context, incoming, reply);
      record.status = 200;
      return;
    }
    const { candidate, done } = outcome;
    record.status = done.status;
    if (done.broken !== undefined) {
      const { kind, message } = done.broken;
      record.error = { kind: reply.cutBy === undefined ? kind : "cut", message };
    }
    record.durationMs = performance.now() - began;
    const noting = note(record, candidate, done, call, context);
    if (noting !== undefined) await noting;
  } catch (thrown) {
    const cut = reply.cutBy;
    if (cut !== undefined) {
      const begun = res.headersSent;
      fail(cut);
      record.error = { kind: "cut", message: cut.message };
      record.status = begun ? 200 : cut.status;
      record.durationMs = performance.now() - began;
      await noteLeft(record, thrown, call, context);
    } else if (thrown instanceof ClientGone || reply.signal.aborted) {
      record.error = { kind: "client-gone", message: "the client closed the connection" };
      record.status = res.headersSent ? 200 : CLIENT_GONE;
      res.destroy();
      record.durationMs = performance.now() - began;
      await noteLeft(record, thrown, call, context);
    } else {
      const error = fail(thrown);
      record.error = { kind: error.kind, message: error.message };
      record.status = error.status;
      if (error.kind === "internal") reportBug(context, record.id, thrown);
    }
  } finally {
    record.bytesOut += reply.bytes;
    if (reply.firstByteAt !== undefined) record.firstByteMs = reply.firstByteAt;
    const captured = capture?.captured();
    if (records && captured !== undefined) record.bodies = captured;
    if (traces && call !== undefined)
      context.traces.content(record, contentOf(call, captured?.reply, context.traces.mask));
  }
}

/** Batches are many requests in one; who asks for it has the provider leave out what is too much. */
function mayBeTooLong({ protocol, operation, json }: Call): boolean {
  return operation === "chat" && WIRES[protocol].conversation(fieldsOf(json)).truncates !== true;
}

/** What led to a candidate. */
function routed(record: RequestRecord, candidate: Candidate | undefined): void {
  delete record.route;
  delete record.background;
  if (candidate?.route !== undefined) record.route = candidate.route;
  if (candidate?.background !== undefined) record.background = candidate.background;
}

/** Who was asked, and what it used. @returns a promise where tokens have to be counted first; it never rejects */
function note(
  record: RequestRecord,
  candidate: Candidate,
  done: Done | undefined,
  call: Call,
  context: GatewayContext,
): Promise<void> | undefined {
  record.account = candidate.account.id;
  record.modelUsed = candidate.model;
  routed(record, candidate);
  if (done === undefined) return undefined;
  context.traces.reply(record, done.facts);
  const keep = (usage: Usage | undefined) => {
    if (usage !== undefined) record.usage = usage;
  };
  const usage = usageOf(call, done, context);
  if (usage instanceof Promise) return usage.then(keep);
  keep(usage);
  return undefined;
}

/** The same where the request was given up. */
async function noteLeft(
  record: RequestRecord,
  thrown: unknown,
  call: Call | undefined,
  context: GatewayContext,
): Promise<void> {
  if (!(thrown instanceof ClientGone) || thrown.candidate === undefined || call === undefined) return;
  await note(record, thrown.candidate, thrown.done, call, context);
}

/** @throws PorticoError as the API answers */
function servedHere(
  context: GatewayContext,
  { stored }: CallRoute,
  incoming: Incoming,
  reply: ClientReply,
): boolean {
  if (stored === undefined) return false;
  return stored.object === "conversation"
    ? serveConversation(context, stored, incoming, reply)
    : serveStored(context, stored, incoming.search, reply);
}

/** @throws PorticoError where nobody could answer; `ClientGone` */
async function serveCall(
  context: GatewayContext,
  route: CallRoute,
  call: Call,
  reply: ClientReply,
  record: RequestRecord,
  began: number,
): Promise<AttemptsOutcome> {
  const { places } = context.pool;
  if (places.areShared) await places.recallBindings(context.bindings, boundIds(call, route));
  const routes = candidatesFor(context, call, route);
  routed(record, routes[0]);
  const [first] = routes;
  if (context.client !== undefined && first !== undefined)
    await claimForKey(context, context.client, call, record, first);
  const beat = call.stream ? context.heartbeats() : undefined;
  const facts = factsOf(call, context.responses, scopeOf(context.client));
  const { session } = facts;
  if (places.areShared) await places.recallSession(session, routes);
  const { attempt, canStrip, features, adapt, stop, quietMs } = attemptFor(
    call,
    reply,
    context,
    record,
    beat,
    session,
  );
  if (session !== undefined) record.session = shownSession(session);
  try {
    const candidates = withEndpoints(context, call, routes, features, session);
    const deps: AttemptDeps = {
      began,
      health: context.health,
      clock: context.ports.clock,
      random: context.ports.random,
      log: context.ports.log,
      upstream: context.settings().upstream,
      canStrip,
      adapt,
      onMove: (candidate, from) => noteMove(record, candidate, from),
      scheduler: context.pool.scheduler,
      patience: {
        waitMs: context.settings().scheduling.waitMs,
        line: context.pool.line,
        ...(quietMs === undefined ? {} : { quietMs }),
      },
      facts,
      ...(mayBeTooLong(call) ? { size: new RequestSize(call.json, record.bytesIn ?? 0) } : {}),
      contextWindow: ({ account, model }) => context.catalog.contextWindow(account, model),
      ...(isCounted(record) ? { budget: claimsOf(call, record, context) } : {}),
      onRefusal: (candidate, body, headers) => context.pool.refused(candidate, body, headers),
    };
    const outcome =
      call.operation === "count-tokens"
        ? await countTokens(call, candidates, attempt, reply, record, deps, context)
        : await runAttempts(candidates, attempt, reply, record.attempts, deps);
    const { candidate, done } = outcome;
    if (session !== undefined) record.sticky = outcome.sticky === true;
    if (done.responseId !== undefined && isKept(call, candidate))
      context.bindings.set(done.responseId, candidate.account.id);
    if (record.lane === "A" && call.operation === "chat" && WIRES[call.protocol].keepsReplies) {
      const { conversationId } = precedingOf(call.json);
      if (conversationId !== undefined) context.bindings.set(conversationId, candidate.account.id);
    }
    if (route.stored?.action === "delete") context.bindings.delete(route.stored.id);
    return outcome;
  } finally {
    stop();
  }
}

/** The provider's prompt cache is at the account before; thinking may be, too, and is then dropped without a word. */
function noteMove(record: RequestRecord, candidate: Candidate, from: string): void {
  record.moved = isThinkingBoundToAccount(candidate) ? "cache and thinking" : "cache";
  if (record.moved === "cache") return;
  const message = `the conversation moved here from the account "${from}", which alone can read what ${candidate.model} thought there`;
  record.warnings.push({ feature: "reasoning", message });
}

/** Does the provider keep its reply, for requests that build on it? */
function isKept({ protocol, json }: Call, { account }: Candidate): boolean {
  const { keepsReplies, threads } = WIRES[protocol];
  return keepsReplies || (account.provider.holdsThreads === true && threads?.isAsked(json) === true);
}

/** Our own bugs: the log has what the client is not told. */
export function reportBug(context: GatewayContext, id: string, thrown: unknown): void {
  const cause = asPorticoError(thrown).cause ?? thrown;
  context.ports.log.error(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause), {
    request: id,
  });
}
