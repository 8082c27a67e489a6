/** Lists of entries in files: one that makes no sense is no harm to the others, and what is not known of one is kept. */
import type * as z from "zod";
import { firstIssue } from "./versionedFile.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** Fields that are kept so; more are let go. */
export const MAX_UNKNOWN = 50;
/** What may be a secret, such as a config file has; never in this one. */
const SECRET_FIELD = /key|secret|token|password|credential|header|auth|cookie/i;

/** What `schema` knows of an entry, and the rest. */
function apart(schema: z.ZodObject, entry: unknown): { known: unknown; rest: Fields } {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return { known: entry, rest: {} };
  const isRest = (name: string) => !Object.hasOwn(schema.shape, name) && !SECRET_FIELD.test(name);
  const entries = Object.entries(entry);
  return {
    known: Object.fromEntries(entries.filter(([name]) => !isRest(name))),
    rest: Object.fromEntries(entries.filter(([name]) => isRest(name)).slice(0, MAX_UNKNOWN)),
  };
}

/**
 * Each entry by itself: one that makes no sense is no harm to the others.
 * @param wrong is told of those
 * @param nameOf what an entry is known by, once among them unless `repeats`
 */
export function entriesOf<Schema extends z.ZodObject>(
  what: string,
  entries: readonly unknown[],
  schema: Schema,
  wrong: string[],
  nameOf: (entry: z.output<Schema>) => string,
  repeats = false,
): { known: z.output<Schema>[]; unknown: ReadonlyMap<string, Fields> } {
  const unknown = new Map<string, Fields>();
  const known = entries.flatMap((entry, index) => {
    const { known, rest } = apart(schema, entry);
    const { success, data, error } = schema.safeParse(known);
    if (!success) {
      wrong.push(`${what} ${index + 1}: ${firstIssue(error)}`);
      return [];
    }
    const name = nameOf(data);
    if (!repeats && unknown.has(name)) {
      wrong.push(`${what} ${index + 1}: its id is used twice`);
      return [];
    }
    unknown.set(name, rest);
    return [data];
  });
  return { known, unknown };
}
