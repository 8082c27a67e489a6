/** Small helpers for JSON that came from outside. */

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether it is a content block of whatever type. */
export function isBlock(value: unknown): value is JsonObject & { type: string } {
  return isObject(value) && typeof value.type === "string";
}

/** The parsed text, or `undefined` where it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `{[key]: value}`, or nothing where there is no value: for optional fields. */
export function optional<K extends string, V>(key: K, value: V | null | undefined): { [P in K]?: V } {
  const out: { [P in K]?: V } = {};
  if (value !== undefined && value !== null) out[key] = value;
  return out;
}

/** `value` without these keys; `undefined` where nothing is left. */
export function rest(value: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  const out: JsonObject = {};
  let any = false;
  for (const key of Object.keys(value)) {
    if (known.has(key) || value[key] === undefined) continue;
    out[key] = value[key];
    any = true;
  }
  return any ? out : undefined;
}

export const isBlank = (text: string): boolean => text.trim() === "";
