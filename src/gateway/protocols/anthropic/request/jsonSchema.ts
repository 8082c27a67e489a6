/**
 * The part of JSON Schema that Anthropic enforces (structured outputs and `strict` tools): no
 * numeric or length limits, `additionalProperties: false` on every object, no recursion. What is
 * outside is told to the model in the description instead.
 */
import { isRecord } from "../../../common/json.ts";
import type { JsonSchema } from "../../chat.ts";
import { resolvedTop } from "../../jsonSchema.ts";
import type { JsonObject } from "../json.ts";

const KEPT = new Set([
  "$ref",
  "$defs",
  "definitions",
  "type",
  "title",
  "description",
  "default",
  "enum",
  "const",
  "anyOf",
  "allOf",
  "properties",
  "required",
  "items",
  "additionalProperties",
]);
const SILENT = new Set(["$schema", "$id", "$comment"]);
const FORMATS = new Set([
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "uri",
  "ipv4",
  "ipv6",
  "uuid",
]);
/** Deeper schemas are left as they are. */
const MAX_DEPTH = 64;

export interface StrictSchema {
  schema: JsonObject;
  changed: boolean;
}

/** `undefined`: the schema refers to itself or is no object, and cannot be enforced. */
export function strictSchema(given: JsonSchema | undefined): StrictSchema | undefined {
  const schema = resolvedTop(given);
  if (!isRecord(schema) || isRecursive(schema)) return undefined;
  const state = { changed: false };
  return { schema: convert(schema, state, 0), changed: state.changed };
}

function convertAll(map: unknown, state: { changed: boolean }, depth: number): unknown {
  if (!isRecord(map)) return map;
  return Object.fromEntries(Object.entries(map).map(([key, sub]) => [key, visit(sub, state, depth)]));
}

function visit(sub: unknown, state: { changed: boolean }, depth: number): unknown {
  return isRecord(sub) ? convert(sub, state, depth + 1) : sub;
}

function convert(schema: JsonObject, state: { changed: boolean }, depth: number): JsonObject {
  if (depth > MAX_DEPTH) return schema;
  const out: JsonObject = {};
  const told: string[] = [];
  for (const [key, value] of Object.entries(schema)) {
    switch (key) {
      case "properties":
      case "$defs":
      case "definitions":
        out[key] = convertAll(value, state, depth);
        break;
      case "anyOf":
      case "allOf":
        out[key] = Array.isArray(value) ? value.map((sub) => visit(sub, state, depth)) : value;
        break;
      case "oneOf":
        state.changed = true;
        out.anyOf = Array.isArray(value) ? value.map((sub) => visit(sub, state, depth)) : value;
        break;
      case "items":
        out.items = visit(value, state, depth);
        break;
      case "additionalProperties":
        break;
      default: {
        const kept =
          KEPT.has(key) ||
          (key === "format" && typeof value === "string" && FORMATS.has(value)) ||
          (key === "minItems" && (value === 0 || value === 1));
        if (kept) {
          out[key] = value;
          break;
        }
        state.changed = true;
        if (!SILENT.has(key)) told.push(`${key}: ${JSON.stringify(value)}`);
      }
    }
  }
  if (schema.type === "object" || isRecord(schema.properties)) {
    if (schema.additionalProperties !== false) state.changed = true;
    out.additionalProperties = false;
  }
  if (told.length > 0) {
    const before = typeof out.description === "string" ? `${out.description}\n\n` : "";
    out.description = `${before}Constraints: ${told.join(", ")}`;
  }
  return out;
}

/** Does a definition reach itself by `$ref`? Every definition is walked once. */
function isRecursive(root: JsonObject): boolean {
  const refs = new Map<string, Set<string>>();
  for (const group of ["$defs", "definitions"]) {
    const defs = root[group];
    if (!isRecord(defs)) continue;
    for (const [name, sub] of Object.entries(defs)) {
      refs.set(`#/${group}/${name}`, collectRefs(sub, new Set(), 0));
    }
  }
  const { $defs: _, definitions: __, ...top } = root;
  const fromTop = collectRefs(top, new Set(), 0);
  if (fromTop.has("#")) return true;
  const done = new Set<string>();
  const open = new Set<string>();
  const cyclic = (name: string): boolean => {
    if (name === "#" || open.has(name)) return true;
    if (done.has(name)) return false;
    open.add(name);
    for (const next of refs.get(name) ?? []) if (cyclic(next)) return true;
    open.delete(name);
    done.add(name);
    return false;
  };
  return [...refs.keys(), ...fromTop].some(cyclic);
}

function collectRefs(value: unknown, into: Set<string>, depth: number): Set<string> {
  if (depth > MAX_DEPTH * 2) return into;
  if (Array.isArray(value)) {
    for (const item of value) collectRefs(item, into, depth + 1);
  } else if (isRecord(value)) {
    if (typeof value.$ref === "string") into.add(value.$ref);
    for (const item of Object.values(value)) collectRefs(item, into, depth + 1);
  }
  return into;
}
