/** Reading values that came from outside and have only been parsed as JSON. */

export type Fields = Readonly<Record<string, unknown>>;

/** An object that is no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function fieldsOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

/** Is it a list or a text in which there is something, or an object? */
export function hasContent(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return typeof value === "string" ? value.trim() !== "" : isRecord(value);
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The text, or `undefined` for anything else (also for an empty text). */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** What stands in objects and lists at a path. @returns `undefined` where there is nothing */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return undefined;
    found = Reflect.get(found, name);
  }
  return found;
}

/** JSON text as a value; `undefined` where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The fields other than `known`, without null; `undefined` when nothing is left. */
export function leftover(fields: Fields, known: ReadonlySet<string>): Fields | undefined {
  let out: Record<string, unknown> | undefined;
  for (const key in fields) {
    const value = fields[key];
    if (known.has(key) || value === null || value === undefined) continue;
    out ??= {};
    out[key] = value;
  }
  return out;
}

/** An object without its `undefined` and null values, so that optional properties stay absent. */
export function compact<T extends object>(object: T): { [K in keyof T]: NonNullable<T[K]> } {
  const out: Partial<Record<keyof T, unknown>> = {};
  for (const key in object) if (object[key] !== undefined && object[key] !== null) out[key] = object[key];
  return out as { [K in keyof T]: NonNullable<T[K]> };
}

/**
 * A body as JSON where it is that, else as text: errors of proxies in between are pages.
 * @param most characters of such a text
 */
export function jsonOrText(body: Buffer, most?: number): unknown {
  const text = body.toString("utf8");
  try {
    return JSON.parse(text);
  } catch {
    return text.slice(0, most);
  }
}
