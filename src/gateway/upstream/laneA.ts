/**
 * Lane A: the provider speaks the client's protocol, so its bytes go through as they are. Events
 * are only told apart, never parsed, but for the first one and those that name an error: a 200 may
 * begin with one, and end in one.
 */
import type { OutgoingHttpHeaders } from "node:http";
import { PorticoError } from "../errors.ts";
import type { ChatError } from "../protocols/chat.ts";
import type { Framing } from "../protocols/codec.ts";
import { WIRES } from "../protocols/wires.ts";
import { type Boundary, JsonArrayBoundary, SseBoundary } from "./boundary.ts";
import {
  errorAmong,
  isBareError,
  isEmbeddedError,
  mayHoldError,
  missingAnswer,
  saysNothing,
} from "./embeddedError.ts";
import { EncryptedScan } from "./encryptedScan.ts";
import type { Exchange } from "./exchange.ts";
import { isFinished } from "./finished.ts";
import type { Sink } from "./flow.ts";
import { clientHeaders } from "./headers.ts";
import { HeldEvents } from "./heldEvents.ts";
import { isJsonType, looksLikeJson } from "./jsonLook.ts";
import {
  brokenStream,
  HOLD_BYTES,
  type LaneContext,
  type LaneResult,
  type Trouble,
  upstreamTrouble,
} from "./lane.ts";
import { readResponseId } from "./responseId.ts";
import { bytesCleaner } from "./shownSecrets.ts";
import { streamErrorText } from "./streamError.ts";
import { Tap } from "./tap.ts";
import { parsed } from "./trouble.ts";

/** Bytes of a whole reply that may be an error; a longer one is an answer. */
const ERROR_OBJECT_BYTES = 16 * 1024;
/** Characters at a stream's end in which an error of any other shape is looked for. */
const LAST_WORDS = 4096;
/** What events of an error have in all protocols; in a text that is streamed its quote is escaped. */
const ERROR_NAME = Buffer.from('"error');

/**
 * Pipes a 2xx reply to the client.
 * @param framing of the stream that the client asked for; absent: it asked for none
 */
export function laneA(
  exchange: Exchange,
  framing: Framing | undefined,
  context: LaneContext,
): Promise<LaneResult> {
  return new Promise((resolve) => {
    const type = String(exchange.headers["content-type"] ?? "").toLowerCase();
    const sink = type.startsWith("text/event-stream")
      ? new EventRelay(exchange, context, new SseBoundary(), "sse", resolve)
      : framing === "json-array" && type.startsWith("application/json")
        ? new EventRelay(exchange, context, new JsonArrayBoundary(), "json-array", resolve)
        : new WholeRelay(exchange, context, resolve);
    context.reply.onDrain(() => exchange.flow.resume());
    exchange.flow.attach(sink);
  });
}

/**
 * What a reply that is over tells.
 * @param framing of a stream
 * @param cut it lacks its end: what was said of tokens may be too little
 */
function summary(tap: Tap, exchange: Exchange, { codec }: LaneContext, framing?: Framing, cut = false) {
  const { usage } = tap;
  const responseId = codec.protocol === "openai-responses" ? readResponseId(tap.head()) : undefined;
  return {
    kind: "done" as const,
    status: exchange.status,
    bytes: tap.bytes,
    ...(usage === undefined ? {} : { usage }),
    ...(framing !== undefined && (cut || usage === undefined)
      ? { sample: { kind: "tail" as const, framing, text: tap.tail(), bytes: tap.bytes } }
      : {}),
    ...(responseId === undefined ? {} : { responseId }),
  };
}

function scanOf({ onEncrypted }: LaneContext): EncryptedScan | undefined {
  return onEncrypted === undefined ? undefined : new EncryptedScan(onEncrypted);
}

/** A stream: whole events go out as soon as they are there. */
class EventRelay implements Sink {
  readonly #exchange: Exchange;
  readonly #context: LaneContext;
  readonly #boundary: Boundary;
  readonly #framing: Framing;
  readonly #resolve: (result: LaneResult) => void;
  readonly #tap: Tap;
  readonly #scan: EncryptedScan | undefined;
  readonly #clean: (bytes: Buffer) => Buffer;
  readonly #held = new HeldEvents();
  /** Has an event been seen to be no error? */
  #open = false;
  #torn = false;
  /** The error that came in the midst of the stream. */
  #refusal: string | undefined;

  constructor(
    exchange: Exchange,
    context: LaneContext,
    boundary: Boundary,
    framing: Framing,
    resolve: (result: LaneResult) => void,
  ) {
    this.#exchange = exchange;
    this.#context = context;
    this.#tap = new Tap(WIRES[context.codec.protocol].usage);
    this.#boundary = boundary;
    this.#framing = framing;
    this.#resolve = resolve;
    this.#scan = scanOf(context);
    this.#clean = bytesCleaner(context.key);
  }

