/**
 * The bytes of a provider's event stream as canonical events. It ends when the provider has said all that its
 * protocol has to say, however long the connection stays open behind that.
 */
import { StringDecoder } from "node:string_decoder";
import { createParser } from "eventsource-parser";
import { messageOf, PorticoError } from "../../common/errors.ts";
import type { Clock, Timer } from "../../common/ports.ts";
import type { ChatError, ChatEvent, FinishReason } from "../../protocols/chat.ts";
import type { ChatFlow, ChatSink } from "../../protocols/chatStream.ts";
import type { StreamDecoder } from "../../protocols/codec.ts";
import type { Flow } from "../flow.ts";
import { isErrorData } from "./embeddedError.ts";
import { linger } from "./linger.ts";
import { RepeatedText } from "./repeatedText.ts";
import { brokenStream, endedEarly } from "./result.ts";
import { isWholeData } from "./streamEnd.ts";

/** Characters of one event. */
const EVENT_CHARACTERS = 64 * 1024 * 1024;
/** Milliseconds after the last event that usage may still come, where the reply itself has ended. */
export const GRACE_MS = 1500;
/** The same where the provider may say why a reply ended with every chunk of it: a model may pause that long. */
export const DOUBT_MS = 15_000;
/** Told why a stream ends that does not end well. */
export interface StreamFailures {
  /** The provider sent an error instead of a further event. @param data JSON, or text. @returns what it means */
  refused(data: string): ChatError;
  broke(error: Error): void;
  /** Does the framing have an end, so that one of the connection alone is a cut? */
  readonly delimited: boolean;
  /** Called where the last event of the protocol is missing, and nothing else; absent: that is a cut. */
  readonly excuse?: () => void;
}

export class DecodedFlow implements ChatFlow {
  readonly #from: Flow;
  readonly #decoder: StreamDecoder;
  readonly #clock: Clock;
  readonly #failures: StreamFailures;
  #sink: ChatSink | undefined;
  #over = false;
  #paused = false;
  /** The connection has ended, with half an event perhaps. */
  #ending = false;
  #half = false;
  /** Has the provider said anything? */
  #begun = false;
  /** Until the reply is over, its grace; from then on, the connection's. */
  #timer: Timer | undefined;

  constructor(from: Flow, decoder: StreamDecoder, clock: Clock, failures: StreamFailures) {
    this.#from = from;
    this.#decoder = decoder;
    this.#clock = clock;
    this.#failures = failures;
  }

  attach(sink: ChatSink): void {
    this.#sink = sink;
    // A character may be split between two chunks.
    const text = new StringDecoder("utf8");
    const repeated = new RepeatedText();
    const parser = createParser({
      maxBufferSize: EVENT_CHARACTERS,
      onEvent: (wire) => {
        if (this.#over) return;
        const delta = this.#ending ? undefined : repeated.deltaOf(wire);
        if (delta !== undefined) {
          sink.event(delta);
          return;
        }
        const { event, data } = wire;
        if (this.#ending && !isWholeData(data)) {
          this.#half = true;
          return;
        }
        if (isErrorData(data, event)) {
          this.#leave(this.#failures.refused(data));
          return;
        }
        const events = this.#decoder.push(wire);
        repeated.learn(wire, events, this.#decoder);
        this.#begun ||= events.length > 0;
        for (const decoded of events) sink.event(failedFinish(decoded));
        this.#look();
      },
    });
    const feed = (piece: string) => {
      if (this.#over) return;
      sink.hold?.();
      try {
        parser.feed(piece);
      } catch (thrown) {
        this.#from.abort();
        this.#finish(unreadable(thrown));
      } finally {
        sink.flush?.();
      }
    };
    this.#from.attach({
      data: (chunk) => feed(text.write(chunk)),
      end: () => {
        // A last event may lack its empty line.
        this.#ending = true;
        feed(`${text.end()}\n\n`);
        this.#end();
        this.#timer?.cancel();
      },
      error: (error) => {
        // The client has left, of which its side hears by itself: nothing more is said to it.
        if (error.name === "AbortError") this.#over = true;
        else if (error instanceof PorticoError) this.#finish({ kind: error.kind, message: error.message });
        else {
          this.#failures.broke(error);
          this.#finish({ kind: "upstream", message: brokenStream(error) });
        }
        this.#timer?.cancel();
      },
    });
  }

  pause(): void {
    this.#paused = true;
    this.#from.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#from.resume();
  }

  abort(): void {
    this.#over = true;
    this.#timer?.cancel();
    this.#from.abort();
  }

  /** Is there more to come? */
  #look(): void {
    if (this.#over) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    const { stage } = this.#decoder;
    switch (stage) {
      case "open":
        return;
      case "doubtful":
      case "ending":
        this.#timer = this.#clock.setTimeout(
          () => {
            // Of a client that reads slowly, what is waited for may be here already.
            if (this.#paused) this.#look();
            else this.#leave();
          },
          stage === "ending" ? GRACE_MS : DOUBT_MS,
        );
        return;
      case "over":
        this.#leave();
    }
  }

  /** Ends the reply before its connection. */
  #leave(failure?: ChatError): void {
    this.#finish(failure, failure !== undefined);
    this.#paused = false;
    this.#timer = linger(this.#from, this.#clock);
  }

  /** The connection has ended; has the reply? */
  #end(): void {
    if (this.#over) return;
    const { excuse, delimited } = this.#failures;
    const events = this.#rest(this.#half ? undefined : excuse, delimited);
    const cut = this.#begun && events.some(({ type }) => type === "error");
    if (!cut) {
      this.#finish(undefined, false, events);
      return;
    }
    const error = endedEarly();
    this.#failures.broke(error);
    this.#finish({ kind: "upstream", message: brokenStream(error) }, false, events);
  }

  /** @param refused the provider says itself that the reply did not succeed, whatever it said before */
  #finish(failure?: ChatError, refused = false, rest?: readonly ChatEvent[]): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.cancel();
    for (const decoded of rest ?? this.#rest(undefined, failure === undefined)) {
      // Our own word on a broken connection is the better one.
      if (failure === undefined || (decoded.type !== "error" && !(refused && decoded.type === "finish"))) {
        this.#sink?.event(failedFinish(decoded));
      }
    }
    if (failure !== undefined) this.#sink?.event({ type: "error", error: failure });
    this.#sink?.end();
  }

  /** The decoder's last events. It is asked from timers and at the connection's end, where nobody would catch. */
  #rest(excuse: (() => void) | undefined, delimited: boolean): readonly ChatEvent[] {
    try {
      return this.#decoder.end(excuse, delimited);
    } catch (thrown) {
      return [{ type: "error", error: unreadable(thrown) }];
    }
  }
}

const unreadable = (thrown: unknown): ChatError => ({
  kind: "upstream",
  message: `The provider's stream could not be read (${messageOf(thrown)}).`,
});

/** A reply that its provider ended with an error is none: the client is told, and may ask again. */
export function failureOf(finish: { reason: FinishReason; raw?: string } | undefined): ChatError | undefined {
  if (finish?.reason !== "error") return undefined;
  const raw = finish.raw === undefined ? "" : ` (${finish.raw})`;
  return { kind: "upstream", message: `The provider ended the reply with an error${raw}.` };
}

function failedFinish(event: ChatEvent): ChatEvent {
  const error = event.type === "finish" && !event.choice ? failureOf(event) : undefined;
  return error === undefined ? event : { type: "error", error };
}
