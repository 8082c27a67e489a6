/** Who calls the control API: one connection, and what it wants to hear. */

import type { Serve } from "../../control/channel.ts";
import type { EventName, WatchedEvent } from "../../control/contract.ts";

export interface Caller {
  /** Our own page in a browser, rather than a program that could read the token. */
  readonly browser: boolean;
  /** From now on these, instead of those of the call before. */
  watch(events: readonly WatchedEvent[]): void;
}

/** A `Serve` for each connection. */
export type ServeFor = (caller: Caller) => Serve;

export const WATCHED_EVENTS = ["requests", "accounts", "settings"] as const satisfies readonly WatchedEvent[];

export function isWatchedEvent(event: EventName): event is WatchedEvent {
  return (WATCHED_EVENTS as readonly EventName[]).includes(event);
}