  data(chunk: Buffer): void {
    const end = this.#boundary.last(chunk);
    const held = this.#held;
    if (end === chunk.length && held.empty && this.#open) {
      this.#tear(false);
      this.#send(chunk);
      return;
    }
    const next = held.add(chunk, end);
    if (next === undefined) return;
    const { events, torn } = next;
    if (this.#passes(events, torn || held.full)) {
      this.#tear(torn);
      this.#send(held.withQuiet(events));
    } else {
      held.putAside(events);
    }
  }

  end(): void {
    const rest = this.#held.rest();
    if (!this.#open) {
      const error = rest === undefined ? undefined : this.#firstError(rest);
      if (error !== undefined) {
        this.#fail(error);
        return;
      }
      if (rest === undefined || this.#saysNothing(rest)) {
        this.#resolve(upstreamTrouble("the provider sent an empty stream"));
        return;
      }
      this.#begin();
    }
    // A last event without its empty line: passed on as it came.
    if (rest !== undefined) this.#write(rest);
    this.#context.beat?.stop();
    this.#context.reply.end();
    this.#resolve({ ...this.#summary(), ...this.#refused() });
  }

  error(error: Error): void {
    const { reply, codec, requestId, beat } = this.#context;
    if (!this.#open) {
      this.#resolve({ kind: "trouble", trouble: { kind: "network", error } });
      return;
    }
    beat?.stop();
    if (!this.#torn && isFinished(codec.protocol, this.#tap.tail())) {
      // Of a list that was not closed only the bracket is missing.
      const open = this.#framing === "json-array" && !this.#boundary.closed;
      reply.end(open ? "]" : undefined);
      this.#resolve({ ...this.#summary(), ...this.#refused() });
      return;
    }
    const cut = reply.cutBy;
    if (reply.signal.aborted && cut === undefined) {
      this.#resolve({ ...this.#summary(true), left: true });
      return;
    }
    const refused = cut === undefined ? this.#refused() : undefined;
    if (refused !== undefined) {
      // The provider has said itself why its stream ends here.
      if (this.#torn) reply.destroy();
      else reply.end();
      this.#resolve({ ...this.#summary(), ...refused });
      return;
    }
    const broken: ChatError = {
      kind: cut?.kind ?? "upstream",
      message: cut?.message ?? brokenStream(error),
    };
    if (this.#torn) reply.destroy();
    else if (this.#boundary.closed) reply.end();
    else {
      const error = new PorticoError(broken.kind, broken.message);
      reply.end(streamErrorText(codec, error, requestId, this.#framing, reply.begun));
    }
    this.#resolve({
      ...this.#summary(),
      broken,
      ...(cut === undefined ? { brokenBy: { kind: "network", error } } : {}),
    });
  }

  /** The error that the stream ended in, as passed on to the client. */
  #refused(): { broken: ChatError; brokenBy: Trouble } | undefined {
    const body = this.#refusal ?? errorAmong(this.#tap.tail().slice(-LAST_WORDS), this.#framing);
    if (body === undefined) return undefined;
    const { status, headers } = this.#exchange;
    const brokenBy: Trouble = { kind: "reply", status, headers, body: Buffer.from(body) };
    return { broken: this.#context.explain(brokenBy), brokenBy };
  }

  #summary(cut = false) {
    return summary(this.#tap, this.#exchange, this.#context, this.#framing, cut);
  }

  /** An event that is too large to hold went out without its end, or its end has followed. */
  #tear(torn: boolean): void {
    if (this.#torn === torn) return;
    this.#torn = torn;
    this.#context.beat?.hold(torn);
  }

  #send(chunk: Buffer): void {
    this.#write(chunk);
    this.#context.beat?.touch();
  }

  #write(events: Buffer): void {
    const chunk = this.#clean(events);
    this.#tap.push(chunk);
    this.#scan?.push(chunk);
    if (chunk.includes(ERROR_NAME)) this.#refusal ??= errorAmong(chunk.toString("utf8"), this.#framing);
    if (!this.#context.reply.write(chunk)) this.#exchange.flow.pause();
  }

  /** Opens the gate with the first event; false while it has to stay shut. */
  #passes(events: Buffer, forced: boolean): boolean {
    if (this.#open) return true;
    // Comments and pings come before the first event proper and prove nothing.
    if (!forced && this.#saysNothing(events)) return false;
    const error = this.#firstError(events);
    if (error !== undefined) {
      this.#exchange.flow.abort();
      this.#fail(error);
      return false;
    }
    this.#begin();
    return true;
  }

  #begin(): void {
    this.#open = true;
    this.#context.onContent?.();
    this.#context.reply.head(this.#exchange.status, streamHeaders(this.#exchange));
  }

  #fail(body: Buffer): void {
    this.#resolve({
      kind: "trouble",
      trouble: { kind: "reply", status: this.#exchange.status, headers: this.#exchange.headers, body },
    });
  }

