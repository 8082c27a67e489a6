/** Which colour a series has: the same in every chart, today and after a reload, as far as there are enough. Pure. */
import { NO_NAME } from "../../../control/requests.ts";
import { MAX_SERIES, REST } from "./series.ts";

/** The last one is grey, and for what is no single thing. */
const GREY = MAX_SERIES - 1;
/** Names whose colour is kept; those chosen longest ago go. */
export const MAX_KEPT = 200;

/** Numbers of `--chart-N` by kind and name. */
export type Colours = Readonly<Record<string, number>>;

/**
 * @param of what the keys are names of
 * @returns a number of `--chart-N` for each, no two the same in one chart, and what is then to be kept
 */
export function assign(
  keys: readonly string[],
  of: string,
  before: Colours,
): { slots: number[]; known: Record<string, number> } {
  const known = { ...before };
  const taken = new Set<number>();
  const slots = keys.map(() => GREY);
  const free = (wanted: number) => {
    for (let i = 0; i < GREY; i += 1) {
      const slot = (wanted + i) % GREY;
      if (!taken.has(slot)) return slot;
    }
    return GREY;
  };
  const put = (i: number, slot: number) => {
    slots[i] = slot;
    taken.add(slot);
  };
  const single = keys.flatMap((key, i) =>
    key === REST || key === NO_NAME ? [] : [{ i, name: `${of} ${key}` }],
  );
  // Those that have one already go first, so that no newcomer takes it.
  for (const { i, name } of single) {
    const slot = known[name];
    if (slot !== undefined) put(i, free(slot));
  }
  for (const { i, name } of single) {
    if (known[name] !== undefined) continue;
    const slot = free(Object.keys(known).length % GREY);
    put(i, slot);
    known[name] = slot;
  }
  const names = Object.keys(known);
  for (const name of names.slice(0, Math.max(0, names.length - MAX_KEPT))) delete known[name];
  return { slots, known };
}

/** As it may have been kept. */
export function isColours(value: unknown): value is Record<string, number> {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every((slot) => Number.isInteger(slot) && slot >= 0 && slot < MAX_SERIES)
  );
}
