/** Names of parameters that a target refuses, as names that it takes, and back. */
import { createHash } from "node:crypto";
import { isRecord } from "../common/json.ts";
import type { JsonSchema } from "./chat.ts";

/**
 * What Anthropic takes: "Property keys should match pattern '^[a-zA-Z0-9_.-]{1,64}$'". One other name in one tool
 * (`$filter`, `filter[id]`, a long path) fails the whole request.
 */
export const ANTHROPIC_PROPERTY = /^[a-zA-Z0-9_.-]{1,64}$/;
const LIMIT = 64;
/** Deeper schemas are left as they are. */
const MAX_DEPTH = 64;

export interface RenamedProperties {
  readonly schema: Readonly<Record<string, unknown>>;
  /** The schema's own names, by those that the model sees. */
  readonly original: ReadonlyMap<string, string>;
  readonly renamed: ReadonlyMap<string, string>;
}

/** `undefined`: every name is allowed as it is. The same schema always gets the same names. */
export function renameProperties(
  schema: JsonSchema | undefined,
  allowed: RegExp,
): RenamedProperties | undefined {
  if (!isRecord(schema)) return undefined;
  const names = new Set<string>();
  collect(schema, names, 0);
  const refused = [...names].filter((name) => !allowed.test(name));
  if (refused.length === 0) return undefined;
  const original = new Map<string, string>();
  const renamed = new Map<string, string>();
  for (const name of refused) {
    const clean = name.replace(/[^a-zA-Z0-9_.-]/g, "_") || "_";
    const taken = clean.length > LIMIT || names.has(clean) || original.has(clean);
    const digest = createHash("sha256").update(name).digest("hex").slice(0, 8);
    const given = taken ? `${clean.slice(0, LIMIT - 9)}_${digest}` : clean;
    original.set(given, name);
    renamed.set(name, given);
  }
  return { schema: convert(schema, renamed, 0), original, renamed };
}

/** Keywords whose values are no schemas. */
const VALUES = new Set(["enum", "const", "default", "examples"]);

function collect(schema: unknown, names: Set<string>, depth: number): void {
  if (depth > MAX_DEPTH) return;
  if (Array.isArray(schema)) {
    for (const entry of schema) collect(entry, names, depth + 1);
    return;
  }
  if (!isRecord(schema)) return;
  for (const [key, value] of Object.entries(schema)) {
    if (VALUES.has(key)) continue;
    if (key === "properties" && isRecord(value)) {
      for (const [name, inner] of Object.entries(value)) {
        names.add(name);
        collect(inner, names, depth + 1);
      }
    } else if (isRecord(value) || Array.isArray(value)) collect(value, names, depth + 1);
  }
}

function convert(
  schema: Readonly<Record<string, unknown>>,
  names: ReadonlyMap<string, string>,
  depth: number,
): Record<string, unknown> {
  if (depth > MAX_DEPTH) return { ...schema };
  const inner = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inner);
    return isRecord(value) ? convert(value, names, depth + 1) : value;
  };
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === "properties" && isRecord(value)) {
      out.properties = Object.fromEntries(
        Object.entries(value).map(([name, one]) => [names.get(name) ?? name, inner(one)]),
      );
    } else if (key === "required" && Array.isArray(value)) {
      out.required = value.map((name) => (typeof name === "string" ? (names.get(name) ?? name) : name));
    } else out[key] = VALUES.has(key) ? value : inner(value);
  }
  return out;
}
