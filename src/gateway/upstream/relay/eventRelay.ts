/**
 * A stream passed through: whole events go out as soon as they are there, and nothing of one that is cut.
 * Events are only told apart, never parsed, but for the first one and those that name an error: a 200 may
 * begin with one, and end in one.
 */
import { PorticoError } from "../../common/errors.ts";
import type { Timer } from "../../common/ports.ts";
import type { ChatError } from "../../protocols/chat.ts";
import type { Framing } from "../../protocols/codec.ts";
import { isEnded, isFinished } from "../../protocols/streamEnd.ts";
import { streamErrorText } from "../../protocols/streamError.ts";
import { WIRES } from "../../protocols/wires.ts";
import type { Exchange } from "../exchange.ts";
import type { Sink } from "../flow.ts";
import { streamHeaders } from "../headers.ts";
import { bytesCleaner, PiecesCleaner } from "../shownSecrets.ts";
import { errorAmong, saysNothing } from "./embeddedError.ts";
import type { EncryptedScan } from "./encryptedScan.ts";
import type { Boundary } from "./eventBoundary.ts";
import { HeldEvents } from "./heldEvents.ts";
import { holdsLastEvent } from "./lastEvent.ts";
import { LINGER_MS, linger } from "./linger.ts";
import { scanOf, summary } from "./relay.ts";
import {
  type AttemptFailure,
  type AttemptResult,
  brokenStream,
  endedEarly,
  type RelayContext,
  upstreamFailure,
} from "./result.ts";
import { endOf, isHalfEvent, type StreamEnd, UNSAID } from "./streamEnd.ts";
import { Tap } from "./tap.ts";
import { tellingOf } from "./telling.ts";

/** Characters at a stream's end in which an error of any other shape is looked for. */
const LAST_WORDS = 4096;
/** What events of an error have in all protocols; in a text that is streamed its quote is escaped. */
const ERROR_NAME = Buffer.from('"error');

export class EventRelay implements Sink {
  readonly #exchange: Exchange;
  readonly #context: RelayContext;
  readonly #boundary: Boundary;
  readonly #framing: Framing;
  readonly #resolve: (result: AttemptResult) => void;
  readonly #tap: Tap;
  readonly #scan: EncryptedScan | undefined;
  readonly #clean: (bytes: Buffer) => Buffer;
  /** Whatever makes an event worth a second look. */
  readonly #telling: RegExp;
  /** Of an event that goes out in parts. */
  #parts: PiecesCleaner | undefined;
  readonly #held = new HeldEvents();
  /** Has an event been seen to be no error? */
  #open = false;
  #torn = false;
  /** The error that came in the midst of the stream. */
  #refusal: string | undefined;
  /** The last event of the protocol has come, or begun. */
  #last = false;
  /** Behind an error next to nothing comes: not for ever is it waited for. */
  #grace: Timer | undefined;
  /** The reply is over; set where its connection may not be. */
  #linger: Timer | undefined;

  constructor(
    exchange: Exchange,
    context: RelayContext,
    boundary: Boundary,
    framing: Framing,
    resolve: (result: AttemptResult) => void,
  ) {
    this.#exchange = exchange;
    this.#context = context;
    this.#tap = new Tap(WIRES[context.codec.protocol].usage, framing);
    this.#boundary = boundary;
    this.#framing = framing;
    this.#resolve = resolve;
    this.#scan = scanOf(context);
    this.#clean = bytesCleaner(context.key);
    this.#telling = tellingOf(context.codec.protocol, context.key);
  }

