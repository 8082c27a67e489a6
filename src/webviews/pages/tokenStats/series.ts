/** Statistics as lines and stacks for charts and tables. Pure. */
import { NO_NAME } from "../../../control/requests.ts";
import { addSums, noSums, type StatsBy, type StatsGroup, type StatsSums } from "../../../control/stats.ts";

export interface Series {
  key: string;
  label: string;
  /** One per bucket; `undefined`: nothing to tell. */
  values: (number | undefined)[];
}

export type Measure = "tokens" | "cost" | "requests";

/** Series that can be told apart; what is left is the last one. */
export const MAX_SERIES = 8;
/** The gateway's name for what is beyond the largest groups. */
export const REST = "*";

export function measured(sums: StatsSums, measure: Measure): number {
  if (measure === "tokens") return sums.input + sums.output;
  return sums[measure];
}

/** The largest groups, and the others together; groups without anything are left out. */
export function groupSeries(
  groups: readonly StatsGroup[],
  value: (sums: StatsSums) => number,
  othersLabel: string,
): Series[] {
  const ranked = groups
    .map((group) => ({ group, total: value(group.total) }))
    .filter(({ total }) => total > 0)
    // What is beyond stays last, however much it is.
    .sort((a, b) => Number(a.group.key === REST) - Number(b.group.key === REST) || b.total - a.total);
  const shown = ranked.length > MAX_SERIES ? ranked.slice(0, MAX_SERIES - 1) : ranked;
  const others = ranked.slice(shown.length);
  const series = shown.map(({ group }) => ({
    key: group.key,
    label: group.key === REST ? othersLabel : group.label,
    values: group.points.map(value),
  }));
  const [first] = others;
  if (first === undefined) return series;
  const sum = first.group.points.map((_, i) =>
    others.reduce((all, { group }) => all + valueAt(group, i, value), 0),
  );
  return [...series, { key: REST, label: othersLabel, values: sum }];
}

function valueAt(group: StatsGroup, at: number, value: (sums: StatsSums) => number): number {
  const point = group.points[at];
  return point === undefined ? 0 : value(point);
}

/** All groups together, bucket by bucket. */
export function addPoints(groups: readonly StatsGroup[], buckets: number): StatsSums[] {
  return Array.from({ length: buckets }, (_, i) => {
    return sumOf(groups.flatMap(({ points }) => points[i] ?? []));
  });
}

export function sumOf(points: readonly StatsSums[]): StatsSums {
  const all = noSums();
  for (const point of points) addSums(all, point);
  return all;
}

/** Each series on top of those before it. */
export function stacked(series: readonly Series[]): number[][] {
  const heights: number[][] = [];
  for (const { values } of series) {
    const below = heights.at(-1);
    heights.push(values.map((value, i) => (value ?? 0) + (below?.[i] ?? 0)));
  }
  return heights;
}

/** Of 0 to 1; `undefined` where there was no input. */
export function cachedShare({ input, cacheRead }: StatsSums): number | undefined {
  return input === 0 ? undefined : Math.min(1, cacheRead / input);
}

/** Of 0 to 1; `undefined` where there was no request. */
export function errorShare({ requests, errors }: StatsSums): number | undefined {
  return requests === 0 ? undefined : Math.min(1, errors / requests);
}

/** A CSV of all groups and buckets, the sums as they are. */
export function csvOf(by: StatsBy, buckets: readonly number[], groups: readonly StatsGroup[]): string {
  const sums = Object.keys(noSums()) as (keyof StatsSums)[];
  const head = ["start", by, "label", ...sums.map(snake)];
  const lines = groups.flatMap(({ key, label, points }) =>
    points.flatMap((point, i) => {
      const start = buckets[i];
      if (start === undefined || sums.every((name) => point[name] === 0)) return [];
      return [[new Date(start).toISOString(), key, label, ...sums.map((name) => String(point[name]))]];
    }),
  );
  return [head, ...lines].map((line) => `${line.map(field).join(",")}\r\n`).join("");
}

/** Quoted where it has to be; what a spreadsheet would run is made text. */
function field(text: string): string {
  const safe =
    /^[=+\-@\t\r]/.test(text) && !/^-?[0-9.]+(e[+-]?[0-9]+)?$/i.test(text) && text !== NO_NAME
      ? `'${text}`
      : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Places of values without a neighbour to draw a line to. */
export function alone(values: readonly (number | undefined)[]): number[] {
  return values.flatMap((value, i) =>
    value !== undefined && values[i - 1] === undefined && values[i + 1] === undefined ? [i] : [],
  );
}
