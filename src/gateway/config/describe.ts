/** What a zod issue means to the person who wrote the file: what is wrong and what is allowed. */
import * as z from "zod";
import { $ZodType } from "zod/v4/core";
import { valueAt } from "../common/json.ts";
import { settingsSchema } from "../settings/settings.ts";
import { unwrapped } from "../settings/table.ts";
import { nearest } from "./nearest.ts";

type Issue = z.core.$ZodIssue;

interface Described {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

const KINDS: Readonly<Record<string, string>> = {
  string: "text in double quotes",
  int: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list in [ ]",
  object: "an object in { }",
  record: "an object in { }",
};

/**
 * @param value the checked value, to tell a missing field from a wrong one and to suggest names.
 * @returns one entry per unknown key, else exactly one.
 */
export function describeIssue(issue: Issue, value: unknown): Described[] {
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(settingsSchema, issue.path);
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: unknownKey(key, known) }));
  }
  if (issue.code === "invalid_union") {
    // The most specific complaint: of the alternative that fits the kind of value there is.
    const inner = issue.errors
      .flat()
      .find((each) => each.code !== "invalid_type" && each.code !== "invalid_value");
    if (inner !== undefined) return describeIssue({ ...inner, path: [...issue.path, ...inner.path] }, value);
  }
  return [{ path: issue.path, message: message(issue, valueAt(value, issue.path)) }];
}

function message(issue: Issue, given: unknown): string {
  switch (issue.code) {
    case "invalid_type": {
      const kind = KINDS[issue.expected] ?? issue.expected;
      return given === undefined ? `is missing; it must be ${kind}` : `must be ${kind}, not ${kindOf(given)}`;
    }
    case "invalid_value": {
      const allowed = issue.values.map((each) => JSON.stringify(each));
      const options = issue.values.filter((each) => typeof each === "string");
      const meant = typeof given === "string" ? nearest(given, options) : undefined;
      const hint = meant === undefined ? "" : ` (did you mean ${JSON.stringify(meant)}?)`;
      const missing = given === undefined ? "is missing; it " : "";
      return `${missing}must be ${allowed.length === 1 ? "" : "one of "}${allowed.join(", ")}${hint}`;
    }
    case "too_small":
      return `must ${bound(issue.origin, "at least", issue.minimum, given)}`;
    case "too_big":
      return `must ${bound(issue.origin, "at most", issue.maximum, given)}`;
    default:
      return issue.message;
  }
}

function bound(origin: string, direction: string, limit: number | bigint, given: unknown): string {
  if (origin === "string") return `have ${direction} ${limit} character${limit === 1 ? "" : "s"}`;
  if (origin === "array") {
    const count = Array.isArray(given) ? `, not ${given.length}` : "";
    return `have ${direction} ${limit} entr${limit === 1 ? "y" : "ies"}${count}`;
  }
  return `be ${direction} ${limit}${typeof given === "number" ? `, not ${given}` : ""}`;
}

function unknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  if (meant !== undefined) return `is no known setting; did you mean ${JSON.stringify(meant)}?`;
  return `is no known setting; known here: ${known.join(", ")}`;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  if (typeof value === "string") return "text";
  return typeof value === "number" ? `the number ${value}` : String(value);
}

/** The names that the schema knows at `path`. */
function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const bare = unwrapped(schema);
  const [part, ...rest] = path;
  if (bare instanceof z.ZodObject) {
    if (part === undefined) return Object.keys(bare.shape);
    const next: unknown = bare.shape[String(part)];
    return next instanceof $ZodType ? keysAt(next, rest) : [];
  }
  if (bare instanceof z.ZodArray) return keysAt(bare.element, rest);
  if (bare instanceof z.ZodRecord && part === undefined && bare.keyType instanceof z.ZodEnum) {
    return bare.keyType.options.map(String);
  }
  return [];
}