  data(chunk: Buffer): void {
    if (this.#linger !== undefined) return;
    this.#grace?.cancel();
    this.#grace = undefined;
    const end = this.#boundary.last(chunk);
    const held = this.#held;
    if (end === chunk.length && held.empty && this.#open) {
      this.#send(chunk, false);
      return;
    }
    const next = held.add(chunk, end);
    if (next === undefined) return;
    const { events, torn } = next;
    if (this.#passes(events, torn || held.full)) this.#send(held.withQuiet(events), torn);
    else held.putAside(events);
  }

  end(): void {
    this.#grace?.cancel();
    if (this.#linger !== undefined) {
      this.#linger.cancel();
      return;
    }
    const rest = this.#held.rest();
    const half = this.#torn || (rest !== undefined && isHalfEvent(rest, this.#framing));
    if (!this.#open) {
      const error = rest === undefined ? undefined : this.#firstError(rest);
      if (error !== undefined) {
        this.#fail(error);
        return;
      }
      if (rest === undefined || this.#saysNothing(rest)) {
        this.#resolve(upstreamFailure("the provider sent an empty stream"));
        return;
      }
      if (half && this.#isModels) {
        this.#resolve({ kind: "failed", cause: { kind: "network", error: endedEarly() } });
        return;
      }
      this.#begin();
    }
    // A last event without its empty line: passed on as it came. In an array a comma may be left.
    const told = this.#framing === "sse" || this.#boundary.closed;
    const passes = !this.#isModels || (!half && told);
    if (passes && this.#torn) this.#write(this.#part(rest ?? Buffer.alloc(0), false));
    else if (passes && rest !== undefined) this.#write(this.#clean(rest));
    const refused = this.#refused() !== undefined;
    switch (this.#isModels && !refused ? this.#endOf(half) : "whole") {
      case "unsaid":
        this.#context.warn(...UNSAID);
        this.#complete();
        return;
      case "whole":
        this.#complete();
        return;
      case "cut":
        this.#break(endedEarly());
    }
  }

  error(error: Error): void {
    this.#grace?.cancel();
    if (this.#linger !== undefined) {
      this.#linger.cancel();
      return;
    }
    const { reply, codec } = this.#context;
    if (!this.#open) {
      this.#resolve({ kind: "failed", cause: { kind: "network", error } });
      return;
    }
    const { cutBy } = reply;
    const left = reply.signal.aborted && cutBy === undefined;
    const tail = this.#tap.tail();
    const ended = left ? isFinished(codec.protocol, tail) : isEnded(codec.protocol, tail, false);
    const refused = reply.signal.aborted ? undefined : this.#refused();
    if (!this.#torn && (ended || refused !== undefined)) this.#complete();
    else if (left) this.#resolve({ ...this.#summary(true), left: true });
    else this.#break(error, cutBy);
  }

  /** Streams of other kinds have no last event that we know. */
  get #isModels(): boolean {
    const { operation } = this.#context;
    return operation === "chat" || operation === "completions" || operation === "response-object";
  }

  #endOf(half: boolean): StreamEnd {
    return endOf({
      protocol: this.#context.codec.protocol,
      tail: this.#tap.tail(),
      half,
      delimited: this.#exchange.delimited,
      lenient: this.#context.lenient,
    });
  }

  /** All has been told. */
  #complete(): void {
    const { reply, beat } = this.#context;
    beat?.stop();
    // Of a list that was not closed only the bracket is missing.
    const open = this.#framing === "json-array" && !this.#boundary.closed;
    reply.end(open ? "]" : undefined);
    const refused = this.#refused();
    this.#resolve({ ...this.#summary(refused !== undefined), ...refused });
  }

  /** The rest is lost: the client is told, behind whatever went out last. @param cutBy of our own doing */
  #break(error: Error, cutBy?: PorticoError): void {
    const { reply, codec, requestId, beat } = this.#context;
    const broken = cutBy ?? new PorticoError("upstream", brokenStream(error));
    const { kind, message } = broken;
    beat?.stop();
    if (this.#torn) reply.destroy();
    else if (this.#boundary.closed) reply.end();
    else {
      const text = streamErrorText(codec, broken, requestId, this.#framing, reply.begun);
      reply.end(this.#framing === "sse" ? `\n\n${text}` : text);
    }
    this.#resolve({
      ...this.#summary(true),
      broken: { kind, message },
      ...(cutBy === undefined ? { brokenBy: { kind: "network", error } } : {}),
    });
  }

  /** The error that the stream ended in, as passed on to the client. */
  #refused(): { broken: ChatError; brokenBy: AttemptFailure } | undefined {
    const body = this.#refusal ?? errorAmong(this.#tap.tail().slice(-LAST_WORDS), this.#framing);
    if (body === undefined) return undefined;
    const { status, headers } = this.#exchange;
    const brokenBy: AttemptFailure = { kind: "reply", status, headers, body: Buffer.from(body) };
    return { broken: this.#context.explain(brokenBy), brokenBy };
  }

  #summary(cut = false) {
    return summary(this.#tap, this.#exchange, this.#context, this.#framing, cut);
  }

  /** @param torn an event that is too large to hold goes out without its end */
  #send(events: Buffer, torn: boolean): void {
    if (!torn && !this.#torn && this.#refusal === undefined && this.#isQuiet(events)) {
      this.#tap.pushQuiet(events);
      if (!this.#context.reply.write(events)) this.#exchange.flow.pause();
      this.#context.beat?.touch();
      return;
    }
    const clean = this.#torn || torn ? this.#part(events, torn) : this.#clean(events);
    if (this.#torn !== torn) {
      this.#torn = torn;
      this.#context.beat?.hold(torn);
    }
    this.#write(clean);
    this.#context.beat?.touch();
    this.#last ||= this.#framing === "sse" && holdsLastEvent(this.#context.codec.protocol, events);
    if (torn) return;
    if (this.#last) this.#leave();
    else if (this.#refusal !== undefined) {
      this.#grace = this.#context.clock.setTimeout(() => this.#leave(), LINGER_MS);
    }
  }

  /** Is there nothing in it that anyone here looks for? */
  #isQuiet(events: Buffer): boolean {
    // The elements of a list are not read one by one.
    return this.#framing === "sse" && !this.#telling.test(events.toString("latin1"));
  }

  /** Ends the reply before its connection. */
  #leave(): void {
    this.#held.rest();
    this.#complete();
    this.#linger = linger(this.#exchange.flow, this.#context.clock);
  }

  /** Cleans a part of an event. @param more its end is still to come */
  #part(bytes: Buffer, more: boolean): Buffer {
    this.#parts ??= new PiecesCleaner(this.#context.key);
    const clean = this.#parts.push(bytes);
    const rest = more ? undefined : this.#parts.rest();
    return rest === undefined ? clean : Buffer.concat([clean, rest]);
  }

  #write(chunk: Buffer): void {
    this.#tap.push(chunk);
    this.#scan?.push(chunk);
    if (this.#refusal === undefined && chunk.includes(ERROR_NAME)) {
      this.#refusal = errorAmong(chunk.toString("utf8"), this.#framing);
    }
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
    this.#context.reply.head(this.#exchange.status, streamHeaders(this.#exchange.headers));
  }

  #fail(body: Buffer): void {
    this.#resolve({
      kind: "failed",
      cause: { kind: "reply", status: this.#exchange.status, headers: this.#exchange.headers, body },
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
