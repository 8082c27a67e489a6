/** How long frames take while Monitor's list is scrolled. */
import type { Page } from "playwright-core";

/** Through the list by steps of all sizes. @returns milliseconds of each frame */
export function scrollFrames(page: Page): Promise<number[]> {
  return page.evaluate(
    () =>
      new Promise<number[]>((resolve) => {
        const list = document.querySelector(".requests");
        if (list === null) throw new Error("There is no list.");
        const frames: number[] = [];
        let last = performance.now();
        let n = 0;
        const frame = () => {
          const now = performance.now();
          frames.push(now - last);
          last = now;
          n += 1;
          // A wheel's steps, then pages, then leaps as with the bar dragged.
          list.scrollTop += n < 60 ? 120 : n < 120 ? 900 : n < 160 ? 20_000 : -3000;
          if (n < 220) requestAnimationFrame(frame);
          else resolve(frames.slice(1));
        };
        requestAnimationFrame(frame);
      }),
  );
}

/** The value that this share of them does not exceed. */
export const shareAt = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
