/** Who hears what happens: the process that leads, and every client of the control API. */
import type { EventName, Events, WatchedEvent } from "../../control/contract.ts";
import { type Caller, isWatchedEvent } from "../controlServer/caller.ts";

/** The clients of the control API. */
export interface Others {
  wants(event: EventName): boolean;
  emit<E extends EventName>(event: E, data: Events[E]): void;
}

export interface SubscribersOptions {
  /** To the process that leads. */
  onEvent<E extends EventName>(event: E, data: Events[E]): void;
  /** Somebody wants other events than before. */
  onWatch(): void;
}

export class Subscribers {
  readonly #options: SubscribersOptions;
  #watched: ReadonlySet<WatchedEvent> = new Set();
  #others: Others | undefined;

  constructor(options: SubscribersOptions) {
    this.#options = options;
  }

  /** The process that leads, as a caller of its own control API. */
  readonly own: Caller = {
    browser: false,
    watch: (events) => {
      this.#watched = new Set(events);
      this.#options.onWatch();
    },
  };

  /** From here on these hear it as well. */
  admit(others: Others): void {
    this.#others = others;
  }

  wants(event: EventName): boolean {
    return this.#ownWants(event) || this.#others?.wants(event) === true;
  }

  tell<E extends EventName>(event: E, data: Events[E]): void {
    if (this.#ownWants(event)) this.#options.onEvent(event, data);
    this.#others?.emit(event, data);
  }

  #ownWants(event: EventName): boolean {
    return !isWatchedEvent(event) || this.#watched.has(event);
  }
}
