/** Canonical events to the client, as a stream of its protocol or as one reply. */
import { PorticoError } from "../errors.ts";
import { SSE_HEADERS } from "../http/clientReply.ts";
import type { ChatError, ChatEvent, ChatReply, Usage } from "../protocols/chat.ts";
import type { ReplyContext, StreamEncoder } from "../protocols/codec.ts";
import { Collector } from "../protocols/collect.ts";
import type { ChatFlow, ChatSink } from "./chatFlow.ts";
import type { LaneContext, LaneResult } from "./lane.ts";

/** How a client's operation turns events and replies into its wire format. */
export interface Encoding {
  streamEncoder(context: ReplyContext): StreamEncoder;
  encodeReply(reply: ChatReply, context: ReplyContext): unknown;
}

/** Sends the events of `flow`; `stream` as the client asked. */
export function deliver(
  flow: ChatFlow,
  stream: boolean,
  encoding: Encoding,
  replyContext: ReplyContext,
  context: LaneContext,
): Promise<LaneResult> {
  return new Promise((resolve) => {
    const sink = stream
      ? new StreamDelivery(flow, encoding, replyContext, context, resolve)
      : new ReplyDelivery(flow, encoding, replyContext, context, resolve);
    context.reply.signal.addEventListener("abort", () => flow.abort());
    context.reply.onDrain(() => flow.resume());
    flow.attach(sink);
  });
}

export function toPorticoError(error: ChatError): PorticoError {
  return new PorticoError(error.kind, error.message, {
    ...(error.code === undefined ? {} : { code: error.code }),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  });
}

class StreamDelivery implements ChatSink {
  readonly #flow: ChatFlow;
  readonly #encoder: StreamEncoder;
  readonly #replyContext: ReplyContext;
  readonly #context: LaneContext;
  readonly #resolve: (result: LaneResult) => void;
  /** `start` alone proves nothing: the head waits for the event after it. */
  #start: ChatEvent | undefined;
  #open = false;
  #over = false;
  #bytes = 0;
  #usage: Usage | undefined;
  #broken: ChatError | undefined;

  constructor(
    flow: ChatFlow,
    encoding: Encoding,
    replyContext: ReplyContext,
    context: LaneContext,
    resolve: (result: LaneResult) => void,
  ) {
    this.#flow = flow;
    this.#encoder = encoding.streamEncoder(replyContext);
    this.#replyContext = replyContext;
    this.#context = context;
    this.#resolve = resolve;
  }

  event(event: ChatEvent): void {
    if (this.#over) return;
    if (event.type === "error") {
      this.#break(event.error);
      return;
    }
    if (event.type === "usage") this.#usage = event.usage;
    if (!this.#open) {
      if (event.type === "start" && this.#start === undefined) {
        this.#start = event;
        return;
      }
      this.#begin();
    }
    this.#send(this.#encoder.push(event));
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    if (!this.#open) this.#begin();
    this.#context.beat?.stop();
    const rest = this.#encoder.end();
    this.#bytes += rest.length;
    this.#context.reply.end(rest === "" ? undefined : rest);
    this.#resolve(this.#done());
  }

  #begin(): void {
    this.#open = true;
    const json = this.#replyContext.framing === "json-array";
    this.#context.reply.head(
      200,
      json ? { ...SSE_HEADERS, "content-type": "application/json; charset=utf-8" } : SSE_HEADERS,
    );
    if (this.#start !== undefined) this.#send(this.#encoder.push(this.#start));
  }

  #send(text: string): void {
    if (text === "") return;
    this.#bytes += text.length;
    this.#context.beat?.touch();
    if (!this.#context.reply.write(text)) this.#flow.pause();
  }

  #break(error: ChatError): void {
    this.#over = true;
    this.#flow.abort();
    if (!this.#open) {
      this.#resolve({ kind: "trouble", trouble: { kind: "chat", error } });
      return;
    }
    this.#broken = error;
    this.#context.beat?.stop();
    const { codec, requestId, reply } = this.#context;
    reply.end(codec.encodeStreamError(toPorticoError(error), requestId, this.#replyContext.framing));
    this.#resolve(this.#done());
  }

  #done(): LaneResult {
    return {
      kind: "done",
      status: 200,
      bytes: this.#bytes,
      ...(this.#usage === undefined ? {} : { usage: this.#usage }),
      ...(this.#broken === undefined ? {} : { broken: this.#broken }),
    };
  }
}

class ReplyDelivery implements ChatSink {
  readonly #flow: ChatFlow;
  readonly #encoding: Encoding;
  readonly #replyContext: ReplyContext;
  readonly #context: LaneContext;
  readonly #resolve: (result: LaneResult) => void;
  readonly #collector = new Collector();

  constructor(
    flow: ChatFlow,
    encoding: Encoding,
    replyContext: ReplyContext,
    context: LaneContext,
    resolve: (result: LaneResult) => void,
  ) {
    this.#flow = flow;
    this.#encoding = encoding;
    this.#replyContext = replyContext;
    this.#context = context;
    this.#resolve = resolve;
  }

  event(event: ChatEvent): void {
    this.#collector.push(event);
    if (event.type === "error") this.#flow.abort();
  }

  end(): void {
    if (this.#collector.error !== undefined) {
      this.#resolve({ kind: "trouble", trouble: { kind: "chat", error: this.#collector.error } });
      return;
    }
    this.#resolve(sendReply(this.#collector.reply(), this.#encoding, this.#replyContext, this.#context));
  }
}

/** A whole reply to a client that did not ask for a stream. */
export function sendReply(
  reply: ChatReply,
  encoding: Encoding,
  replyContext: ReplyContext,
  { reply: client, beat }: LaneContext,
): LaneResult {
  const body = JSON.stringify(encoding.encodeReply(reply, replyContext));
  beat?.stop();
  client.head(200, {
    "content-type": "application/json; charset=utf-8",
    "content-length": String(Buffer.byteLength(body)),
  });
  client.end(body);
  return {
    kind: "done",
    status: 200,
    bytes: body.length,
    ...(reply.usage === undefined ? {} : { usage: reply.usage }),
  };
}
