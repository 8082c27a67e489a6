/** An account's key, from wherever it comes. */
import * as z from "zod";
import { cleanKey, keyProblem } from "../../control/pastedText.ts";

/** Names the character that no key has, and its place. */
export function refuseKey(key: string, context: z.core.$RefinementCtx<string>): void {
  const message = keyProblem(key);
  if (message !== undefined) context.addIssue({ code: "custom", message });
}

/** Cleaned of what comes along with a copy; what could not be sent is refused. */
export const keySchema = z.string().overwrite(cleanKey).min(1).max(10_000).superRefine(refuseKey);
