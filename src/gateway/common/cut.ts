/** Requests that we end ourselves, before their providers or clients do, and who or what did it. */
import { PorticoError } from "./errors.ts";

/** - `leave-*`: this process ends · `moved`: replies on a port that was given up took too long */
export type CutBy = "stop" | "restart" | "moved" | "leave-vscode" | "leave-headless";

/** Milliseconds after which asking again makes sense: another window has taken over by then. */
const RETRY_AFTER_MS = 1000;

const WHAT: Readonly<Record<CutBy, string>> = {
  stop: "Portico was stopped",
  restart: "Portico was restarted",
  moved: "Portico moved to another port and gave up this one",
  "leave-vscode": "The VS Code window that ran Portico was closed or reloaded",
  "leave-headless": "The Portico that answered was ended",
};

/** What the client is told, in its own protocol, and what the record says. */
export function cutError(by: CutBy): PorticoError {
  const again = by === "stop" ? "Start it and try again" : "Try again";
  return new PorticoError("unavailable", `${WHAT[by]} before this reply was complete. ${again}.`, {
    ...(by === "stop" ? {} : { retryAfterMs: RETRY_AFTER_MS }),
  });
}

/** What a request was cut with; `undefined` where it goes on, or where its client is gone. */
export function cutOf(signal: AbortSignal): PorticoError | undefined {
  const reason: unknown = signal.reason;
  return signal.aborted && reason instanceof PorticoError ? reason : undefined;
}
