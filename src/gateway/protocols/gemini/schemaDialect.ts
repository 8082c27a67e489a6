/**
 * JSON Schema and the subset of OpenAPI 3.0 that Gemini's `parameters` and `responseSchema` take.
 * The subset has no `$ref`, `const`, `additionalProperties` and so on, and each of them fails the
 * whole request; newer models have `parametersJsonSchema` / `responseJsonSchema` instead, which
 * take JSON Schema with few restrictions.
 * https://ai.google.dev/api/caching#Schema
 */
import { isRecord } from "../../common/json.ts";
import type { JsonSchema } from "../chat.ts";
import { definition } from "../jsonSchema.ts";
import { type Json, listOf, numberOf } from "./values.ts";

/** How often one definition may be inlined into itself before it is cut. */
const MAX_SELF_NESTING = 2;
const MAX_DEPTH = 32;
/** A schema with more nodes than this is cut: inlined references can grow without measure. */
const MAX_NODES = 5_000;

const COPIED = [
  "title",
  "description",
  "default",
  "minItems",
  "maxItems",
  "minLength",
  "maxLength",
  "minProperties",
  "maxProperties",
  "pattern",
  "minimum",
  "maximum",
] as const;

/** Keywords handled by hand, or without meaning for a model. */
const HANDLED = new Set<string>([
  ...COPIED,
  "type",
  "format",
  "enum",
  "const",
  "nullable",
  "properties",
  "required",
  "items",
  "prefixItems",
  "anyOf",
  "oneOf",
  "allOf",
  "$ref",
  "$defs",
  "definitions",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "example",
  "examples",
  "propertyOrdering",
  "$schema",
  "$id",
  "$comment",
  "additionalProperties",
]);

const FORMATS: Readonly<Record<string, readonly string[]>> = {
  STRING: ["enum", "date-time"],
  NUMBER: ["float", "double"],
  INTEGER: ["int32", "int64"],
};

type Subset = Record<string, unknown>;

/** Several schemas that all hold, as one: properties and required are joined, else the last word counts. */
function merged(parts: readonly Json[]): Json {
  const out: Record<string, unknown> = {};
  for (const part of parts) {
    for (const [key, value] of Object.entries(part)) {
      if (key === "properties" && isRecord(out.properties) && isRecord(value))
        out.properties = { ...out.properties, ...value };
      else if (key === "required") out.required = [...new Set([...listOf(out.required), ...listOf(value)])];
      else out[key] = value;
    }
  }
  return out;
}

/** `anyOf` stands alone in the subset, so that whatever else is to be said goes into its branches. */
function withFields(schema: Subset, fields: Subset): Subset {
  if (!Array.isArray(schema.anyOf)) return { ...schema, ...fields };
  return { anyOf: (schema.anyOf as Subset[]).map((branch) => withFields(branch, fields)) };
}

class Subsetter {
  readonly dropped = new Set<string>();
  readonly #root: Json;
  #nodes = 0;

  constructor(root: Json) {
    this.#root = root;
  }

  convert(schema: unknown, open: readonly string[], depth: number): Subset {
    if (!isRecord(schema) || depth > MAX_DEPTH || ++this.#nodes > MAX_NODES) {
      if (isRecord(schema)) this.dropped.add("nesting");
      return { type: "STRING" };
    }
    if (typeof schema.$ref === "string") return this.#reference(schema, schema.$ref, open, depth);
    if (Array.isArray(schema.allOf)) {
      const { allOf, ...rest } = schema;
      const parts: Json[] = [];
      const inner = [...open];
      for (const part of allOf as unknown[]) {
        if (!isRecord(part)) continue;
        const ref = typeof part.$ref === "string" ? part.$ref : undefined;
        const target = ref === undefined ? part : definition(this.#root, ref);
        if (ref !== undefined && isRecord(target)) {
          if (inner.filter((name) => name === ref).length >= MAX_SELF_NESTING) continue;
          inner.push(ref);
        }
        if (isRecord(target)) parts.push(target);
      }
      return this.convert(merged([...parts, rest]), inner, depth + 1);
    }
    const choices = listOf(schema.anyOf ?? schema.oneOf);
    if (choices.length > 0) return this.#choice(schema, choices, open, depth);
    const types = listOf(schema.type).filter((type) => typeof type === "string");
    const real = types.filter((type) => type.toLowerCase() !== "null");
    if (real.length > 1) {
      const nullable = real.length < types.length ? { nullable: true } : {};
      const { type: _, description, ...rest } = schema;
      const each = real.map((type) => ({ ...rest, ...(description ? { description } : {}), type }));
      return { anyOf: each.map((one) => withFields(this.convert(one, open, depth + 1), nullable)) };
    }
    return this.#plain(schema, real[0], real.length < types.length, open, depth);
  }

  #reference(schema: Json, ref: string, open: readonly string[], depth: number): Subset {
    const target = definition(this.#root, ref);
    const description = typeof schema.description === "string" ? { description: schema.description } : {};
    if (!isRecord(target)) {
      this.dropped.add("$ref");
      return { type: "OBJECT", ...description };
    }
    if (open.filter((name) => name === ref).length >= MAX_SELF_NESTING) {
      this.dropped.add("recursion");
      return { type: "OBJECT", ...description };
    }
    return withFields(this.convert(target, [...open, ref], depth + 1), description);
  }

  #choice(schema: Json, choices: readonly unknown[], open: readonly string[], depth: number): Subset {
    const isNull = (one: unknown) => isRecord(one) && one.type === "null";
    const real = choices.filter((one) => !isNull(one));
    const nullable = real.length < choices.length || schema.nullable === true ? { nullable: true } : {};
    const { anyOf: _, oneOf: __, nullable: ___, ...rest } = schema;
    if (real.length === 0) return { type: "STRING", nullable: true };
    if (real.length === 1 && isRecord(real[0])) {
      const { $ref, ...only } = real[0];
      const base = typeof $ref === "string" ? { $ref, ...rest } : merged([only, rest]);
      return withFields(this.convert(base, open, depth + 1), nullable);
    }
    const { type: ____, ...shared } = rest;
    return {
      anyOf: real.map((one) => {
        const branch = isRecord(one) && typeof one.$ref !== "string" ? { ...shared, ...one } : one;
        return withFields(this.convert(branch, open, depth + 1), nullable);
      }),
    };
  }

