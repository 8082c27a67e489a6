/** Small helpers for JSON that came from outside. */
import { isRecord } from "../../common/json.ts";

export type JsonObject = Record<string, unknown>;

/** Whether it is a content block of whatever type. */
export function isBlock(value: unknown): value is JsonObject & { type: string } {
  return isRecord(value) && typeof value.type === "string";
}

/** `{[key]: value}`, or nothing where there is no value: for optional fields. */
export function optional<K extends string, V>(key: K, value: V | null | undefined): { [P in K]?: V } {
  const out: { [P in K]?: V } = {};
  if (value !== undefined && value !== null) out[key] = value;
  return out;
}

/** `value` without these keys and without null; `undefined` where nothing is left. */
export function rest(value: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  const out: JsonObject = {};
  let any = false;
  for (const key of Object.keys(value)) {
    if (known.has(key) || value[key] === undefined || value[key] === null) continue;
    out[key] = value[key];
    any = true;
  }
  return any ? out : undefined;
}

export const isBlank = (text: string): boolean => text.trim() === "";
