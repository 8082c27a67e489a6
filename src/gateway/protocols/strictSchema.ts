/**
 * Does a JSON Schema already keep the rules of OpenAI's strict mode? Then a format that its own
 * protocol enforces stays enforced there; any other schema is sent as it is, without `strict`, rather
 * than changed: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 */
import { type Fields, isRecord } from "../common/json.ts";
import type { JsonSchema } from "./chat.ts";

/** What strict mode reads; a schema with anything else is not enforced. */
const KEYWORDS = new Set([
  "type",
  "properties",
  "required",
  "additionalProperties",
  "items",
  "anyOf",
  "enum",
  "const",
  "title",
  "description",
  "$ref",
  "$defs",
  "definitions",
]);
/** Levels of nesting, and properties of all objects together. */
const DEEPEST = 10;
const MOST = 5000;

export function keepsStrictRules(schema: JsonSchema): boolean {
  if (!isRecord(schema) || schema.type !== "object") return false;
  const counter = { properties: 0 };
  return keeps(schema, 0, counter) && counter.properties <= MOST;
}

function keeps(schema: unknown, depth: number, counter: { properties: number }): boolean {
  if (!isRecord(schema) || depth > DEEPEST) return false;
  if (Object.keys(schema).some((key) => !KEYWORDS.has(key))) return false;
  const inner = (one: unknown) => keeps(one, depth + 1, counter);
  const named = (all: unknown) => all === undefined || (isRecord(all) && Object.values(all).every(inner));
  if (!named(schema.$defs) || !named(schema.definitions)) return false;
  if (schema.anyOf !== undefined) {
    if (depth === 0 || !Array.isArray(schema.anyOf) || !schema.anyOf.every(inner)) return false;
  }
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  if (types.includes("array") && !inner(schema.items)) return false;
  if (schema.items !== undefined && !types.includes("array")) return false;
  if (types.includes("object")) return isClosed(schema, counter) && named(schema.properties);
  if (schema.properties !== undefined || schema.additionalProperties !== undefined) return false;
  return ["type", "anyOf", "enum", "const", "$ref"].some((key) => schema[key] !== undefined);
}

/** An object that names all it may hold, and wants all of it. */
function isClosed(schema: Fields, counter: { properties: number }): boolean {
  const { properties, required, additionalProperties } = schema;
  if (additionalProperties !== false || !isRecord(properties) || !Array.isArray(required)) return false;
  const names = Object.keys(properties);
  counter.properties += names.length;
  const wanted = new Set<unknown>(required);
  return wanted.size === names.length && names.every((name) => wanted.has(name));
}