  #plain(
    schema: Json,
    named: string | undefined,
    nullable: boolean,
    open: readonly string[],
    depth: number,
  ): Subset {
    const values = Object.hasOwn(schema, "const") ? [schema.const] : listOf(schema.enum);
    const type = (named ?? guessType(schema, values)).toUpperCase();
    const out: Subset = { type };
    for (const key of COPIED) if (schema[key] !== undefined) out[key] = schema[key];
    for (const key of Object.keys(schema)) if (!HANDLED.has(key)) this.dropped.add(key);
    if (schema.additionalProperties !== undefined && schema.additionalProperties !== false)
      this.dropped.add("additionalProperties");
    if (nullable || schema.nullable === true || values.includes(null)) out.nullable = true;
    if (typeof schema.format === "string") {
      if (FORMATS[type]?.includes(schema.format)) out.format = schema.format;
      else this.dropped.add("format");
    }
    this.#values(out, type, values);
    this.#bounds(out, type, schema);
    if (type === "OBJECT") this.#object(out, schema, open, depth);
    if (type === "ARRAY") this.#array(out, schema, open, depth);
    return out;
  }

  /** `enum` is for strings only; other values are told in words. */
  #values(out: Subset, type: string, values: readonly unknown[]): void {
    const real = values.filter((value) => value !== null && value !== "");
    if (real.length === 0) return;
    if (type === "STRING") {
      out.enum = [
        ...new Set(real.map((value) => (typeof value === "string" ? value : JSON.stringify(value)))),
      ];
      return;
    }
    this.dropped.add("enum");
    const words = `One of: ${real.map((value) => JSON.stringify(value)).join(", ")}`;
    out.description = typeof out.description === "string" ? `${out.description} ${words}` : words;
  }

  #bounds(out: Subset, type: string, schema: Json): void {
    const step = type === "INTEGER" ? 1 : 0;
    const least = numberOf(schema.exclusiveMinimum);
    const most = numberOf(schema.exclusiveMaximum);
    if (least !== undefined) out.minimum = least + step;
    if (most !== undefined) out.maximum = most - step;
    if (step === 0 && (least !== undefined || most !== undefined)) this.dropped.add("exclusiveMinimum");
  }

  #object(out: Subset, schema: Json, open: readonly string[], depth: number): void {
    if (!isRecord(schema.properties)) return;
    const entries = Object.entries(schema.properties).map(
      ([name, property]) => [name, this.convert(property, open, depth + 1)] as const,
    );
    if (entries.length === 0) return;
    out.properties = Object.fromEntries(entries);
    const names = new Set(entries.map(([name]) => name));
    const required = listOf(schema.required).filter((name) => typeof name === "string" && names.has(name));
    if (required.length > 0) out.required = required;
    out.propertyOrdering = [...names];
  }

  #array(out: Subset, schema: Json, open: readonly string[], depth: number): void {
    const tuple = Array.isArray(schema.prefixItems) ? schema.prefixItems : schema.items;
    if (Array.isArray(tuple) && tuple.length > 0) {
      this.dropped.add("prefixItems");
      out.items = this.convert(tuple.length === 1 ? tuple[0] : { anyOf: tuple }, open, depth + 1);
    } else {
      out.items = this.convert(schema.items, open, depth + 1);
    }
  }
}

function guessType(schema: Json, values: readonly unknown[]): string {
  if (isRecord(schema.properties)) return "OBJECT";
  if (schema.items !== undefined || schema.prefixItems !== undefined) return "ARRAY";
  const first = values.find((value) => value !== null);
  if (typeof first === "number") return Number.isInteger(first) ? "INTEGER" : "NUMBER";
  if (typeof first === "boolean") return "BOOLEAN";
  return "STRING";
}