  #saysNothing(events: Buffer): boolean {
    const { codec } = this.#context;
    return this.#framing === "sse"
      ? saysNothing(events.toString("utf8"), codec.protocol)
      : /^[\s,[]*$/.test(events.toString("latin1"));
  }

  /** The body of the error that the stream begins with, if it does. */
  #firstError(events: Buffer): Buffer | undefined {
    const error = errorAmong(events.toString("utf8"), this.#framing, "first");
    return error === undefined ? undefined : Buffer.from(error);
  }
}

function streamHeaders(exchange: Exchange): OutgoingHttpHeaders {
  const { "content-length": _length, ...headers } = clientHeaders(exchange.headers);
  return { ...headers, "x-accel-buffering": "no" };
}

/** A reply that does not stream: held until it is whole or too large to hold. */
class WholeRelay implements Sink {
  readonly #exchange: Exchange;
  readonly #context: LaneContext;
  readonly #resolve: (result: LaneResult) => void;
  readonly #tap: Tap;
  readonly #scan: EncryptedScan | undefined;
  readonly #clean: (bytes: Buffer) => Buffer;
  #held: Buffer[] = [];
  #size = 0;
  #open = false;

  constructor(exchange: Exchange, context: LaneContext, resolve: (result: LaneResult) => void) {
    this.#exchange = exchange;
    this.#context = context;
    this.#tap = new Tap(WIRES[context.codec.protocol].usage);
    this.#resolve = resolve;
    this.#scan = scanOf(context);
    this.#clean = bytesCleaner(context.key);
  }

  data(chunk: Buffer): void {
    this.#tap.push(chunk);
    this.#scan?.push(chunk);
    if (this.#open) {
      if (!this.#context.reply.write(this.#clean(chunk))) this.#exchange.flow.pause();
      return;
    }
    this.#held.push(chunk);
    this.#size += chunk.length;
    if (this.#size <= HOLD_BYTES) return;
    this.#open = true;
    this.#context.onContent?.();
    this.#context.beat?.stop();
    this.#context.reply.head(this.#exchange.status, clientHeaders(this.#exchange.headers));
    for (const held of this.#held) {
      if (!this.#context.reply.write(this.#clean(held))) this.#exchange.flow.pause();
    }
    this.#held = [];
  }

  end(): void {
    const { reply, beat } = this.#context;
    beat?.stop();
    if (this.#open) reply.end();
    else {
      const body =
        this.#held.length === 1 && this.#held[0] !== undefined ? this.#held[0] : Buffer.concat(this.#held);
      const refusal = body.length > ERROR_OBJECT_BYTES ? undefined : this.#refusalIn(body);
      if (refusal !== undefined) {
        this.#resolve(refusal);
        return;
      }
      const { status } = this.#exchange;
      if (status === 200 && isJsonType(this.#exchange.headers) && !looksLikeJson(body)) {
        const what = body.length === 0 ? "an empty reply" : "a reply that is not JSON";
        this.#resolve(upstreamTrouble(`the provider sent ${what}`));
        return;
      }
      const clean = this.#clean(body);
      const { "content-length": _length, ...headers } = clientHeaders(this.#exchange.headers);
      // RFC 9110 8.6: a 204 has no length.
      reply.head(status, status === 204 ? headers : { ...headers, "content-length": String(clean.length) });
      reply.end(clean);
    }
    this.#resolve(summary(this.#tap, this.#exchange, this.#context));
  }

  /** Some answer 200 with nothing but an error, or without any answer. */
  #refusalIn(body: Buffer): LaneResult | undefined {
    const { codec, operation } = this.#context;
    const text = body.toString("utf8");
    if (!mayHoldError(text) && !/"(?:choices|candidates|content|output)"\s*:\s*(?:null|\[\s*\])/.test(text)) {
      return undefined;
    }
    const value = parsed(body);
    const lookup = operation === "extra" || operation === "response-object";
    if (lookup ? isBareError(value) : isEmbeddedError(value, true)) {
      const { status, headers } = this.#exchange;
      return { kind: "trouble", trouble: { kind: "reply", status, headers, body } };
    }
    const missing = lookup ? undefined : missingAnswer(value, codec.protocol);
    return missing === undefined ? undefined : upstreamTrouble(`the provider's reply has no ${missing}`);
  }

  error(error: Error): void {
    if (!this.#open) {
      this.#resolve({ kind: "trouble", trouble: { kind: "network", error } });
      return;
    }
    const known = summary(this.#tap, this.#exchange, this.#context);
    const { reply } = this.#context;
    const cut = reply.cutBy;
    if (reply.signal.aborted && cut === undefined) {
      this.#resolve({ ...known, left: true });
      return;
    }
    // Half a JSON text cannot be mended; a cut connection says so.
    reply.destroy();
    const message = "The provider's reply broke off. What came so far is incomplete; try again.";
    this.#resolve({
      ...known,
      broken: { kind: cut?.kind ?? "upstream", message: cut?.message ?? message },
      ...(cut === undefined ? { brokenBy: { kind: "network", error } } : {}),
    });
  }
}
