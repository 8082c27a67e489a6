/** Small guarded readers for data whose shape nobody promised. */
import { isRecord, numberOf } from "../../common/json.ts";

export type Json = Record<string, unknown>;

/** `undefined` unless it is a plain object. */
export function record(value: unknown): Json | undefined {
  return isRecord(value) ? value : undefined;
}

/** A count of tokens; anything else, negative numbers included, is `undefined`. */
export function count(value: unknown): number | undefined {
  const number = numberOf(value);
  return number !== undefined && number >= 0 ? Math.trunc(number) : undefined;
}
