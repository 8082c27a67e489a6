/** What is wrong with a call's params, in words: a person's where a person wrote them. */
import * as z from "zod";
import type { Method } from "../../control/contract.ts";
import { describeIssue } from "../config/describe.ts";
import { formatPath } from "../config/load.ts";
import { isSettingName, labelOf } from "../settings/table.ts";

export function paramMessage(method: Method, error: z.ZodError, params: unknown): string {
  const [issue] = error.issues;
  if (issue === undefined) return "These params make no sense.";
  if (method === "settings.update") {
    if (issue.code === "unrecognized_keys") return `Portico has no setting named "${issue.keys[0] ?? ""}".`;
    const [name, ...rest] = issue.path;
    if (name !== undefined && isSettingName(name)) {
      return `"${labelOf(name)}"${placeOf(rest)} ${whatOf(issue, params)}.`;
    }
  }
  if (method === "routes.set") {
    const [index, ...rest] = issue.path;
    if (typeof index === "number") return `Route ${index + 1}${placeOf(rest)} ${whatOf(issue, params)}.`;
  }
  return z.prettifyError(error);
}

function whatOf(issue: z.core.$ZodIssue, params: unknown): string {
  return describeIssue(issue, params)[0]?.message ?? "is not valid";
}

/** Entries are counted from one. */
function placeOf(path: readonly PropertyKey[]): string {
  const [first, ...rest] = path;
  if (first === undefined) return "";
  const entry = typeof first === "number" ? `, entry ${first + 1}` : `, ${formatPath([first])}`;
  return `${entry}${rest.length === 0 ? "" : `, ${formatPath(rest)}`}`;
}
