/** What the gateway asks about a protocol beside translating it: the second face of a protocol's folder. */

import type { Protocol } from "../../control/protocol.ts";
import type { PorticoError } from "../common/errors.ts";
import type { Fields } from "../common/json.ts";
import type { ModelTraits } from "../models/traits.ts";
import type { BodyEdits, EditPlace } from "./bodyEdits.ts";
import type { BoundState } from "./boundStrip.ts";
import type { ChatRequest, Usage } from "./chat.ts";
import type { ClientSide } from "./client.ts";
import type { Codec, DecodeContext, EncodeContext } from "./codec.ts";
import type { EmbeddingCodec } from "./embedding.ts";
import type { EndpointFacts } from "./endpoint.ts";
import type { Feature, Features } from "./features.ts";
import type { Media, MediaRule } from "./mediaRule.ts";
import type { ModelList } from "./modelList.ts";
import type { ReplyFacts } from "./replyFacts.ts";

/**
 * Adds up what one reply says about tokens and cost. There is one per protocol and reply: translation feeds it
 * from decoded events, passthrough from the objects that `UsageScan` finds in the bytes.
 */
export interface UsageReader {
  /** An object of counts in the order of the reply. Anything else is passed over, never thrown at. */
  add(counts: unknown): void;
  /** `undefined` until something was counted. */
  readonly usage: Usage | undefined;
}

export interface UsageFormat {
  /**
   * Where replies and events hold their objects of counts: keys joined by dots, elements of lists have none
   * (`choices..usage`). A list around all of it (Gemini's streams) does not count.
   */
  readonly places: readonly string[];
  /** Does each object tell everything anew, so that the last one that counts anything decides? */
  readonly restated: boolean;
  reader(): UsageReader;
}

/**
 * How a protocol's streams end. Texts are the end of what went out, up to an event's end, and may begin in the
 * midst of one; names are looked for as they stand in JSON: inside of a text their quotes would be escaped.
 */
export interface StreamEnding {
  /** Was all told, so that a client which hangs up has the whole reply? */
  isFinished(text: string): boolean;
  /**
   * Did the provider, which has ended the stream, say at least why the reply ended?
   * @param delimited did the framing end, and not only the connection?
   */
  saysWhy?(text: string, delimited: boolean): boolean;
  /** The last event; absent where streams end with their connection alone. */
  readonly last?: {
    /** A word that next to no other event has. */
    readonly word: Buffer;
    /** Is the last event among these whole ones, which have the word? @param events as latin1 */
    isAmong(events: string): boolean;
  };
  /** May a stream begin with events that say nothing: a chunk without choices? */
  readonly beginsHollow: boolean;
}

/** Where a chat request's body, as it came, has its texts; nothing of it is checked. */
export interface RawConversation {
  /** A text, or parts with texts. */
  readonly system: unknown;
  /** Do system texts stand among the turns? */
  readonly systemInTurns: boolean;
  /** The turns in their order; a text is the user's only one. */
  readonly turns: unknown;
  /** Under which a turn has its text or its parts. */
  readonly content: string;
  /** What names the session, as far as it does: a text, if anything. */
  readonly session?: unknown;
  /** Does the provider leave out what is too much for the model, as the client wants it? */
  readonly truncates?: boolean;
}

/** The endpoint that counts the tokens of a request. */
export interface TokenCounting {
  /** @throws PorticoError `invalid_request` naming the field */
  decode(body: unknown, context: DecodeContext): ChatRequest;
  encodeReply(tokens: number): unknown;
  /** How requests of other protocols are counted there; absent where it counts no more than our tokenizer does. */
  readonly ask?: {
    /** Behind the endpoint's base. */
    path(model: string): string;
    encode(request: ChatRequest, context: EncodeContext): Readonly<Record<string, unknown>>;
    /** `NaN` or an error where there is no count. */
    decodeReply(body: unknown): number;
  };
}

/** Conversations that a provider holds between turns, each under the id of its last reply. */
export interface Threads {
  /** Is the reply to be held? @param body parsed */
  isAsked(body: unknown): boolean;
  /** The reply that the request goes on from: without its provider, the request is but a conversation's last part. */
  previous(body: unknown): string | undefined;
  /** Has the client send its whole conversation. */
  lost(): PorticoError;
}

export interface Embedding {
  readonly codec: EmbeddingCodec;
  /** Behind the endpoint's base. */
  path(model: string): string;
}

/** A way to ask for a chat beside the protocol's own. */
export type CompletionsCodec = Pick<Codec, "decodeRequest" | "encodeReply" | "streamEncoder">;

export interface Wire {
  readonly protocol: Protocol;
  readonly client: ClientSide;
  readonly endpoint: EndpointFacts;
  readonly modelList: ModelList;
  /**
   * How much of the canonical model it can say, compared with the others (reasoning with signatures, cache
   * markers, documents): where an account lacks the client's protocol, the one that can say most is used.
   */
  readonly expressiveness: number;
  /** What of a request its endpoint cannot be told. @param known beats the table of models */
  losses(features: Features, place: EditPlace, known?: Partial<ModelTraits>): readonly Feature[];
  /** Would the model refuse the request as a client of this protocol says it? */
  refusesAsIs?(features: Features, place: EditPlace, known?: Partial<ModelTraits>): boolean;
  readonly usage: UsageFormat;
  /** Where chat requests go, behind the endpoint's base. */
  chatPath(model: string, stream: boolean): string;
  /** Headers that a request of ours needs for what is in it. @param body that is sent */
  headersOf?(body: Fields): Readonly<Record<string, string>>;
  /**
   * Do its servers keep replies, so that requests may refer to earlier ones? The gateway then keeps its own,
   * puts them into requests that it reads, and binds what a provider keeps to the account it came from.
   */
  readonly keepsReplies: boolean;
  readonly streamEnding: StreamEnding;
  /** Can clients of the protocol read this as an error? @param body parsed */
  isError(body: unknown): boolean;
  /** What a whole reply to a chat request lacks where there is no answer in it. */
  missingAnswer(reply: Fields): string | undefined;
  /** The id of what the provider keeps of a reply. @param head the beginning of the reply's text */
  replyId?(head: string): string | undefined;
  /** @param head the beginning of a reply's text @param tail its end, which may begin anywhere */
  replyFacts?(head: string, tail: string): ReplyFacts;
  readonly threads?: Threads;
  readonly edits: BodyEdits;
  /** @param provider its id */
  mediaRule(part: Media, provider: string): MediaRule;
  readonly boundState: BoundState;
  conversation(body: Fields): RawConversation;
  readonly counting?: TokenCounting;
  readonly embedding?: Embedding;
  readonly completions?: CompletionsCodec;
  /** Conversations that are compacted by a request of their own. */
  readonly compacting?: CompletionsCodec;
}

/** A reader for protocols that restate their counts. @param decode `undefined` where nothing is counted */
export function lastUsage(decode: (counts: unknown) => Usage | undefined): UsageReader {
  return new LastUsage(decode);
}

class LastUsage implements UsageReader {
  readonly #decode: (counts: unknown) => Usage | undefined;
  usage: Usage | undefined;

  constructor(decode: (counts: unknown) => Usage | undefined) {
    this.#decode = decode;
  }

  add(counts: unknown): void {
    this.usage = this.#decode(counts) ?? this.usage;
  }
}

/** What a whole reply says of its usage. @param candidates the places where it may stand, the best one last */
export function usageIn(format: UsageFormat, ...candidates: readonly unknown[]): Usage | undefined {
  const reader = format.reader();
  for (const counts of candidates) reader.add(counts);
  return reader.usage;
}
