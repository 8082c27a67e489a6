/**
 * How many milliseconds, roughly: counts in classes that grow by a sixth, so that the middle of a class
 * is within 8 % of all that is in it. As bytes: pairs of class and count, each a varint.
 */

const GROWTH = 7 / 6;
const LOG = Math.log(GROWTH);
/** Below this every number has a class of its own. */
const EXACT = 12;
/** They reach over two days; what is longer is in the last. */
export const CLASSES = 120;

/** The class of a number of milliseconds. */
export function classOf(milliseconds: number): number {
  if (milliseconds < EXACT) return Math.max(0, Math.floor(milliseconds));
  const index = EXACT + Math.floor(Math.log(milliseconds / EXACT) / LOG);
  return Math.min(CLASSES - 1, index);
}

/** The middle of a class, in milliseconds. */
export function middleOf(index: number): number {
  if (index < EXACT) return index;
  return Math.round(EXACT * GROWTH ** (index - EXACT + 0.5));
}

/** Counts by class. */
export type Histogram = number[];

export const newHistogram = (): Histogram => new Array<number>(CLASSES).fill(0);

export function count(histogram: Histogram, milliseconds: number): void {
  const index = classOf(milliseconds);
  histogram[index] = (histogram[index] ?? 0) + 1;
}

/** Place by place. */
export function addCounts(to: number[], from: readonly number[]): void {
  for (const [index, count] of from.entries()) to[index] = (to[index] ?? 0) + count;
}

export function encodeHistogram(histogram: Histogram): Uint8Array | null {
  const bytes: number[] = [];
  for (let index = 0; index < histogram.length; index++) {
    const count = histogram[index] ?? 0;
    if (count === 0) continue;
    bytes.push(index);
    let rest = count;
    while (rest >= 0x80) {
      bytes.push((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    bytes.push(rest);
  }
  return bytes.length === 0 ? null : Uint8Array.from(bytes);
}

/** Adds what `bytes` hold. What is no histogram adds nothing more from there on. */
export function addEncoded(histogram: Histogram, bytes: unknown): void {
  if (!(bytes instanceof Uint8Array)) return;
  let at = 0;
  while (at < bytes.length) {
    const index = bytes[at++] ?? 0;
    let count = 0;
    let factor = 1;
    for (;;) {
      const byte = bytes[at++];
      if (byte === undefined) return;
      count += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
      factor *= 0x80;
    }
    if (index < CLASSES) histogram[index] = (histogram[index] ?? 0) + count;
  }
}

/** Milliseconds below which a share of all lies; `undefined` where there are none. */
export function percentile(histogram: Histogram, share: number): number | undefined {
  let total = 0;
  for (const count of histogram) total += count;
  if (total === 0) return undefined;
  let left = Math.max(1, Math.ceil(total * share));
  for (let index = 0; index < histogram.length; index++) {
    left -= histogram[index] ?? 0;
    if (left <= 0) return middleOf(index);
  }
  return undefined;
}
