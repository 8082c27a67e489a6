/** Signals that end a run: the first one politely, the second with a word to whoever waits, the third at once. */
import { constants } from "node:os";

/**
 * Milliseconds in which the same signal again is an echo. Started through npm, a Ctrl+C arrives up
 * to three times: from the terminal, from npm and from the start script.
 */
const ECHO_MS = 300;

/** Milliseconds between looks whether whoever started us is still there. */
const ORPHAN_CHECK_MS = 500;

const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"];

export interface StopOptions {
  /** Whether wrappers stand between the user and us, which repeat signals. */
  readonly wrapped: boolean;
  readonly now: () => number;
  /** The first signal. */
  onStop(signal: NodeJS.Signals): void;
  /** The second. `code`: the customary exit code, 128 + the signal's number. */
  onHurry(code: number): void;
  /** Any further one. */
  onKill(code: number): void;
}

/** @returns a handler for the events, so that tests need no real signals. */
export function stopHandler(options: StopOptions): (signal: NodeJS.Signals) => void {
  const { wrapped, now, onStop, onHurry, onKill } = options;
  let signals = 0;
  let last: { signal: NodeJS.Signals; at: number } | undefined;
  return (signal) => {
    if (wrapped && signal === last?.signal && now() - last.at < ECHO_MS) return;
    last = { signal, at: now() };
    signals++;
    const code = 128 + (constants.signals[signal] ?? 0);
    if (signals === 1) onStop(signal);
    else if (signals === 2) onHurry(code);
    else onKill(code);
  };
}

/** Listens for them; SIGBREAK is Windows' Ctrl+Break, SIGHUP a terminal that was closed. */
export function onSignals(handler: (signal: NodeJS.Signals) => void): void {
  for (const signal of SIGNALS) {
    if (signal === "SIGBREAK" && process.platform !== "win32") continue;
    process.on(signal, handler);
  }
}

/**
 * Calls back once when whoever started this process has gone: npx dies of a SIGTERM without passing it on, and nobody
 * is to be left with a gateway that they cannot see. On Windows nothing tells.
 */
export function onOrphaned(callback: () => void): void {
  const parent = process.ppid;
  const looking = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(looking);
    callback();
  }, ORPHAN_CHECK_MS);
  looking.unref();
}