/** JSON Schema as the OpenAPI subset. `dropped`: the keywords that have no place there. */
export function toOpenApi(schema: JsonSchema): { schema: Json; dropped: string[] } {
  const root = isRecord(schema) ? schema : {};
  const subsetter = new Subsetter(root);
  return { schema: subsetter.convert(root, [], 0), dropped: [...subsetter.dropped].sort() };
}

const COUNTS = new Set(["minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"]);
const NESTED = new Set(["items", "additionalProperties"]);
const NESTED_LISTS = new Set(["anyOf", "prefixItems"]);

/** The OpenAPI subset as JSON Schema: lower-case types, `nullable` as a type, counts as numbers. */
export function fromOpenApi(schema: unknown, depth = 0): JsonSchema {
  if (!isRecord(schema) || depth > MAX_DEPTH) return {};
  const camel = new Map(
    Object.entries(schema).map(([key, value]) => [
      key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
  const nullable = camel.get("nullable") === true;
  const out: Record<string, unknown> = {};
  for (const [key, value] of camel) {
    if (value === null && key !== "default" && key !== "example") continue;
    if (key === "type") {
      const type = String(value).toLowerCase();
      if (type !== "type_unspecified") out.type = nullable ? [type, "null"] : type;
    } else if (key === "enum") {
      out.enum = nullable ? [...listOf(value), null] : value;
    } else if (key === "format") {
      if (value !== "enum") out.format = value;
    } else if (key === "example") {
      out.examples = [value];
    } else if (key === "properties") {
      out.properties = ordered(recordOfSchemas(value, depth), listOf(camel.get("propertyOrdering")));
    } else if (COUNTS.has(key)) {
      out[key] = numberOf(value) ?? value;
    } else if (NESTED.has(key)) {
      out[key] = typeof value === "boolean" ? value : fromOpenApi(value, depth + 1);
    } else if (NESTED_LISTS.has(key)) {
      out[key] = listOf(value).map((one) => fromOpenApi(one, depth + 1));
    } else if (key !== "nullable" && key !== "propertyOrdering") {
      out[key] = value;
    }
  }
  if (nullable && Array.isArray(out.anyOf) && out.type === undefined)
    out.anyOf = [...(out.anyOf as unknown[]), { type: "null" }];
  return out;
}

function recordOfSchemas(value: unknown, depth: number): Record<string, unknown> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, fromOpenApi(one, depth + 1)]));
}

function ordered(properties: Record<string, unknown>, order: readonly unknown[]): Record<string, unknown> {
  const first = order.filter(
    (name): name is string => typeof name === "string" && Object.hasOwn(properties, name),
  );
  if (first.length === 0) return properties;
  const rest = Object.keys(properties).filter((name) => !first.includes(name));
  return Object.fromEntries([...first, ...rest].map((name) => [name, properties[name]]));
}

/**
 * JSON Schema for the JSON-Schema fields. They ignore keywords they do not know, but refuse a
 * `$ref` with neighbours other than `$…`, and do not know `const`, `definitions` or `allOf`.
 */
export function toGeminiJsonSchema(schema: JsonSchema): JsonSchema {
  if (!isRecord(schema)) return schema;
  const target = typeof schema.$ref === "string" ? definition(schema, schema.$ref) : undefined;
  if (!isRecord(target) || target === schema) return adapted(schema, 0);
  // A schema that is a reference as a whole, as generators write it: its target is the schema.
  const { $ref: _, ...rest } = schema;
  return adapted({ ...rest, ...target }, 0);
}

function adapted(schema: Json, depth: number): Json {
  if (depth > 2 * MAX_DEPTH) return schema;
  if (Array.isArray(schema.allOf) && schema.allOf.length === 1 && isRecord(schema.allOf[0])) {
    const { allOf, ...rest } = schema;
    return adapted({ ...rest, ...(allOf as Json[])[0] }, depth + 1);
  }
  const hasRef = typeof schema.$ref === "string";
  const entries: [string, unknown][] = [];
  for (const [key, value] of Object.entries(schema)) {
    const defs = key === "definitions" || key === "$defs";
    if (key === "$schema" || (hasRef && !defs && !key.startsWith("$"))) continue;
    if (key === "$ref" && typeof value === "string")
      entries.push([key, value.replace(/^#\/definitions\//, "#/$defs/")]);
    else if (key === "const" && (typeof value === "string" || typeof value === "number"))
      entries.push(["enum", [value]]);
    else entries.push([defs ? "$defs" : key, nested(key, value, depth)]);
  }
  if (isRecord(schema.$defs) && isRecord(schema.definitions))
    entries.push(["$defs", nested("$defs", { ...schema.definitions, ...schema.$defs }, depth)]);
  return Object.fromEntries(entries);
}

function nested(key: string, value: unknown, depth: number): unknown {
  const inner = (one: unknown) => (isRecord(one) ? adapted(one, depth + 1) : one);
  if (key === "properties" || key === "$defs" || key === "definitions") {
    if (!isRecord(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, inner(one)]));
  }
  if (key === "anyOf" || key === "oneOf" || key === "allOf" || key === "prefixItems")
    return Array.isArray(value) ? value.map(inner) : value;
  return key === "items" || key === "additionalProperties" || key === "not" ? inner(value) : value;
}
