/**
 * Whether anybody sees the page, and when what it shows has to be read anew: after it was hidden, and
 * after the connection came back.
 */
import { effect, signal, untracked } from "@preact/signals";
import { link, on } from "../transport.ts";

export const seen = signal(!document.hidden);
/** Grows each time that everything shown may be old. */
export const freshness = signal(0);

function refresh(): void {
  freshness.value = untracked(() => freshness.value) + 1;
}

document.addEventListener("visibilitychange", () => {
  seen.value = !document.hidden;
});
on("shown", () => {
  if (seen.peek()) refresh();
  seen.value = true;
});

let wasReady = false;
effect(() => {
  const ready = seen.value && link.value.kind === "connected";
  if (ready && !wasReady) refresh();
  wasReady = ready;
});
