/** One attempt at one candidate: by passthrough, by translation, or in the sandbox. */

import { PorticoError } from "../../common/errors.ts";
import { fieldsOf } from "../../common/json.ts";
import type { Framing } from "../../protocols/codec.ts";
import { CODECS } from "../../protocols/codecs.ts";
import { type Features, featuresOf } from "../../protocols/features.ts";
import { isChat, type Operation } from "../../protocols/operation.ts";
import { WIRES } from "../../protocols/wires.ts";
import type { AccountKey } from "../../providers/account.ts";
import type { RequestRecord } from "../../records/record.ts";
import type { Candidate } from "../../routing/candidate.ts";
import type { Exchange, Outgoing } from "../../upstream/exchange.ts";
import { encodedName } from "../../upstream/headers.ts";
import { isLocalServer } from "../../upstream/localServer.ts";
import { type ClientReply, STREAM_HEADERS } from "../../upstream/relay/clientReply.ts";
import { deliver } from "../../upstream/relay/deliver.ts";
import type { Heartbeats } from "../../upstream/relay/heartbeats.ts";
import { passthrough } from "../../upstream/relay/passthrough.ts";
import {
  type AttemptFailure,
  type AttemptResult,
  chatFailure,
  type RelayContext,
  upstreamFailure,
} from "../../upstream/relay/result.ts";
import { NOTHING_SAID } from "../../upstream/relay/said.ts";
import { translation } from "../../upstream/relay/translation.ts";
import type { Call } from "../call.ts";
import type { GatewayContext } from "../context.ts";
import { buildsOnOurs } from "../responseStore.ts";
import { adapt } from "./adapt.ts";
import { encryptedKey, withoutBoundState, withoutEarlierState } from "./boundState.ts";
import { formOf } from "./canonicalForm.ts";
import { countAttempt } from "./countTokens.ts";
import type { AttemptDeps } from "./dependencies.ts";
import { editCall } from "./edit.ts";
import { embeddingAttempt } from "./embeddings.ts";
import { elsewhere } from "./endpoints.ts";
import { errorOf } from "./finalError.ts";
import { type Conversation, conversationOf } from "./refusedReasoning.ts";
import { sandboxReply } from "./sandbox.ts";
import { send } from "./send.ts";
import { Translator } from "./translate.ts";
import type { Attempt } from "./tryOnce.ts";
import { withKey } from "./withCredential.ts";

export interface Attempts {
  readonly attempt: Attempt;
  /** Is there state of another account in the request, without which it can be sent? */
  readonly canStrip: (candidate: Candidate) => boolean;
  /** What the request brings; `undefined` where it cannot be read. */
  readonly features: (candidate: Candidate) => Features | undefined;
  readonly adapt: NonNullable<AttemptDeps["adapt"]>;
  /** Ends the heartbeats, whatever happened. */
  readonly stop: () => void;
  /** Milliseconds until a heartbeat may commit the reply; absent: none does. */
  readonly quietMs?: () => number;
}

/**
 * Makes the function that the attempt loop calls, and starts the heartbeats of a stream.
 * @param session the key of the conversation, where anything tells it
 */
