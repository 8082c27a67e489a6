/** Canonical events to the client, as a stream of its protocol or as one reply. */

import { cutOf } from "../../common/cut.ts";
import { PorticoError } from "../../common/errors.ts";
import type { ChatError, ChatEvent, ChatReply, Usage } from "../../protocols/chat.ts";
import type { ChatFlow, ChatSink } from "../../protocols/chatStream.ts";
import type { ReplyContext, StreamEncoder } from "../../protocols/codec.ts";
import { Collector } from "../../protocols/collect.ts";
import { factsOf } from "../../protocols/replyFacts.ts";
import { isFinished } from "../../protocols/streamEnd.ts";
import { withoutShown } from "../shownSecrets.ts";
import { STREAM_HEADERS, sendJson } from "./clientReply.ts";
import { type AttemptResult, chatFailure, type Done, type RelayContext, type Sample } from "./result.ts";
import { SaidWords, wordsIn } from "./said.ts";

/** How a client's operation turns events and replies into its wire format. */
export interface Encoding {
  streamEncoder(context: ReplyContext): StreamEncoder;
  encodeReply(reply: ChatReply, context: ReplyContext): unknown;
}

/**
 * Sends the events of `flow`; `stream` as the client asked.
 * @throws what an encoder throws, wherever the events come from; the flow is then given up
 */
export function deliver(
  flow: ChatFlow,
  stream: boolean,
  encoding: Encoding,
  replyContext: ReplyContext,
  context: RelayContext,
): Promise<AttemptResult> {
  return new Promise((resolve, reject) => {
    const { signal } = context.reply;
    const settle = (result: AttemptResult) => {
      signal.removeEventListener("abort", leave);
      resolve(result);
    };
    const delivery = stream
      ? new StreamDelivery(flow, encoding, replyContext, context, settle)
      : new ReplyDelivery(flow, encoding, replyContext, context, settle);
    const sink = new Guarded(delivery, (thrown) => {
      signal.removeEventListener("abort", leave);
      flow.abort();
      reject(thrown);
    });
    const leave = () => {
      flow.abort();
      const cut = cutOf(signal);
      if (cut === undefined) settle(delivery.left());
      else sink.event({ type: "error", error: { kind: cut.kind, message: cut.message } });
    };
    if (signal.aborted) {
      leave();
      return;
    }
    signal.addEventListener("abort", leave);
    context.reply.onDrain(() => flow.resume());
    flow.attach(sink);
  });
}

/** Events come from a socket or a timer, where nobody would catch what is thrown: it ends this reply alone. */
class Guarded implements ChatSink {
  readonly #sink: ChatSink;
  readonly #fail: (thrown: unknown) => void;
  #failed = false;

  constructor(sink: ChatSink, fail: (thrown: unknown) => void) {
    this.#sink = sink;
    this.#fail = fail;
  }

