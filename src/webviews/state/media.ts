/** What the page has room for. */
import { type ReadonlySignal, signal } from "@preact/signals";

/** Below this, tables become two-line rows and tabs a list. */
export const NARROW = 600;

export const narrow = matches(`(max-width: ${NARROW - 1}px)`);

/** Follows a media query. */
export function matches(condition: string): ReadonlySignal<boolean> {
  const list = window.matchMedia(condition);
  const state = signal(list.matches);
  list.addEventListener("change", () => {
    state.value = list.matches;
  });
  return state;
}
