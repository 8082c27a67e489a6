/**
 * Lane B: the provider speaks another protocol. Its stream is decoded to canonical events and
 * encoded for the client one event at a time; nothing waits for the whole.
 */
import { StringDecoder } from "node:string_decoder";
import { createParser } from "eventsource-parser";
import { asPorticoError } from "../errors.ts";
import type { ChatError, ChatEvent, ChatReply, ChatRequest, FinishReason } from "../protocols/chat.ts";
import type { Codec, ReplyContext, StreamDecoder } from "../protocols/codec.ts";
import type { ChatFlow, ChatSink } from "./chatFlow.ts";
import { deliver, type Encoding, sendReply } from "./deliver.ts";
import type { Exchange } from "./exchange.ts";
import { BodyTooLarge, collect, type Flow } from "./flow.ts";
import type { LaneContext, LaneResult } from "./lane.ts";
import { type ReplyWatch, watched } from "./replyWatch.ts";
import { brokenStream } from "./trouble.ts";

/** Bytes of a reply that does not stream; images inline are the largest. */
const REPLY_BYTES = 128 * 1024 * 1024;
/** Characters of one event. */
const EVENT_CHARACTERS = 64 * 1024 * 1024;

export interface Translation {
  /** The provider's codec. */
  readonly provider: Codec;
  readonly request: ChatRequest;
  readonly stream: boolean;
  readonly encoding: Encoding;
  readonly replyContext: ReplyContext;
  /** Sees everything the provider says. */
  readonly watch?: ReplyWatch;
}

export async function laneB(
  exchange: Exchange,
  translation: Translation,
  context: LaneContext,
): Promise<LaneResult> {
  const { provider, request, stream, encoding, replyContext, watch } = translation;
  const type = String(exchange.headers["content-type"] ?? "").toLowerCase();
  if (type.startsWith("text/event-stream")) {
    const decoded = new DecodedFlow(exchange.flow, provider.streamDecoder({ request }));
    const flow = watch === undefined ? decoded : watched(decoded, watch);
    return await deliver(flow, stream, encoding, replyContext, context);
  }
  let reply: ChatReply;
  try {
    const body = await collect(exchange.flow, REPLY_BYTES);
    const json = parse(body);
    const error = isError(json) ? provider.decodeError(exchange.status, json) : undefined;
    if (error !== undefined) {
      const { status, headers } = exchange;
      return { kind: "trouble", trouble: { kind: "reply", status, headers, body } };
    }
    reply = provider.decodeReply(json, { request });
    watch?.reply(reply);
  } catch (thrown) {
    if (thrown instanceof BodyTooLarge) {
      return chatTrouble({ kind: "upstream", message: "The provider's reply is too large to translate." });
    }
    if (thrown instanceof Error && thrown.name !== "PorticoError") {
      return { kind: "trouble", trouble: { kind: "network", error: thrown } };
    }
    const { kind, message } = asPorticoError(thrown);
    return chatTrouble({ kind, message });
  }
  const failure = failureOf(reply.choices[0]?.finish);
  if (failure !== undefined) return chatTrouble(failure);
  if (!stream) return sendReply(reply, encoding, replyContext, context);
  return await deliver(wholeAsFlow(reply), true, encoding, replyContext, context);
}

/** A reply that its provider ended with an error is none: the client is told, and may ask again. */
function failureOf(finish: { reason: FinishReason; raw?: string } | undefined): ChatError | undefined {
  if (finish?.reason !== "error") return undefined;
  const raw = finish.raw === undefined ? "" : ` (${finish.raw})`;
  return { kind: "upstream", message: `The provider ended the reply with an error${raw}.` };
}

function failedFinish(event: ChatEvent): ChatEvent {
  const error = event.type === "finish" && !event.choice ? failureOf(event) : undefined;
  return error === undefined ? event : { type: "error", error };
}

function chatTrouble(error: ChatError): LaneResult {
  return { kind: "trouble", trouble: { kind: "chat", error } };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return body.toString("utf8", 0, 500);
  }
}

function isError(json: unknown): boolean {
  if (typeof json !== "object" || json === null) return false;
  const error: unknown = Reflect.get(Array.isArray(json) ? (json[0] ?? {}) : json, "error");
  return (
    (error !== undefined && error !== null && !("output" in json)) || Reflect.get(json, "type") === "error"
  );
}

/** The bytes of an SSE stream, decoded. */
class DecodedFlow implements ChatFlow {
  readonly #from: Flow;
  readonly #decoder: StreamDecoder;
  #over = false;

  constructor(from: Flow, decoder: StreamDecoder) {
    this.#from = from;
    this.#decoder = decoder;
  }

  attach(sink: ChatSink): void {
    // A character may be split between two chunks.
    const text = new StringDecoder("utf8");
    const parser = createParser({
      maxBufferSize: EVENT_CHARACTERS,
      onEvent: ({ event, data }) => {
        if (this.#over) return;
        for (const decoded of this.#decoder.push(event === undefined ? { data } : { event, data }))
          sink.event(failedFinish(decoded));
      },
    });
    const finish = (failure?: ChatError) => {
      if (this.#over) return;
      this.#over = true;
      for (const decoded of this.#decoder.end()) {
        // Our own word on a broken connection is the better one.
        if (failure === undefined || decoded.type !== "error") sink.event(decoded);
      }
      if (failure !== undefined) sink.event({ type: "error", error: failure });
      sink.end();
    };
    const feed = (piece: string) => {
      if (this.#over) return;
      try {
        parser.feed(piece);
      } catch (thrown) {
        this.#from.abort();
        finish({
          kind: "upstream",
          message: `The provider's stream could not be read (${messageOf(thrown)}).`,
        });
      }
    };
    this.#from.attach({
      data: (chunk) => feed(text.write(chunk)),
      end: () => {
        // A last event may lack its empty line.
        feed(`${text.end()}\n\n`);
        finish();
      },
      error: (error) => {
        // The client has left, of which its side hears by itself: nothing more is said to it.
        if (error.name === "AbortError") this.#over = true;
        else finish({ kind: "upstream", message: brokenStream(error) });
      },
    });
  }

  pause(): void {
    this.#from.pause();
  }

  resume(): void {
    this.#from.resume();
  }

  abort(): void {
    this.#over = true;
    this.#from.abort();
  }
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
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
          const proof = "proof" in part && part.proof !== undefined ? { proof: part.proof } : {};
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
              sink.event({ type: "text-end", id, ...proof });
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
              sink.event({ type: "reasoning-end", id, ...proof });
              break;
            case "tool-call": {
              const { type: _type, input, proof: _proof, cache: _cache, ...call } = part;
              sink.event({ type: "tool-start", id, ...call, ...at });
              sink.event({ type: "tool-delta", id, delta: input });
              sink.event({ type: "tool-end", id, ...proof });
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
