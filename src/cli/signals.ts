/** Signals that end a run: the first one politely, the second at once. */
import { constants } from "node:os";

/**
 * Milliseconds in which the same signal again is an echo. Started through npm, a Ctrl+C arrives up
 * to three times: from the terminal, from npm and from the start script.
 */
const ECHO_MS = 300;

const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"];

export interface StopOptions {
  /** Whether wrappers stand between the user and us, which repeat signals. */
  readonly wrapped: boolean;
  readonly now: () => number;
  /** The first signal. */
  onStop(signal: NodeJS.Signals): void;
  /** Any further one. `code`: the customary exit code, 128 + the signal's number. */
  onKill(code: number): void;
}

/** @returns a handler for the events, so that tests need no real signals. */
export function stopHandler({ wrapped, now, onStop, onKill }: StopOptions): (signal: NodeJS.Signals) => void {
  let first: { signal: NodeJS.Signals; at: number } | undefined;
  return (signal) => {
    if (first === undefined) {
      first = { signal, at: now() };
      onStop(signal);
    } else if (!(wrapped && signal === first.signal && now() - first.at < ECHO_MS)) {
      onKill(128 + (constants.signals[signal] ?? 0));
    }
  };
}

/** Listens for them; SIGBREAK is Windows' Ctrl+Break, SIGHUP a terminal that was closed. */
export function onSignals(handler: (signal: NodeJS.Signals) => void): void {
  for (const signal of SIGNALS) {
    if (signal === "SIGBREAK" && process.platform !== "win32") continue;
    process.on(signal, handler);
  }
}
