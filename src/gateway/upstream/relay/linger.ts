/** The end of a reply before that of its connection. */
import type { Clock, Timer } from "../../common/ports.ts";
import type { Flow } from "../flow.ts";

/** Milliseconds that a provider has to end its reply properly, so that the connection can be used again. */
export const LINGER_MS = 1000;

/**
 * Reads on, for a moment, what is a reply's no more.
 * @returns a timer that is to be cancelled when the flow ends
 */
export function linger(flow: Flow, clock: Clock): Timer {
  const timer = clock.setTimeout(() => flow.abort(), LINGER_MS);
  // It may have been paused for a client that reads slowly.
  flow.resume();
  return timer;
}
