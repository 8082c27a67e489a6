/** A span that has ended, before it is bytes; and the request that spans are made of. */
import type { Protocol } from "../../control/protocol.ts";
import type { Usage } from "../protocols/chat.ts";
import type { ReplyFacts } from "../protocols/replyFacts.ts";
import type { TraceParent } from "./traceContext.ts";

export type AttributeValue = string | number | boolean | readonly string[];
export type Attributes = Record<string, AttributeValue | undefined>;

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  /** The parent is the client's. */
  readonly parentIsRemote?: true;
  /** `tracestate` of the trace. */
  readonly state?: string;
  readonly name: string;
  readonly kind: "server" | "client";
  /** Milliseconds since 1970, with fractions. */
  readonly start: number;
  readonly end: number;
  readonly attributes: Attributes;
  readonly failed: boolean;
}

/** One call to a provider, as records have it. */
export interface TracedAttempt {
  readonly account: string;
  readonly model: string;
  readonly protocol: Protocol;
  /** Milliseconds since the request began. */
  readonly at: number;
  /** Milliseconds. */
  readonly took: number;
  readonly waited?: number;
  readonly status?: number;
  /** `ok`, or what became of it. */
  readonly outcome: string;
}

/** What is read of a finished request; its record has all of it. Words of others (errors, warnings) are not among it. */
export interface TracedRequest {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly durationMs: number;
  readonly firstByteMs?: number;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly error?: { readonly kind: string };
  readonly protocol?: Protocol;
  readonly model?: string;
  readonly modelUsed?: string;
  readonly stream?: boolean;
  readonly lane?: string;
  readonly client?: string;
  readonly userAgent?: string;
  /** Id of the client key. */
  readonly key?: string;
  readonly session?: string;
  readonly attempts: readonly TracedAttempt[];
  readonly usage?: Usage;
  readonly warnings: readonly unknown[];
}

/** What was said, as JSON by the conventions' schemas; bounded, and without secrets. */
export interface TracedContent {
  readonly input?: string;
  readonly output?: string;
  /** Something was too long. */
  readonly cut: boolean;
}

/** What is known of a request beside its record. */
export interface RequestContext {
  readonly parent?: TraceParent | undefined;
  /** `Host` as the client sent it. */
  readonly host?: string | undefined;
  reply?: ReplyFacts;
  content?: TracedContent;
}
