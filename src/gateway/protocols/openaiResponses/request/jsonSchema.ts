/** JSON schemas as OpenAI takes them: an object at the top, arrays with items. */

import { type Fields, fieldsOf, isRecord, listOf } from "../../../common/json.ts";
import type { JsonSchema } from "../../chat.ts";
import { allowsArray, resolvedTop } from "../../jsonSchema.ts";

const UNIONS = ["anyOf", "oneOf", "allOf"] as const;
const DEPTH_LIMIT = 64;

/** The schema with `items` on every array; the same object where nothing is missing. */
function withItems(value: unknown, depth: number): unknown {
  if (depth > DEPTH_LIMIT) return value;
  if (Array.isArray(value)) {
    const out = value.map((entry) => withItems(entry, depth + 1));
    return out.some((entry, index) => entry !== value[index]) ? out : value;
  }
  if (!isRecord(value)) return value;
  let out: Record<string, unknown> | undefined;
  if (allowsArray(value) && value.items === undefined && value.prefixItems === undefined) {
    out = { ...value, items: {} };
  }
  for (const key in value) {
    if (key === "enum" || key === "const" || key === "default" || key === "examples") continue;
    const changed = withItems(value[key], depth + 1);
    if (changed === value[key]) continue;
    out ??= { ...value };
    out[key] = changed;
  }
  return out ?? value;
}

/** A union at the top, which OpenAI refuses for tools, as one object with all of its properties. */
function merged(schema: Fields, union: (typeof UNIONS)[number]): Fields {
  const { anyOf: _, oneOf: __, allOf: ___, ...rest } = schema;
  const branches = listOf(schema[union]).filter(isRecord);
  const properties = Object.assign({}, ...branches.map((branch) => fieldsOf(branch.properties)));
  const lists = branches.map((branch) => listOf(branch.required));
  const required =
    union === "allOf"
      ? [...new Set(lists.flat())]
      : (lists[0] ?? []).filter((name) => lists.every((list) => list.includes(name)));
  return {
    ...rest,
    type: "object",
    properties: { ...fieldsOf(rest.properties), ...properties },
    required: [...new Set([...listOf(rest.required), ...required])],
  };
}

/** The schema of an answer. */
export function answerSchema(schema: JsonSchema): Fields {
  return typeof schema === "boolean" ? { type: "object" } : fieldsOf(withItems(resolvedTop(schema), 0));
}

/** The parameters of a function. `changed` tells what was made of them. */
export function toolParameters(schema: JsonSchema | undefined): { schema: Fields; changed?: string } {
  if (schema === undefined || typeof schema === "boolean")
    return { schema: { type: "object", properties: {} } };
  const whole = fieldsOf(withItems(resolvedTop(schema), 0));
  const union = UNIONS.find((name) => Array.isArray(whole[name]));
  if (union !== undefined) return { schema: merged(whole, union), changed: `${union} at the top was merged` };
  if (whole.type === "object" && isRecord(whole.properties)) return { schema: whole };
  return { schema: { ...whole, type: "object", properties: fieldsOf(whole.properties) } };
}
