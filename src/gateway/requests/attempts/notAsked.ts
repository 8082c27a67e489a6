/** Says of a request that nobody answered that some could still have been asked, and why they were not. */
import type { AccountHealth } from "../../accounts/health.ts";
import type { Planned } from "../../accounts/schedule/scheduler.ts";
import type { Candidate } from "../../routing/candidate.ts";

export const BECAUSE = {
  attempts: (most: number) => `after ${most === 1 ? "1 attempt" : `${most} attempts`} (upstream.maxAttempts)`,
  late: "for lack of time (upstream.retryDeadlineMs)",
  begun: "because the reply had begun with a heartbeat",
  reset: "because the provider may have run the request (setting upstream.retryAfterReset)",
} as const;

/** Could a request go there, as far as one knows? Claims nothing. */
export function isReady({ candidate, withheld }: Planned, health: Pick<AccountHealth, "peek">): boolean {
  return withheld === undefined && health.peek(candidate.account.id, candidate.model) === true;
}

/**
 * @param rest who is left, and some who were met
 * @param met who was asked, or passed over with a reason that is told
 * @returns `undefined` where no account was left out
 */
export function notAsked(
  rest: readonly Planned[],
  met: readonly { readonly candidate: Candidate }[],
  because: string,
): string | undefined {
  const known = new Set(met.map(({ candidate }) => candidate.account.id));
  const left = new Set(rest.map(({ candidate }) => candidate.account.id).filter((id) => !known.has(id)));
  if (left.size === 0) return undefined;
  return `${left.size === 1 ? "1 more account was" : `${left.size} more accounts were`} not asked ${because}`;
}
