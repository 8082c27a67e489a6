/** What a page reads from the gateway: loading, there, or failed; read anew when it may be old. */

import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { t } from "@vscode/l10n";
import { useEffect, useMemo } from "preact/hooks";
import { ControlError } from "../../control/channel.ts";
import { link } from "../transport.ts";
import { freshness } from "./seen.ts";

export type Loaded<T> =
  | { kind: "loading" }
  /** `old`: why what is shown could not be read anew. */
  | { kind: "ready"; value: T; old?: string }
  | { kind: "failed"; message: string };

export function readyOf<T>(loaded: Loaded<T>): T | undefined {
  return loaded.kind === "ready" ? loaded.value : undefined;
}

/** For a person. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? t(thrown.message) : String(thrown);
}

export function isCancelled(thrown: unknown): boolean {
  return thrown instanceof ControlError && thrown.code === "cancelled";
}

export interface UseLoaded<T> {
  state: ReadonlySignal<Loaded<T>>;
  /** Reads it again, keeping what is shown until then. */
  reload(): Promise<void>;
  /** Puts in what an event or an answer brought. */
  put(value: T): void;
}

/** What cannot be read anew stays shown, and is said to be old. Never rejects; nothing changes once it was aborted. */
export async function loadInto<T>(
  state: Signal<Loaded<T>>,
  load: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<void> {
  try {
    const value = await load(signal);
    if (!signal.aborted) state.value = { kind: "ready", value };
  } catch (thrown) {
    if (signal.aborted || isCancelled(thrown)) return;
    const message = messageOf(thrown);
    const shown = state.peek();
    state.value = shown.kind === "ready" ? { ...shown, old: message } : { kind: "failed", message };
  }
}

class Loader<T> {
  readonly state: Signal<Loaded<T>> = signal<Loaded<T>>({ kind: "loading" });
  load: (signal: AbortSignal) => Promise<T>;
  #running: AbortController | undefined;

  constructor(load: (signal: AbortSignal) => Promise<T>) {
    this.load = load;
  }

  /** A newer load ends an older one. */
  async reload(): Promise<void> {
    this.#running?.abort();
    const controller = new AbortController();
    this.#running = controller;
    await loadInto(this.state, this.load, controller.signal);
  }

  stop(): void {
    this.#running?.abort();
  }
}

/**
 * @param key of what is loaded: another key loads another thing, showing the old one until it is there
 * @param load to be cancelled by its signal
 */
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>, key = ""): UseLoaded<T> {
  const loader = useMemo(() => new Loader(load), []);
  loader.load = load;
  const fresh = freshness.value;
  const connected = link.value.kind === "connected";
  useEffect(() => {
    if (connected) void loader.reload();
    return () => loader.stop();
  }, [loader, key, fresh, connected]);
  return useMemo(
    () => ({
      state: loader.state,
      reload: () => loader.reload(),
      put: (value: T) => {
        loader.state.value = { kind: "ready", value };
      },
    }),
    [loader],
  );
}