  event(event: ChatEvent): void {
    if (this.#failed) return;
    try {
      this.#sink.event(event);
    } catch (thrown) {
      this.#giveUp(thrown);
    }
  }

  end(): void {
    if (this.#failed) return;
    try {
      this.#sink.end();
    } catch (thrown) {
      this.#giveUp(thrown);
    }
  }

  hold(): void {
    this.#sink.hold?.();
  }

  flush(): void {
    if (!this.#failed) this.#sink.flush?.();
  }

  #giveUp(thrown: unknown): void {
    this.#failed = true;
    this.#fail(thrown);
  }
}

class StreamDelivery implements ChatSink {
  readonly #flow: ChatFlow;
  readonly #encoder: StreamEncoder;
  readonly #replyContext: ReplyContext;
  readonly #context: RelayContext;
  readonly #resolve: (result: AttemptResult) => void;
  /** `start` alone proves nothing: the head waits for the event after it. */
  #start: ChatEvent | undefined;
  #open = false;
  #over = false;
  readonly #words = new SaidWords();
  #usage: Usage | undefined;
  #finish: string | undefined;
  /** What was written last: the stream's end, once it was. */
  #last = "";
  /** Of events that came at once: written behind the last of them. */
  #held = "";
  #holding = false;

  constructor(
    flow: ChatFlow,
    encoding: Encoding,
    replyContext: ReplyContext,
    context: RelayContext,
    resolve: (result: AttemptResult) => void,
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
    else if (event.type === "finish") this.#finish = event.raw ?? event.reason;
    else this.#words.add(event);
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
    this.#endWith(this.#encoder.end());
    this.#resolve(this.#done());
  }

  hold(): void {
    this.#holding = true;
  }

  flush(): void {
    this.#holding = false;
    const held = this.#held;
    if (this.#over || held === "") return;
    this.#held = "";
    this.#write(held);
  }

  /** The client has gone; what it had may have been all of it. */
  left(): AttemptResult {
    this.#over = true;
    this.#context.beat?.stop();
    return this.#open && this.#finished ? this.#done() : { ...this.#done(true), left: true };
  }

  get #finished(): boolean {
    return isFinished(this.#context.codec.protocol, this.#last);
  }

  #begin(): void {
    this.#open = true;
    this.#context.onContent?.();
    this.#context.reply.head(200, STREAM_HEADERS[this.#replyContext.framing ?? "sse"]);
    if (this.#start !== undefined) this.#send(this.#encoder.push(this.#start));
  }

  #send(text: string): void {
    if (text === "") return;
    this.#last = text;
    if (this.#holding) this.#held += text;
    else this.#write(text);
  }

  #write(text: string): void {
    this.#context.beat?.touch();
    if (!this.#context.reply.write(text)) this.#flow.pause();
  }

  #endWith(rest: string): void {
    const text = this.#held + rest;
    this.#held = "";
    this.#context.reply.end(text === "" ? undefined : text);
  }

  #break(said: ChatError): void {
    const error = { ...said, message: withoutShown(said.message, this.#context.key) };
    this.#over = true;
    this.#flow.abort();
    if (!this.#open) {
      this.#resolve(chatFailure(error));
      return;
    }
    this.#context.beat?.stop();
    if (this.#finished) {
      this.#endWith("");
      this.#resolve(this.#done());
      return;
    }
    // The encoder knows what is open and where the stream stands; it ends both.
    const text = this.#encoder.push({ type: "error", error });
    this.#endWith(text);
    this.#resolve({ ...this.#done(true), broken: error });
  }

  /** @param cut the stream lacks its end: what was said of tokens may be too little */
  #done(cut = false): Done {
    const start = this.#start?.type === "start" ? this.#start : undefined;
    const usage = this.#usage ?? start?.usage;
    const why = this.#finish === undefined ? [] : [this.#finish];
    return {
      kind: "done",
      status: 200,
      ...(this.#context.wantsFacts ? { facts: factsOf(start?.id, start?.model, why) } : {}),
      ...(usage === undefined ? {} : { usage }),
      ...(cut || usage === undefined ? { sample: { kind: "words", ...this.#words.said } } : {}),
    };
  }
}

class ReplyDelivery implements ChatSink {
  readonly #flow: ChatFlow;
  readonly #encoding: Encoding;
  readonly #replyContext: ReplyContext;
  readonly #context: RelayContext;
  readonly #resolve: (result: AttemptResult) => void;
  readonly #collector = new Collector();
  #begun = false;
  #over = false;

  constructor(
    flow: ChatFlow,
    encoding: Encoding,
    replyContext: ReplyContext,
    context: RelayContext,
    resolve: (result: AttemptResult) => void,
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
      this.#context.reply.heard();
      if (event.type !== "start" && !this.#begun) {
        this.#begun = true;
        this.#context.onContent?.();
      }
      this.#collector.push(event);
      return;
    }
    this.#over = true;
    // A flow that was aborted does not end.
    this.#flow.abort();
    this.#resolve(chatFailure(event.error));
  }

  /** The client has gone; what its provider said so far is paid for. */
  left(): AttemptResult {
    this.#over = true;
    const reply = this.#collector.reply();
    const { usage } = reply;
    return {
      kind: "done",
      status: 200,
      ...(usage === undefined ? {} : { usage }),
      sample: wordsSample(reply),
      left: true,
    };
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#resolve(sendReply(this.#collector.reply(), this.#encoding, this.#replyContext, this.#context));
  }
}

const factsOfReply = ({ id, model, choices }: ChatReply) =>
  factsOf(
    id,
    model,
    choices.map(({ finish }) => finish.raw ?? finish.reason),
  );

/** What a whole reply can be estimated from. */
export function wordsSample(reply: ChatReply): Sample {
  const text = wordsIn(reply);
  return { kind: "words", text, units: text.length };
}

/**
 * A whole reply to a client that did not ask for a stream; `failed` where the client's protocol has no way to say it.
 * @throws our own bugs
 */
export function sendReply(
  reply: ChatReply,
  encoding: Encoding,
  replyContext: ReplyContext,
  { reply: client, beat, wantsFacts }: RelayContext,
): AttemptResult {
  let body: string;
  try {
    body = JSON.stringify(encoding.encodeReply(reply, replyContext));
  } catch (thrown) {
    if (!(thrown instanceof PorticoError)) throw thrown;
    return chatFailure({ kind: thrown.kind, message: thrown.message });
  }
  beat?.stop();
  sendJson(client, body);
  return {
    kind: "done",
    status: 200,
    ...(wantsFacts ? { facts: factsOfReply(reply) } : {}),
    ...(reply.usage === undefined ? { sample: wordsSample(reply) } : { usage: reply.usage }),
  };
}
