/** Waiting: always for something, never for a time, and long enough for a machine that has other work. */
import assert from "node:assert/strict";
import { availableParallelism, loadavg } from "node:os";
import type { Locator } from "playwright-core";

/** Milliseconds after which what was waited for will not come any more. */
export const PATIENCE_MS = 120_000;
const LOOK_AGAIN_MS = 50;

/** Milliseconds to the next answer of another window. */
const TAKEN_OVER_MS = 1000;

/**
 * Holds a takeover to its second, or to as much more as there is other work for each core.
 * @returns what was measured, in words
 */
export function takenOverIn(milliseconds: number): string {
  const [load = 0] = loadavg();
  const atMost = TAKEN_OVER_MS * Math.max(1, (2 * load) / availableParallelism());
  const measured = `${Math.round(milliseconds)} ms`;
  assert.ok(milliseconds <= atMost, `${measured}, and not ${Math.round(atMost)} ms at most`);
  if (milliseconds <= TAKEN_OVER_MS) return measured;
  return `${measured}, over ${TAKEN_OVER_MS} on this busy machine`;
}

/** @returns the first that `look` finds. @param otherwise says what there was instead */
export async function until<T>(look: () => Promise<T | undefined>, otherwise: () => string): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(otherwise());
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

/** Waits until the value is this. */
export async function untilIs<T>(look: () => Promise<T>, wanted: T): Promise<void> {
  let last: T | undefined;
  const fits = async () => {
    last = await look();
    return last === wanted ? true : undefined;
  };
  await until(fits, () => `it is ${JSON.stringify(last)} and not ${JSON.stringify(wanted)}`);
}

/** Waits until there are so many. */
export async function untilCount(locator: Locator, count: number): Promise<void> {
  await untilIs(() => locator.count(), count);
}

/** Waits until `read` gives a text of that form. A file that is not there yet is an empty one. */
export async function untilMatch(read: () => Promise<string>, form: RegExp): Promise<void> {
  let text = "";
  await until(
    async () => {
      text = await read();
      return form.test(text) ? true : undefined;
    },
    () => {
      assert.match(text, form);
      return "it does now";
    },
  );
}
