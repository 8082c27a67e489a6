/** Canonical events to the client, as a stream of its protocol or as one reply. */
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
    const { signal } = context.reply;
    const settle = (result: LaneResult) => {
      signal.removeEventListener("abort", leave);
      resolve(result);
    };
    const leave = () => {
      flow.abort();
      const message = "The client closed the connection.";
      settle({ kind: "trouble", trouble: { kind: "chat", error: { kind: "upstream", message } } });
    };
    if (signal.aborted) {
      leave();
      return;
    }
    const sink = stream
      ? new StreamDelivery(flow, encoding, replyContext, context, settle)
      : new ReplyDelivery(flow, encoding, replyContext, context, settle);
    signal.addEventListener("abort", leave);
    context.reply.onDrain(() => flow.resume());
    flow.attach(sink);
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
  /** UTF-16 code units of texts and arguments. */
  #characters = 0;
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
    switch (event.type) {
      case "usage":
        this.#usage = event.usage;
        break;
      case "text-delta":
      case "reasoning-delta":
        this.#characters += event.text.length;
        break;
      case "tool-delta":
        this.#characters += event.delta.length;
        break;
    }
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
    // The encoder knows what is open and where the stream stands; it ends both.
    const text = this.#encoder.push({ type: "error", error });
    this.#bytes += text.length;
    this.#context.reply.end(text);
    this.#resolve(this.#done());
  }

  #done(): LaneResult {
    return {
      kind: "done",
      status: 200,
      bytes: this.#bytes,
      ...(this.#usage === undefined
        ? { sample: { kind: "characters", count: this.#characters } }
        : { usage: this.#usage }),
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
  #over = false;

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
    if (this.#over) return;
    if (event.type !== "error") {
      this.#collector.push(event);
      return;
    }
    this.#over = true;
    // A flow that was aborted does not end.
    this.#flow.abort();
    this.#resolve({ kind: "trouble", trouble: { kind: "chat", error: event.error } });
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
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
