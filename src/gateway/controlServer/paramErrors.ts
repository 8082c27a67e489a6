/** What is wrong with a call's params, in words: a person's where a person wrote them. */
import * as z from "zod";
import type { Method } from "../../control/contract.ts";
import { describeIssue } from "../config/describe.ts";
import { formatPath } from "../config/load.ts";
import { SETTING_WORDS } from "../settings/labels.ts";

export function paramWords(method: Method, error: z.ZodError, params: unknown): string {
  const [issue] = error.issues;
  if (issue === undefined) return "These params make no sense.";
  if (method === "settings.update") {
    if (issue.code === "unrecognized_keys") return `Portico has no setting named "${issue.keys[0] ?? ""}".`;
    const [name, ...rest] = issue.path;
    const words = isSetting(name) ? SETTING_WORDS[name] : undefined;
    if (words !== undefined) return `"${words}"${placeOf(rest)} ${whatOf(issue, params)}.`;
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

function isSetting(name: unknown): name is keyof typeof SETTING_WORDS {
  return typeof name === "string" && Object.hasOwn(SETTING_WORDS, name);
}
