/** The sandbox as a source of events: paced, pausable, and on purpose unreliable where asked. */

import { messageOf } from "../common/errors.ts";
import type { Clock, Timer } from "../common/ports.ts";
import type { ChatError, ChatEvent, ChatRequest } from "../protocols/chat.ts";
import type { ChatFlow, ChatSink } from "../protocols/chatStream.ts";
import { answerEvents } from "./answer.ts";
import { noSandboxModel, sandboxModel } from "./models.ts";

/** How `sandbox/flaky` fails, in turn. */
const MOODS = ["fine", "rate-limit", "overloaded", "breaks"] as const;
type Mood = (typeof MOODS)[number];

/** Deltas after which a stream in the mood to break does so. */
const BREAKS_AFTER = 3;

export class Sandbox {
  readonly #clock: Clock;
  #turn = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns the answer, or the error that the request meets before it begins */
  run(request: ChatRequest): { flow: ChatFlow } | { error: ChatError } {
    const model = sandboxModel(request.model);
    if (model === undefined) {
      return { error: { kind: "model_not_found", message: noSandboxModel(request.model) } };
    }
    const mood: Mood = model.id === "sandbox/flaky" ? (MOODS[this.#turn++ % MOODS.length] ?? "fine") : "fine";
    if (mood === "rate-limit") {
      return {
        error: { kind: "rate_limit", message: "The sandbox plays a rate limit.", retryAfterMs: 1000 },
      };
    }
    if (mood === "overloaded") {
      return { error: { kind: "overloaded", message: "The sandbox plays an overloaded provider." } };
    }
    const events = answerEvents(request, model.id);
    return { flow: new PacedFlow(mood === "breaks" ? breaking(events) : events, this.#clock, model.paceMs) };
  }
}

function* breaking(events: Generator<ChatEvent>): Generator<ChatEvent> {
  let deltas = 0;
  for (const event of events) {
    yield event;
    if (event.type === "text-delta" && ++deltas === BREAKS_AFTER) {
      yield { type: "error", error: { kind: "upstream", message: "The sandbox plays a broken stream." } };
      return;
    }
  }
}

/** Events of one turn of the loop, so that a fast stream does not hold it. */
const BATCH = 64;

class PacedFlow implements ChatFlow {
  readonly #events: Generator<ChatEvent>;
  readonly #clock: Clock;
  readonly #paceMs: number;
  #sink: ChatSink | undefined;
  #timer: Timer | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #paused = false;
  #over = false;

  constructor(events: Generator<ChatEvent>, clock: Clock, paceMs: number) {
    this.#events = events;
    this.#clock = clock;
    this.#paceMs = paceMs;
  }

  attach(sink: ChatSink): void {
    this.#sink = sink;
    this.#step();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#next();
  }

  abort(): void {
    this.#over = true;
    this.#timer?.cancel();
    if (this.#immediate !== undefined) clearImmediate(this.#immediate);
  }

  #next(): void {
    if (this.#over || this.#timer !== undefined || this.#immediate !== undefined) return;
    if (this.#paceMs === 0) {
      this.#immediate = setImmediate(() => {
        this.#immediate = undefined;
        this.#stepAlone();
      });
      return;
    }
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.#stepAlone();
    }, this.#paceMs);
  }

  /** Nobody is above to catch what is thrown: it becomes the end of this one answer. */
  #stepAlone(): void {
    try {
      this.#step();
    } catch (thrown) {
      if (this.#over) return;
      this.#over = true;
      const why = messageOf(thrown);
      this.#sink?.event({
        type: "error",
        error: { kind: "internal", message: `The sandbox failed (${why}).` },
      });
    }
  }

  #step(): void {
    for (let i = 0; i < BATCH && !this.#over && !this.#paused; i++) {
      const next = this.#events.next();
      if (next.done === true) {
        this.#over = true;
        this.#sink?.end();
        return;
      }
      this.#sink?.event(next.value);
      const paced = next.value.type.endsWith("-delta");
      if (paced && this.#paceMs > 0) break;
    }
    if (!this.#over && !this.#paused) this.#next();
  }
}
