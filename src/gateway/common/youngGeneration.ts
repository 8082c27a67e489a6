/**
 * How much memory the command line's own thread has for what is new. V8 lets it grow up to 64 MB. Where the old heap's limit
 * leaves less room than that, V8 begins to mark all that is old whenever it has a moment: a stream in bursts cost a
 * fifth more CPU (docs/performance.md). A worker has `resourceLimits` for it; a thread that runs already has only this.
 */
import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Bytes, of both halves together: what fits into a processor's cache. */
export const YOUNG_BYTES = 16 * 2 ** 20;

/**
 * Looks behind each collection, where V8 may have grown it, and so never at rest. The flag is the whole process's: while
 * this thread is at its bound, workers do not grow either. Theirs is small work; it costs them some collections more.
 */
export function boundYoungGeneration(): void {
  let factor = 0;
  const look = () => {
    const next = youngBytes() < YOUNG_BYTES ? 2 : 1;
    if (next === factor) return;
    factor = next;
    setFlagsFromString(`--semi-space-growth-factor=${factor}`);
  };
  new PerformanceObserver(look).observe({ entryTypes: ["gc"] });
  look();
}

/** Of this thread. */
export function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")?.space_size ?? 0;
}
