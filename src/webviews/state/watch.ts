/** Which events the gateway is asked for: those that something on the screen shows, none while it is hidden. */
import { effect, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { WatchedEvent } from "../../control/contract.ts";
import { call, link } from "../transport.ts";
import { seen } from "./seen.ts";

const wanted = signal<ReadonlyMap<WatchedEvent, number>>(new Map());

/** @returns ends it */
export function watch(event: WatchedEvent): () => void {
  count(event, 1);
  return () => count(event, -1);
}

/** Watches while the component is on the screen. */
export function useWatch(event: WatchedEvent): void {
  useEffect(() => watch(event), [event]);
}

function count(event: WatchedEvent, change: number): void {
  const next = new Map(wanted.peek());
  const left = (next.get(event) ?? 0) + change;
  if (left > 0) next.set(event, left);
  else next.delete(event);
  wanted.value = next;
}

let told = "";
effect(() => {
  const connected = link.value.kind === "connected";
  const events = seen.value ? [...wanted.value.keys()].sort() : [];
  // A new connection knows nothing of what the last one was told.
  if (!connected) told = "";
  else if (told !== `:${events}`) {
    told = `:${events}`;
    // Where this fails, the connection is gone, and the next one is told again.
    call("events.watch", { events }).catch(() => {
      told = "";
    });
  }
});
