/** What every protocol folder provides; the rest of the gateway knows protocols only through this. */

import type { Protocol } from "../../control/protocol.ts";
import type { PorticoError } from "../common/errors.ts";
import type { ModelTraits } from "../models/traits.ts";
import type { ChatEvent, ChatReply, ChatRequest, Warn } from "./chat.ts";

/** One server-sent event, or one element of a streamed JSON array. */
export interface WireEvent {
  /** The `event:` field; absent where the stream has none. */
  event?: string | undefined;
  data: string;
}

export type Framing = "sse" | "json-array";

export interface DecodeContext {
  /** Model from the path (Gemini) or already known; the body's `model` otherwise. */
  model: string;
  /** Stream asked for by path (Gemini); the body's `stream` otherwise. */
  stream: boolean;
}

/** What the encoder may ask of the endpoint it writes for. */
export interface EncodeContext {
  /** Provider id, e.g. `deepseek`: dialects differ a little. */
  provider: string;
  /** What the provider's own list says of the model, or has refused: beats the table of models. */
  known?: Partial<ModelTraits>;
  /** Markers and keys for prompt caching are added where the client's protocol has none. */
  autoCache: boolean;
  /** Session of the client, where known; a stable cache key. */
  session?: string;
  warn: Warn;
}

/** What a provider's reply is read with. */
export interface ProviderReplyContext {
  request: ChatRequest;
  /** Its content may begin with reasoning between `<think>` and `</think>`. */
  thinkTags?: boolean;
}

/** What the reply to a client needs besides the events. */
export interface ReplyContext {
  /** The model name the client asked for: it is shown that one again. */
  model: string;
  /** `Date.now()` of the request, milliseconds. */
  now: number;
  /** The same at the moment of the call; absent: that of the request will do. */
  clock?: () => number;
  /** Random id part, given in: `[A-Za-z0-9]{24}`, unique at each call. */
  newId: () => string;
  /** About how many tokens the request has, for who is to say so before its provider does; at least 1. */
  inputTokens?: () => number;
  /** The client's own decoded request: replies of some protocols echo it. */
  request: ChatRequest;
  /** Gemini streams are one JSON array unless the client asked for `alt=sse`. */
  framing: Framing;
  warn: Warn;
}

/**
 * How far a provider's stream has come. `ending`: it said why the reply ended, though its usage or its last
 * word may still follow. `doubtful`: the same, but in words of the reply itself, as relays do that say it with every
 * chunk. `over`: by its protocol nothing can follow.
 */
export type StreamStage = "open" | "doubtful" | "ending" | "over";

/** Turns a provider's stream into canonical events, one wire event at a time; keeps no text. */
export interface StreamDecoder {
  readonly stage: StreamStage;
  /**
   * The last event, once more with another text, would give what it gave with that text, and leave the decoder as it is.
   */
  readonly handsOn?: boolean;
  push(event: WireEvent): ChatEvent[];
  /**
   * The connection ended. Closes what is open; a stream cut short yields an `error` event.
   * @param excuse the server may leave out its last event: called where nothing but that is missing, and
   *   the reply ends well. Half a call is never excused.
   * @param delimited did the framing end, and not only the connection?
   */
  end(excuse?: () => void, delimited?: boolean): ChatEvent[];
}

/** Turns canonical events into the bytes (as text) of the client's stream. */
export interface StreamEncoder {
  push(event: ChatEvent): string;
  /** After the last event; `""` where nothing is left to say. */
  end(): string;
}

export interface ErrorReply {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

export interface Codec {
  readonly protocol: Protocol;
  /** @throws PorticoError `invalid_request` naming the field. Never throws anything else. */
  decodeRequest(body: unknown, context: DecodeContext): ChatRequest;
  /** The JSON body for the provider. Unspeakable things are dropped through `context.warn`. */
  encodeRequest(request: ChatRequest, context: EncodeContext): Record<string, unknown>;
  /** @throws PorticoError `upstream` when the body is not a reply of this protocol. */
  decodeReply(body: unknown, context: ProviderReplyContext): ChatReply;
  encodeReply(reply: ChatReply, context: ReplyContext): unknown;
  streamDecoder(context: ProviderReplyContext): StreamDecoder;
  streamEncoder(context: ReplyContext): StreamEncoder;
  encodeError(error: PorticoError, requestId: string): ErrorReply;
  /** An error in the midst of a stream, as the text to send; the stream then ends. */
  encodeStreamError(error: PorticoError, requestId: string, framing: Framing): string;
  /** What keeps a silent stream alive, sent only between events. */
  heartbeat(framing: Framing): string;
}
