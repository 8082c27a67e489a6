/** What passthrough and translation return, and what they need. */
import type { IncomingHttpHeaders } from "node:http";
import { asPorticoError } from "../../common/errors.ts";
import type { Clock } from "../../common/ports.ts";
import type { ChatError, Usage, Warn } from "../../protocols/chat.ts";
import type { Codec, Framing } from "../../protocols/codec.ts";
import type { Operation } from "../../protocols/operation.ts";
import type { ReplyFacts } from "../../protocols/replyFacts.ts";
import type { AccountKey } from "../../providers/account.ts";
import type { ClientReply } from "./clientReply.ts";
import type { Beat } from "./heartbeats.ts";
import type { Said } from "./said.ts";

/** What is left of a reply. */
export type Sample =
  /** The last part of a stream as it came, and how many bytes that stream had. */
  | { readonly kind: "tail"; readonly framing: Framing; readonly text: string; readonly bytes: number }
  /** A body that did not stream, or the last part of it. */
  | { readonly kind: "body"; readonly held: Buffer; readonly bytes: number }
  /** Its first words. */
  | ({ readonly kind: "words" } & Said);

/** Why an attempt gave no reply. Nothing has gone out to the client yet. */
export type AttemptFailure =
  /** The provider said so: a status, or a 200 whose first event is an error. */
  | { kind: "reply"; status: number; headers: IncomingHttpHeaders; body: Buffer }
  | { kind: "network"; error: Error }
  /** It is somewhere else. `to`: where, without what may be secret in a URL. */
  | { kind: "redirect"; status: number; from: string; to: string }
  /** Already in our own terms (the sandbox, a decoder). */
  | { kind: "chat"; error: ChatError };

export type AttemptResult =
  /** The client has its reply. `broken`: it ended in an error event. */
  | {
      kind: "done";
      status: number;
      usage?: Usage;
      responseId?: string;
      /** Where somebody wants to know them. */
      facts?: ReplyFacts;
      broken?: ChatError;
      /** What broke it, where that is somebody's failure: its class holds the account, like any other. */
      brokenBy?: AttemptFailure;
      /** The client left in its midst; the rest tells of what came until then. */
      left?: true;
      /** Where a reply came without usage, or without its end: what it can be estimated from. */
      sample?: Sample;
    }
  | { kind: "failed"; cause: AttemptFailure };

export type Done = Extract<AttemptResult, { kind: "done" }>;

export type Failed = Extract<AttemptResult, { kind: "failed" }>;

/** Nobody has answered, for a reason in our own terms. */
export function chatFailure(error: ChatError): Failed {
  return { kind: "failed", cause: { kind: "chat", error } };
}

/** The provider answered, but with nothing that could be an answer. */
export function upstreamFailure(message: string): Failed {
  return chatFailure({ kind: "upstream", message });
}

/** What was thrown while a reply was read: the connection's failure, or the decoder's word. */
export function failedReading(thrown: unknown): Failed {
  if (thrown instanceof Error && thrown.name !== "PorticoError") {
    return { kind: "failed", cause: { kind: "network", error: thrown } };
  }
  const { kind, message } = asPorticoError(thrown);
  return chatFailure({ kind, message });
}

/** The connection has ended as one that is closed, the reply has not: it was cut all the same. */
export function endedEarly(): Error {
  return Object.assign(new Error("the reply ended before it was complete"), { code: "UND_ERR_SOCKET" });
}

/** For the client, and in the record, when a stream ends in its midst. */
export function brokenStream(error: Error): string {
  const code: unknown = Reflect.get(error, "code");
  const how = code === "UND_ERR_BODY_TIMEOUT" ? "sent nothing for too long" : "broke off";
  return `The provider's stream ${how}. What came so far is incomplete; try again.`;
}

export interface RelayContext {
  readonly reply: ClientReply;
  /** The client's protocol. */
  readonly codec: Codec;
  readonly requestId: string;
  readonly beat: Beat | undefined;
  /** The key with which the account was asked: what its provider says must not tell it. */
  readonly key: AccountKey | undefined;
  readonly clock: Clock;
  readonly operation: Operation;
  /** What an error of this candidate means, in our own terms. */
  readonly explain: (cause: AttemptFailure) => ChatError;
  /** Told once, when the provider has begun to answer: neither an error nor a mere ping. */
  readonly onContent?: () => void;
  /** A server of one's own: it may leave out the last event of its protocol. */
  readonly lenient: boolean;
  readonly warn: Warn;
  /** The reply's facts are wanted: they are read from what is kept of it. */
  readonly wantsFacts?: boolean;
  /** Told of each encrypted text in a reply passed through: it belongs to the account that made it. */
  readonly onEncrypted?: (data: string) => void;
}

/** Bytes of a reply that does not stream, held back until it is whole, so that a break can fail over. */
export const HOLD_BYTES = 1024 * 1024;
/** Bytes of an error body that are read. */
export const ERROR_BYTES = 256 * 1024;
