/** What was kept over a restart, or told by others: lists of which each entry is checked by itself. */
import type * as z from "zod";

/**
 * What is no such data is passed over.
 * @param snapshot from outside
 * @param most entries, the latest
 */
export function validEntries<T>(snapshot: unknown, schema: z.ZodType<T>, most: number): T[] {
  if (!Array.isArray(snapshot)) return [];
  return snapshot.slice(-most).flatMap((entry) => {
    const { success, data } = schema.safeParse(entry);
    return success ? [data] : [];
  });
}
