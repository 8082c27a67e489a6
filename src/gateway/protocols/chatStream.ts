/** A stream of canonical events that is pushed, like `Flow` for bytes. */
import type { ChatEvent } from "./chat.ts";

export interface ChatSink {
  event(event: ChatEvent): void;
  /** The last event has been sent. A broken stream sends an `error` event first. */
  end(): void;
  /** What follows came at once, up to `flush`, and may be written at once. Absent: nothing is written yet. */
  hold?(): void;
  flush?(): void;
}

export interface ChatFlow {
  /** Exactly once. */
  attach(sink: ChatSink): void;
  pause(): void;
  resume(): void;
  abort(): void;
}