export function attemptFor(
  call: Call,
  reply: ClientReply,
  context: GatewayContext,
  record: RequestRecord,
  heartbeats: Heartbeats | undefined,
  session: string | undefined,
): Attempts {
  const codec = CODECS[call.protocol];
  const beat = heartbeats?.start(() => {
    reply.heartbeatHead(STREAM_HEADERS[call.framing]);
    reply.write(codec.heartbeat(call.framing));
  });
  const { clock } = context.ports;
  const common = { reply, codec, requestId: call.id, beat, clock, operation: call.operation };
  const translator = new Translator(call, context, record, reply, session);

  let brought: Features | undefined;
  const features = (candidate: Candidate): Features | undefined => {
    if (formOf(call) === undefined) return undefined;
    try {
      brought ??= featuresOf(translator.request(candidate));
    } catch (thrown) {
      // The attempt will tell the client what is wrong with its request.
      if (!(thrown instanceof PorticoError)) throw thrown;
    }
    return brought;
  };

  const tryWith = async (
    key: AccountKey | undefined,
    candidate: Candidate,
    { fresh, stripped, onContent }: Parameters<Attempt>[1],
  ): Promise<AttemptResult> => {
    const { account, protocol } = candidate;
    const { threads } = WIRES[call.protocol];
    const thread = call.operation === "chat" ? threads?.previous(call.json) : undefined;
    if (threads && thread !== undefined && context.bindings.get(thread) !== account.id) throw threads.lost();
    const explain = (cause: AttemptFailure) => errorOf(cause, candidate, clock.now());
    const relay: RelayContext = {
      ...common,
      key,
      explain,
      lenient: !account.provider.keyRequired,
      wantsFacts: context.traces.on,
      warn: (feature, message) => void record.warnings.push({ feature, message }),
      ...(onContent === undefined ? {} : { onContent }),
    };
    if (context.settings().replyHeaders) {
      if (!context.withoutAccounts) reply.setHeader("x-portico-account", encodedName(account.label));
      reply.setHeader("x-portico-model", encodedName(candidate.model));
    }
    reply.removeHeader("x-portico-warnings");
    if (account.provider.id === "sandbox") {
      record.lane = "sandbox";
      const form = formOf(call);
      if (form === undefined) return sandboxReply(call, candidate.model, relay);
      const request = translator.request(candidate);
      const answer = context.sandbox.run(request);
      if ("error" in answer) return chatFailure(answer.error);
      const encoding = translator.encoding(form.encoding);
      return await deliver(answer.flow, call.stream, encoding, translator.replyContext(request), relay);
    }
    const options = { fresh, signal: reply.signal };
    if (passesThrough(call, candidate, context)) {
      record.lane = "A";
      const refused = context.refusedReasoning.of(rawConversation(session, call), candidate);
      const outgoing = laneAOutgoing(call, candidate, key, stripped ? Infinity : refused, record);
      const sent = await send(outgoing, candidate, options, context);
      if (sent.kind === "failed") return sent;
      const { exchange: received } = sent;
      if (reply.committed && !isStream(received, call.framing)) {
        received.flow.abort();
        return upstreamFailure("The provider sent no stream although one was asked for.");
      }
      const binds = WIRES[call.protocol].keepsReplies;
      const onEncrypted = (data: string) => context.bindings.set(encryptedKey(data), account.id);
      const framing = call.stream ? call.framing : undefined;
      return await passthrough(received, framing, binds ? { ...relay, onEncrypted } : relay);
    }
    record.lane = "B";
    if (call.operation === "embeddings") {
      return await embeddingAttempt(call, candidate, key, record, relay, options, context);
    }
    if (call.operation === "count-tokens") {
      return await countAttempt(call, candidate, key, record, relay, options, context);
    }
    const form = formOf(call);
    if (form === undefined) throw new Error(`no canonical form of ${call.operation}`);
    const outgoing = await translator.outgoing(candidate, key, stripped);
    const sent = await send(outgoing, candidate, options, context);
    if (sent.kind === "failed") return sent;
    const request = translator.request(candidate);
    const watch = translator.watch(candidate, request);
    return await translation(
      sent.exchange,
      {
        provider: CODECS[protocol],
        request,
        thinkTags: account.thinkTags ?? isLocalServer(account),
        stream: call.stream,
        encoding: translator.encoding(form.encoding),
        replyContext: translator.replyContext(request),
        clock: context.ports.clock,
        ...(watch === undefined ? {} : { watch }),
      },
      relay,
    );
  };

  return {
    attempt: async (candidate, options) => {
      const result = await withKey(candidate.account, reply, (key) => tryWith(key, candidate, options));
      if (result.kind === "failed") reply.unheard();
      else if (options.stripped && result.broken === undefined && session !== undefined) {
        const conversation = passesThrough(call, candidate, context)
          ? rawConversation(session, call)
          : translator.conversation(translator.request(candidate));
        if (conversation !== undefined) context.refusedReasoning.keep(conversation, candidate);
      }
      return reply.signal.aborted && isUnanswered(result) ? UNANSWERED : result;
    },
    canStrip: (candidate) =>
      passesThrough(call, candidate, context)
        ? withoutBoundState(call.protocol, call.json) !== undefined
        : formOf(call) !== undefined && translator.canStrip(candidate),
    features,
    adapt: (candidate, cause) => {
      const translated = !passesThrough(call, candidate, context) && isAdaptable(call.operation);
      const other = () => {
        const brought = features(candidate);
        return brought === undefined ? undefined : elsewhere(context, candidate, brought);
      };
      const found = adapt(context, candidate, cause, translated, other);
      if (found?.feature !== undefined) translator.refused.add(found.feature);
      return found?.candidate;
    },
    stop: () => beat?.stop(),
    ...(beat === undefined ? {} : { quietMs: () => beat.quietMs() }),
  };
}

