/** What has to be done with JSON Schemas for more than one target. */
import { isRecord } from "../common/json.ts";
import { percentDecoded } from "../common/percent.ts";

/** References that lead to references. */
const MOST_STEPS = 16;

/** Does the schema's `type` name arrays, alone or among others? */
export const allowsArray = ({ type }: Readonly<Record<string, unknown>>): boolean =>
  type === "array" || (Array.isArray(type) && type.includes("array"));

/**
 * A schema that is nothing but a reference (`{$ref: "#/$defs/Args", $defs}`), as zod and pydantic write them,
 * with what it refers to in its place: OpenAI, Anthropic and Gemini want an object at the top. The definitions
 * stay, for those who refer to them further down.
 */
export function resolvedTop<T>(schema: T): T | Record<string, unknown> {
  if (!isRecord(schema) || typeof schema.$ref !== "string") return schema;
  let current: Record<string, unknown> = schema;
  for (let step = 0; step < MOST_STEPS && typeof current.$ref === "string"; step++) {
    const { $ref, ...beside } = current;
    const found = definition(schema, String($ref));
    if (found === undefined) return schema;
    current = { ...found, ...beside };
  }
  return typeof current.$ref === "string" ? schema : current;
}

/** The target of a local reference: `#/$defs/Name`, with `~1` for a slash and `~0` for a tilde. */
export function definition(root: unknown, reference: string): Record<string, unknown> | undefined {
  if (!reference.startsWith("#")) return undefined;
  let value = root;
  for (const step of reference.slice(1).split("/").filter(Boolean)) {
    const key = percentDecoded(step.replaceAll("~1", "/").replaceAll("~0", "~"));
    if (!isRecord(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return isRecord(value) ? value : undefined;
}
