/** zod's findings as one 400 that names the field. */
import type * as z from "zod";
import { badRequest } from "../../common/errors.ts";
import { pathText } from "../validate.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** The finding that says most: in a union, that of the branch which got furthest. */
function deepest(issue: Issue, base: Path): { path: Path; message: string } {
  const path = [...base, ...issue.path];
  if (issue.code !== "invalid_union") return { path, message: issue.message };
  let best: { path: Path; message: string } | undefined;
  const shallow: string[] = [];
  for (const branch of issue.errors) {
    const first = branch[0];
    if (first === undefined) continue;
    const found = deepest(first, path);
    if (found.path.length === path.length) shallow.push(found.message.replace(/^Invalid input: /, ""));
    else if (best === undefined || found.path.length > best.path.length) best = found;
  }
  return best ?? { path, message: shallow.length ? shallow.join("; or ") : issue.message };
}

/**
 * Parses with zod.
 * @throws PorticoError `invalid_request` whose `field` is the path below `base`.
 */
export function parse<T>(schema: z.ZodType<T>, value: unknown, base: Path = []): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue === undefined) throw badRequest("The request is not valid.");
  const { path, message } = deepest(issue, base);
  return fail(path, message);
}

/** @throws always */
export function fail(path: Path, message: string): never {
  const field = pathText(path);
  throw field === "" ? badRequest(message) : badRequest(`${field}: ${message}`, field);
}
