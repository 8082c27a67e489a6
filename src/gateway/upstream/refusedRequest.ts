/** Tells a request that is at fault from accounts that are. */
import type { FailedTry } from "./attempts.ts";

/**
 * Two accounts refuse a request, and only words say that they are to blame, none of them a sentence by
 * which the provider is known to tell of accounts: then the words come from the request. What they held
 * is taken back. (That a model is missing can be true of two and not of the third.)
 * @returns the first refusal as what it is, the client's own error; `undefined` where nothing says so
 */
export function refusedRequest(failed: readonly FailedTry[]): FailedTry | undefined {
  if (failed.at(-1)?.failure.weak === undefined) return undefined;
  const doubted = failed.filter(({ failure: { weak } }) => weak !== undefined && weak !== "model");
  const [first] = doubted;
  if (first === undefined) return undefined;
  if (doubted.every(({ candidate }) => candidate.account.id === first.candidate.account.id)) return undefined;
  for (const { undo } of doubted) undo?.();
  const { candidate, trouble, failure } = first;
  return { candidate, trouble, failure: { ...failure, class: "client", scope: "none", next: "client" } };
}
