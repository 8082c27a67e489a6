/** What a schema finds wrong with a request, as one 400 that names the field. */
import type * as z from "zod";
import { badRequest } from "../common/errors.ts";

/** `["messages", 2, "content"]` as `messages[2].content`. @param base stands before it */
export function pathText(path: readonly PropertyKey[], base = ""): string {
  let out = base;
  for (const step of path) {
    if (typeof step === "number") out += `[${step}]`;
    else out += out === "" ? String(step) : `.${String(step)}`;
  }
  return out;
}

/**
 * `value` in the schema's shape.
 * @param base where it is in the request, e.g. `messages[2].content[0]`
 * @param words what the client reads of the first finding; `field` is empty for the body itself
 * @throws PorticoError `invalid_request` naming the field
 */
export function checked<T extends z.ZodType>(
  schema: T,
  value: unknown,
  base: string,
  words: (field: string, problem: string) => string,
): z.infer<T> {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const issue = error.issues[0];
  const field = pathText(issue?.path ?? [], base);
  throw badRequest(words(field, issue?.message ?? "is not valid"), field || undefined);
}
