/** Waiting by the clock that was given in. */
import type { Clock } from "./ports.ts";

/** Resolves after `milliseconds`, or as soon as `signal` is aborted. */
export function sleep(milliseconds: number, clock: Clock, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    if (signal?.aborted) {
      resolve();
      return;
    }
    const timer = clock.setTimeout(done, milliseconds);
    signal?.addEventListener("abort", done);
  });
}

/** Resolves when `job` has settled, however it did, at the latest after `milliseconds`. */
export function within(milliseconds: number, clock: Clock, job: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.setTimeout(resolve, milliseconds);
    const done = () => {
      timer.cancel();
      resolve();
    };
    job.then(done, done);
  });
}
