/**
 * Memory that a load leaves behind. V8 keeps it for the next one, which on a person's own computer may never come: a
 * thread that has worked and is at rest gives it back.
 */
import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Milliseconds between two looks, and of work in between with which a thread counts as at rest. */
const LOOK_MS = 5000;
const REST_MS = 50;
/** Looks at rest in a row: a pause between two requests is none. */
export const RESTS = 2;
/** Milliseconds of work after which it is worth while: collecting takes some hundred itself. */
export const WORTH_MS = 500;

/** For the life of this thread. Keeps no process alive. */
export function giveBackMemory(): void {
  // Its V8 may take no flags any more once it runs.
  if (process.versions["electron"] !== undefined) return;
  let before = performance.eventLoopUtilization();
  const look = collecting(collectAll);
  setInterval(() => {
    look(performance.eventLoopUtilization(before).active);
    // Collecting is no work that leaves anything.
    before = performance.eventLoopUtilization();
  }, LOOK_MS).unref();
}

/**
 * @param collect whether it could; where not, the next look at rest tries again
 * @returns to be told, in even steps, how many milliseconds the thread has worked; what loads it counts
 */
export function collecting(collect: () => boolean): (workedMs: number) => void {
  let worked = WORTH_MS;
  let rests = 0;
  return (ms) => {
    rests = ms > REST_MS ? 0 : rests + 1;
    if (rests === 0) worked += ms;
    if (rests < RESTS || worked < WORTH_MS) return;
    if (collect()) worked = 0;
  };
}

/** V8's own, of this thread. */
let collector: ((options: { type: "major" }) => void) | undefined;

/** All that is not in use, of this thread; what V8 has set aside shrinks with it. @returns whether it could be */
export function collectAll(): boolean {
  collector ??= findCollector();
  if (collector === undefined) return false;
  // What the first has finalized, the second frees. The stronger kind would throw compiled code away as well.
  collector({ type: "major" });
  collector({ type: "major" });
  return true;
}

/** Flags are the whole process's, and no thread expects them to change: each asks for this one once, and leaves it. */
function findCollector(): typeof collector {
  setFlagsFromString("--expose-gc");
  const found: unknown = runInNewContext("globalThis.gc");
  return typeof found === "function" ? (found as typeof collector) : undefined;
}
