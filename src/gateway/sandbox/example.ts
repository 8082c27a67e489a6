/** Makes an instance of a JSON schema, always the same one: what the sandbox "answers" with. */
import { isRecord } from "../common/json.ts";
import type { JsonSchema } from "../protocols/chat.ts";
import { definition } from "../protocols/jsonSchema.ts";

const MAX_DEPTH = 6;
/** Values in all: a schema that refers to itself grows with every level. */
const MAX_VALUES = 1000;

/**
 * @param hint text used for strings, so that a person sees their own words come back
 * @returns a value that fits the usual keywords of `schema`; exotic ones are not looked at
 */
export function exampleOf(schema: JsonSchema | undefined, hint: string): unknown {
  return instanceOf(schema, hint, { root: schema, left: MAX_VALUES }, 0);
}

interface Walk {
  readonly root: JsonSchema | undefined;
  left: number;
}

function instanceOf(schema: JsonSchema | undefined, hint: string, walk: Walk, depth: number): unknown {
  if (schema === undefined || typeof schema === "boolean" || depth > MAX_DEPTH || walk.left-- <= 0) return {};
  const node = schema as Readonly<Record<string, unknown>>;
  if ("const" in node) return node.const;
  if (Array.isArray(node.enum) && node.enum.length > 0) return node.enum[0];
  if ("default" in node) return node.default;
  if (typeof node.$ref === "string")
    return instanceOf(definition(walk.root, node.$ref), hint, walk, depth + 1);
  for (const key of ["anyOf", "oneOf", "allOf"]) {
    const options = node[key];
    if (Array.isArray(options) && options.length > 0)
      return instanceOf(asSchema(options[0]), hint, walk, depth + 1);
  }
  const type = Array.isArray(node.type) ? node.type[0] : node.type;
  switch (typeof type === "string" ? type.toLowerCase() : undefined) {
    case "string":
      return stringOf(node, hint);
    case "integer":
    case "number":
      return typeof node.minimum === "number" ? node.minimum : 1;
    case "boolean":
      return true;
    case "null":
      return null;
    case "array":
      return typeof node.minItems === "number" && node.minItems > 0
        ? Array.from({ length: Math.min(node.minItems, 10) }, () =>
            instanceOf(asSchema(node.items), hint, walk, depth + 1),
          )
        : [];
    default:
      return objectOf(node, hint, walk, depth);
  }
}

function objectOf(
  node: Readonly<Record<string, unknown>>,
  hint: string,
  walk: Walk,
  depth: number,
): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  const properties = asSchema(node.properties);
  if (typeof properties !== "object") return out;
  const required = Array.isArray(node.required) ? new Set(node.required) : new Set(Object.keys(properties));
  for (const [name, value] of Object.entries(properties)) {
    if (required.has(name)) out[name] = instanceOf(asSchema(value), hint, walk, depth + 1);
  }
  return out;
}

function stringOf(node: Readonly<Record<string, unknown>>, hint: string): string {
  switch (node.format) {
    case "date":
      return "2025-01-01";
    case "date-time":
      return "2025-01-01T00:00:00Z";
    case "uri":
      return "https://example.com/";
    case "email":
      return "someone@example.com";
    default: {
      const max = typeof node.maxLength === "number" ? node.maxLength : 200;
      const min = typeof node.minLength === "number" ? Math.min(node.minLength, 10_000) : 0;
      return (hint === "" ? "example" : hint).slice(0, max).padEnd(min, ".");
    }
  }
}

function asSchema(value: unknown): JsonSchema | undefined {
  return isRecord(value) ? value : undefined;
}