/** Do we write its requests ourselves, field by field? */
const isAdaptable = (operation: Operation): boolean => isChat(operation) || operation === "count-tokens";

/** A request that was given up before anything came of its reply: what it brought is used up all the same. */
const UNANSWERED: AttemptResult = {
  kind: "done",
  status: 0,
  left: true,
  sample: { kind: "words", ...NOTHING_SAID },
};

function isUnanswered(result: AttemptResult): boolean {
  if (result.kind !== "failed") return false;
  const { cause } = result;
  return cause.kind === "network" && cause.error.name === "AbortError";
}

/**
 * The client's bytes as they are, unless they hold what no provider but another could read.
 * @param stripped turns from the beginning whose reasoning the provider has refused
 */
function laneAOutgoing(
  call: Call,
  candidate: Candidate,
  key: AccountKey | undefined,
  stripped: number,
  record: RequestRecord,
): Outgoing {
  // Messages are many: they are looked through only where there is something to find.
  const word = WIRES[call.protocol].boundState.carriedWord;
  const clean = word !== undefined && call.mentions?.(word) === false;
  const bare = withoutEarlierState(call.protocol, call.json, stripped);
  const own = clean ? bare : (withoutBoundState(call.protocol, bare ?? call.json, "carried") ?? bare);
  if (own === undefined) return call.outgoing(candidate, key, editCall(call, candidate, undefined, record));
  record.edited =
    bare !== undefined
      ? "reasoning that the provider refused was left out"
      : "reasoning of other providers was left out";
  record.warnings = [{ feature: "reasoning", message: record.edited }];
  return call.outgoing(candidate, key, editCall(call, candidate, own, record));
}

function rawConversation(
  session: string | undefined,
  { protocol, json }: Pick<Call, "protocol" | "json">,
): Conversation | undefined {
  if (session === undefined) return undefined;
  const { turns, content } = WIRES[protocol].conversation(fieldsOf(json));
  return conversationOf(session, turns, content);
}

/** Same protocol, and nothing in the request that only we know. */
function passesThrough(call: Call, { account, protocol }: Candidate, context: GatewayContext): boolean {
  if (protocol !== call.protocol || account.provider.id === "sandbox") return false;
  if (call.operation === "completions") return account.provider.extras.includes("completions");
  if (call.operation === "compact" && account.provider.compacts !== true) return false;
  const { keepsReplies } = WIRES[call.protocol];
  if (!isChat(call.operation) || !keepsReplies) return true;
  return !buildsOnOurs(call.json, context.responses);
}

function isStream({ headers }: Exchange, framing: Framing): boolean {
  const type = (headers["content-type"] ?? "").toLowerCase();
  return type.startsWith(framing === "sse" ? "text/event-stream" : "application/json");
}
