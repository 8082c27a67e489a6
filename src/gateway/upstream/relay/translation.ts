/**
 * Translation: the provider speaks another protocol. Its stream is decoded to canonical events and
 * encoded for the client one event at a time; nothing waits for the whole.
 */
import { jsonOrText } from "../../common/json.ts";
import type { Clock } from "../../common/ports.ts";
import type { ChatReply, ChatRequest } from "../../protocols/chat.ts";
import type { ChatFlow } from "../../protocols/chatStream.ts";
import type { Codec, ReplyContext } from "../../protocols/codec.ts";
import type { Exchange } from "../exchange.ts";
import { BodyTooLarge, collect } from "../flow.ts";
import { DecodedFlow, failureOf } from "./decodedStream.ts";
import { deliver, type Encoding, sendReply } from "./deliver.ts";
import { isEmbeddedError, missingAnswer } from "./embeddedError.ts";
import { type ReplyWatch, watched } from "./replyWatch.ts";
import {
  type AttemptFailure,
  type AttemptResult,
  chatFailure,
  endedEarly,
  failedReading,
  type RelayContext,
  upstreamFailure,
} from "./result.ts";
import { UNSAID } from "./streamEnd.ts";

/** Bytes of a reply that does not stream; images inline are the largest. */
const REPLY_BYTES = 128 * 1024 * 1024;

export interface Translation {
  /** The provider's codec. */
  readonly provider: Codec;
  readonly request: ChatRequest;
  /** See `ProviderReplyContext`. */
  readonly thinkTags?: boolean;
  readonly stream: boolean;
  readonly encoding: Encoding;
  readonly replyContext: ReplyContext;
  readonly clock: Clock;
  /** Sees everything the provider says. */
  readonly watch?: ReplyWatch;
}

export async function translation(
  exchange: Exchange,
  translation: Translation,
  context: RelayContext,
): Promise<AttemptResult> {
  const { provider, request, thinkTags = false, stream, encoding, replyContext, clock, watch } = translation;
  const { status, headers } = exchange;
  const type = String(exchange.headers["content-type"] ?? "").toLowerCase();
  if (type.startsWith("text/event-stream")) {
    let cause: AttemptFailure | undefined;
    const decoded = new DecodedFlow(exchange.flow, provider.streamDecoder({ request, thinkTags }), clock, {
      refused(data) {
        cause = { kind: "reply", status, headers, body: Buffer.from(data) };
        return context.explain(cause);
      },
      broke(error) {
        cause = { kind: "network", error };
      },
      delimited: exchange.delimited,
      ...(exchange.delimited && context.lenient ? { excuse: () => context.warn(...UNSAID) } : {}),
    });
    const flow = watch === undefined ? decoded : watched(decoded, watch);
    const result = await deliver(flow, stream, encoding, replyContext, context);
    return cause === undefined ? result : because(result, cause);
  }
  let reply: ChatReply;
  let part: Buffer | undefined;
  try {
    const body = await collect(exchange.flow, REPLY_BYTES, {
      begun: () => context.reply.heard(),
      broken: (received) => {
        part = received;
      },
    });
    const json = jsonOrText(body, 500);
    // Where only the connection says where a body ends, one that breaks looks like one that is closed.
    if (typeof json === "string" && !exchange.delimited && body.length > 0) throw endedEarly();
    if (isEmbeddedError(json, true)) {
      return { kind: "failed", cause: { kind: "reply", status, headers, body } };
    }
    const missing = missingAnswer(json, provider.protocol);
    if (missing !== undefined) return upstreamFailure(`the provider's reply has no ${missing}`);
    reply = provider.decodeReply(json, { request, thinkTags });
    watch?.reply(reply);
  } catch (thrown) {
    if (thrown instanceof BodyTooLarge) {
      return upstreamFailure("The provider's reply is too large to translate.");
    }
    if (part !== undefined && part.length > 0 && context.reply.signal.aborted) {
      // The client has gone; what its provider said so far is paid for.
      const sample = { kind: "body", held: part, bytes: part.length } as const;
      return { kind: "done", status: exchange.status, left: true, sample };
    }
    return failedReading(thrown);
  }
  const failure = failureOf(reply.choices[0]?.finish);
  if (failure !== undefined) return chatFailure(failure);
  if (!stream) return sendReply(reply, encoding, replyContext, context);
  return await deliver(wholeAsFlow(reply), true, encoding, replyContext, context);
}

/** What went wrong tells more of its class than what became of it. */
function because(result: AttemptResult, cause: AttemptFailure): AttemptResult {
  if (result.kind === "failed") return { kind: "failed", cause };
  return result.broken === undefined ? result : { ...result, brokenBy: cause };
}

/** A whole reply for a client that wanted a stream: some providers do not stream some models. */
function wholeAsFlow(reply: ChatReply): ChatFlow {
  return {
    attach(sink) {
      const { choices, usage, ...start } = reply;
      sink.event({ type: "start", ...start });
      for (const [index, choice] of choices.entries()) {
        const at = index === 0 ? {} : { choice: index };
        for (const [number, part] of choice.parts.entries()) {
          const id = `${index}-${number}`;
          const signature =
            "signature" in part && part.signature !== undefined ? { signature: part.signature } : {};
          switch (part.type) {
            case "text":
            case "refusal":
              sink.event({
                type: "text-start",
                id,
                ...(part.type === "refusal" ? { refusal: true } : {}),
                ...at,
              });
              sink.event({ type: "text-delta", id, text: part.text });
              for (const citation of part.type === "text" ? (part.citations ?? []) : []) {
                sink.event({ type: "citation", id, citation });
              }
              sink.event({ type: "text-end", id, ...signature });
              break;
            case "reasoning":
              sink.event({
                type: "reasoning-start",
                id,
                ...(part.summary === undefined ? {} : { summary: part.summary }),
                ...(part.itemId === undefined ? {} : { itemId: part.itemId }),
                ...at,
              });
              if (part.text !== "") sink.event({ type: "reasoning-delta", id, text: part.text });
              sink.event({ type: "reasoning-end", id, ...signature });
              break;
            case "tool-call": {
              const { type: _type, input, signature: _signature, cache: _cache, cut, ...call } = part;
              sink.event({ type: "tool-start", id, ...call, ...at });
              sink.event({ type: "tool-delta", id, delta: input });
              sink.event({ type: "tool-end", id, ...signature, ...(cut ? { cut } : {}) });
              break;
            }
            default:
              sink.event({ type: "part", part, ...at });
          }
        }
        sink.event({ type: "finish", ...choice.finish, ...at });
      }
      if (usage !== undefined) sink.event({ type: "usage", usage });
      sink.end();
    },
    pause() {},
    resume() {},
    abort() {},
  };
}
