/**
 * Reading Gemini's JSON. The API speaks proto3 JSON: field names in camelCase or snake_case,
 * `null` for "absent", numbers also as strings, a single value where a list is meant.
 */

import * as z from "zod";
import { isRecord } from "../../common/json.ts";
import { checked } from "../validate.ts";

export type Json = Readonly<Record<string, unknown>>;

export function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null ? [] : [value];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A finite number, also one that was sent as a string. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

const camelOf = (name: string) => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
const snakeOf = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A field by its camelCase name, whichever of the two names was used. */
export function fieldOf(record: Json, name: string): unknown {
  const value = record[name];
  return value === undefined ? record[snakeOf(name)] : value;
}

/** `record` with the names of `known` in camelCase and without their nulls; itself where nothing changes. */
function normalise(record: Json, known: ReadonlySet<string>): Json {
  let same = true;
  const entries: [string, unknown][] = [];
  for (const [key, value] of Object.entries(record)) {
    const camel = known.has(key) ? key : camelOf(key);
    if (!known.has(camel)) {
      entries.push([key, value]);
    } else if (value === null || (camel !== key && Object.hasOwn(record, camel))) {
      same = false;
    } else {
      same &&= camel === key;
      entries.push([camel, value]);
    }
  }
  return same ? record : Object.fromEntries(entries);
}

/** A proto3 message: unknown fields are kept as they are. */
export function message<S extends z.core.$ZodLooseShape>(shape: S) {
  const known = new Set(Object.keys(shape));
  return z.preprocess((value) => (isRecord(value) ? normalise(value, known) : value), z.looseObject(shape));
}

/** A repeated field; one value stands for a list of one, as Google's own parser has it. */
export function repeated<T extends z.ZodType>(item: T) {
  return z.preprocess((value) => (isRecord(value) ? [value] : value), z.array(item));
}

/** A number, also as a string. */
export const numeric = z.preprocess((value) => numberOf(value) ?? value, z.number());

/** An object that is none of our business: passed by reference, its names untouched. */
export const opaque = z.custom<Json>(isRecord, "must be an object");

/** A body in the schema's shape. @throws PorticoError `invalid_request` that names the field. */
export function check<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  return checked(schema, body, "", (field, problem) => `${field || "The body"}: ${problem}.`);
}
