/** One timer for everything on the page that counts seconds; it rests while nothing does, or nobody looks. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** Milliseconds since 1970, on a whole second while anything counts. */
export const now = signal(Date.now());

let users = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

function tick(): void {
  now.value = Date.now();
  // A little after the second, so that no second is skipped or shown twice.
  timer = document.hidden ? undefined : setTimeout(tick, 1010 - (Date.now() % 1000));
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && users > 0 && timer === undefined) tick();
});

/** The time, once a second. */
export function useNow(): number {
  useEffect(() => {
    users += 1;
    if (timer === undefined) tick();
    return () => {
      users -= 1;
      if (users > 0) return;
      clearTimeout(timer);
      timer = undefined;
    };
  }, []);
  return now.value;
}
