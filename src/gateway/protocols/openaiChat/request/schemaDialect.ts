/** JSON Schemas of other dialects in the one OpenAI-style targets read. */
import { isRecord, listOf } from "../../../common/json.ts";
import type { JsonSchema, Warn } from "../../chat.ts";
import { allowsArray, resolvedTop } from "../../jsonSchema.ts";
import type { Json } from "../values.ts";

/** Keywords that hold one schema, a list of schemas, or schemas by name. */
const ONE = new Set([
  "items",
  "additionalProperties",
  "not",
  "contains",
  "propertyNames",
  "if",
  "then",
  "else",
]);
const MANY = new Set(["anyOf", "oneOf", "allOf", "prefixItems"]);
const NAMED = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]);
/** Deeper than any provider accepts; stops a hostile schema from exhausting the stack. */
const DEEPEST = 200;

const lower = (type: unknown): unknown =>
  typeof type === "string" && /^[A-Z]+$/.test(type) ? type.toLowerCase() : type;

function normalise(value: unknown, depth: number): unknown {
  if (!isRecord(value) || depth > DEEPEST) return value;
  const out: Json = {};
  for (const [key, inner] of Object.entries(value)) {
    if (key === "nullable" && typeof inner === "boolean") continue;
    if (key === "type") {
      if (inner === "TYPE_UNSPECIFIED") continue;
      out.type = Array.isArray(inner) ? inner.map(lower) : lower(inner);
    } else if (ONE.has(key)) {
      out[key] = Array.isArray(inner)
        ? inner.map((one) => normalise(one, depth + 1))
        : normalise(inner, depth + 1);
    } else if (MANY.has(key)) out[key] = listOf(inner).map((one) => normalise(one, depth + 1));
    else if (NAMED.has(key) && isRecord(inner)) {
      out[key] = Object.fromEntries(
        Object.entries(inner).map(([name, one]) => [name, normalise(one, depth + 1)]),
      );
    } else out[key] = inner;
  }
  if (allowsArray(out) && out.items === undefined && out.prefixItems === undefined) out.items = {};
  if (value.nullable === true && typeof out.type === "string") out.type = [out.type, "null"];
  return out;
}

/** Gemini's upper-case types and `nullable` as JSON Schema. A boolean schema becomes an object. */
export function plainSchema(schema: JsonSchema): Json {
  if (typeof schema === "boolean") return schema ? {} : { not: {} };
  const out = normalise(resolvedTop(schema), 0);
  return isRecord(out) ? out : {};
}

const AT_TOP = ["anyOf", "oneOf", "allOf"] as const;

/**
 * A schema that function parameters may have: an object at the top, without alternatives there
 * (OpenAI refuses `anyOf`, `oneOf`, `allOf`, `enum` and `not` at the top level). The alternatives'
 * properties are all offered; only what all of them require is required.
 */
export function objectSchema(schema: JsonSchema | undefined, feature: string, warn: Warn): Json {
  const { ...out } = plainSchema(schema ?? {});
  const alternatives = AT_TOP.flatMap((key) => listOf(out[key]).filter(isRecord));
  if (alternatives.length > 0) {
    const properties: Json = {};
    for (const one of alternatives) if (isRecord(one.properties)) Object.assign(properties, one.properties);
    const required = new Set(listOf(out.required));
    const [first, ...others] = out.allOf === undefined ? alternatives : [];
    for (const name of listOf(first?.required)) {
      if (others.every((one) => listOf(one.required).includes(name))) required.add(name);
    }
    for (const one of listOf(out.allOf).filter(isRecord))
      for (const name of listOf(one.required)) required.add(name);
    out.properties = { ...properties, ...(isRecord(out.properties) ? out.properties : {}) };
    if (required.size > 0) out.required = [...required];
    warn(feature, "alternatives at the top of the schema were merged into one object");
  }
  for (const key of [...AT_TOP, "not", "enum"]) delete out[key];
  if (out.type !== "object") out.type = "object";
  if (!isRecord(out.properties)) out.properties = {};
  const { type, properties, ...rest } = out;
  return { type, properties, ...rest };
}
