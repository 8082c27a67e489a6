/**
 * Calls that were cut half-way. A client that believes one finished runs half a command, so such a call never ends: after
 * a failure its start is followed by nothing but the error; where the reply ends by its own limit, its end says `cut`.
 */
import type { FinishReason } from "./chat.ts";
import { JsonProgress } from "./jsonProgress.ts";

const CUTTING: ReadonlySet<FinishReason> = new Set(["length", "context-window", "content-filter", "refusal"]);

/** May a reply that ended so hold a call whose end is missing? */
export function cutsCalls(reason: FinishReason): boolean {
  return CUTTING.has(reason);
}

/** Are these the whole arguments of a function? */
export function isWholeJson(text: string): boolean {
  const progress = new JsonProgress();
  progress.push(text);
  return progress.complete;
}
