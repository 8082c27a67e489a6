/** Canonical events as an Anthropic client's stream. */
import { type ChatEvent, NO_USAGE, type Usage } from "../../chat.ts";
import type { ReplyContext, StreamEncoder } from "../../codec.ts";
import { encodeCitation } from "../citations.ts";
import { encodeStreamError } from "../errors.ts";
import { encodeFinish, type Finish } from "../finish.ts";
import type { JsonObject } from "../json.ts";
import { messageId, stopDetails, wholeBlock } from "../reply.ts";
import { encodeDeltaUsage, encodeUsage } from "../usage.ts";
import { type Piece, ReasoningPiece, TextPiece, ToolPiece, WholePiece } from "./pieces.ts";

export const sse = (event: string, data: JsonObject): string =>
  `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

export function streamEncoder(context: ReplyContext): StreamEncoder {
  return new Encoder(context);
}

/**
 * Blocks are sent one after the other, numbered from 0. The part at the head of the line is sent as
 * it comes; parts that began meanwhile wait behind it.
 */
class Encoder implements StreamEncoder {
  readonly #context: ReplyContext;
  /** Parts that are open or wait, by id; a map keeps the order of their starts. */
  readonly #line = new Map<string, Piece>();
  #index = 0;
  #wholes = 0;
  #started = false;
  #over = false;
  #usage: Usage | undefined;
  #finish: Finish | undefined;
  #holds = { calls: false, refusal: false };
  #warned = new Set<string>();

  constructor(context: ReplyContext) {
    this.#context = context;
  }

  push(event: ChatEvent): string {
    if (this.#over) return "";
    if ("choice" in event && event.choice) {
      this.#warn("n", "an Anthropic message holds one choice");
      return "";
    }
    switch (event.type) {
      case "start":
        return this.#start(event);
      case "text-start":
        if (event.refusal) this.#holds.refusal = true;
        return this.#add(event.id, new TextPiece());
      case "text-delta":
        if (event.logprobs?.length) this.#warn("logprobs", "an Anthropic stream has none");
        return this.#feed(event.id, (piece) => piece.say(event.text));
      case "citation": {
        const citation = encodeCitation(event.citation);
        if (citation === undefined) {
          this.#warn("citations", "citations without an address were left out");
          return "";
        }
        if (!this.#line.has(event.id)) this.#warn("citations", "a citation that came late was left out");
        return this.#feed(event.id, (piece) => piece.cite(citation));
      }
      case "reasoning-start":
        return this.#add(event.id, new ReasoningPiece(event));
      case "reasoning-delta":
        return this.#feed(event.id, (piece) => piece.say(event.text));
      case "tool-start":
        this.#holds.calls = true;
        return this.#add(event.id, new ToolPiece(event, this.#context.newId));
      case "tool-delta":
        return this.#feed(event.id, (piece) => piece.say(event.delta));
      case "text-end":
      case "reasoning-end":
        return this.#feed(event.id, (piece) => piece.close(event.signature));
      case "tool-end":
        return this.#feed(event.id, (piece) => (event.cut ? piece.cut() : piece.close(event.signature)));
      case "part": {
        const warn = (feature: string, message: string) => this.#warn(feature, message);
        const block = wholeBlock(event.part, this.#context.request, warn);
        return block === undefined ? "" : this.#add(`\0${this.#wholes++}`, new WholePiece(block));
      }
      case "finish":
        this.#finish = event;
        return this.#usage === undefined ? "" : this.#stop();
      case "usage":
        this.#usage = event.usage;
        return this.#finish === undefined ? "" : this.#stop();
      case "error":
        this.#over = true;
        return encodeStreamError(event.error, undefined);
    }
  }

  end(): string {
    if (this.#over) return "";
    if (this.#finish !== undefined) return this.#stop();
    this.#over = true;
    return encodeStreamError(
      { kind: "upstream", message: "The provider's stream ended before the reply was complete." },
      undefined,
    );
  }

  #start(event: Partial<Extract<ChatEvent, { type: "start" }>>): string {
    if (this.#started) return "";
    this.#started = true;
    return sse("message_start", {
      type: "message_start",
      message: {
        id: messageId(event.id, this.#context),
        type: "message",
        role: "assistant",
        model: this.#context.model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        stop_details: null,
        usage: encodeUsage(event.usage ?? this.#estimate(), event.serviceTier),
      },
    });
  }

  /** Clients show at once how full the context is; most providers tell it last, and `message_delta` sets it right. */
  #estimate(): Usage {
    const total = this.#context.inputTokens?.() ?? 0;
    return { ...NO_USAGE, input: { ...NO_USAGE.input, total, uncached: total }, estimated: true };
  }

  #add(id: string, piece: Piece): string {
    const begun = this.#start({});
    if (this.#line.has(id)) return begun;
    this.#line.set(id, piece);
    return begun + this.#advance();
  }

  #feed(id: string, use: (piece: Piece) => void): string {
    const piece = this.#line.get(id);
    if (piece === undefined) return "";
    use(piece);
    return this.#advance();
  }

  /** Sends what the head of the line has, and goes on to the next while one is done. */
  #advance(): string {
    let out = "";
    for (const [id, piece] of this.#line) {
      out += piece.flush(this.#index);
      if (!piece.closed) break;
      if (piece.sent) this.#index++;
      this.#line.delete(id);
    }
    return out;
  }

  #stop(): string {
    let out = this.#start({});
    // A decoder closes its parts; should one be open, it ends here.
    for (const piece of this.#line.values()) {
      if (piece instanceof ToolPiece && !piece.closed) piece.cut();
      else piece.close(undefined);
    }
    out += this.#advance();
    this.#over = true;
    const finish = encodeFinish(this.#finish ?? { reason: "other" }, this.#holds);
    out += sse("message_delta", {
      type: "message_delta",
      delta: { ...finish, stop_details: stopDetails(finish.stop_reason) },
      usage: encodeDeltaUsage(this.#usage ?? this.#estimate()),
    });
    return out + sse("message_stop", { type: "message_stop" });
  }

  #warn(feature: string, message: string): void {
    if (this.#warned.has(feature)) return;
    this.#warned.add(feature);
    this.#context.warn(feature, message);
  }
}
