/** `>10s`, `<=50k`, `4xx`: what a person types of a number, as a range. Pure. */
import type { NumberRange, RangedField, RequestRow } from "../../../control/requests.ts";

export type RangeKey = "took" | "cost" | "tokens" | "status";

export const RANGE_FIELDS: Readonly<Record<RangeKey, RangedField>> = {
  took: "durationMs",
  cost: "cost",
  tokens: "tokens",
  status: "status",
};

const BOUNDS: Readonly<Record<string, keyof NumberRange>> = {
  ">": "above",
  ">=": "atLeast",
  "<": "below",
  "<=": "atMost",
};

/** What a number may end with, and what it is then multiplied by. `took` is in seconds without. */
const UNITS: Readonly<Record<RangeKey, Readonly<Record<string, number>>>> = {
  took: { "": 1000, ms: 1, s: 1000, min: 60_000, m: 60_000, h: 3_600_000 },
  cost: { "": 1, $: 1 },
  tokens: { "": 1, k: 1000, m: 1_000_000 },
  status: { "": 1 },
};

/** `undefined`: it is no range. */
export function rangeOf(key: RangeKey, text: string): NumberRange | undefined {
  const [, hundreds] = key === "status" ? (/^([1-9])xx$/i.exec(text) ?? []) : [];
  if (hundreds !== undefined) return { atLeast: Number(hundreds) * 100, below: (Number(hundreds) + 1) * 100 };
  const [, sign = "", , number = "", unit = ""] =
    /^([<>]=?)(\$?)([0-9]*\.?[0-9]+)([a-z$]*)$/i.exec(text) ?? [];
  const bound = BOUNDS[sign];
  const units = UNITS[key];
  const word = unit.toLowerCase();
  if (bound === undefined || !Object.hasOwn(units, word)) return undefined;
  return { [bound]: Number(number) * (units[word] ?? 1) };
}

/** What is not known of a request is in no range. */
export function inRange(value: number | undefined, { above, atLeast, below, atMost }: NumberRange): boolean {
  if (value === undefined) return false;
  return (
    (above === undefined || value > above) &&
    (atLeast === undefined || value >= atLeast) &&
    (below === undefined || value < below) &&
    (atMost === undefined || value <= atMost)
  );
}

export function rangedValue(
  row: Pick<RequestRow, "durationMs" | "cost" | "tokens" | "status">,
  field: RangedField,
): number | undefined {
  if (field !== "tokens") return row[field];
  return row.tokens === undefined ? undefined : row.tokens.input + row.tokens.output;
}
