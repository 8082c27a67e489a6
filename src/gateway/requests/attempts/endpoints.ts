/** The endpoints that one account has beside the one that is asked. */
import type { Candidate } from "../../routing/candidate.ts";
import { TRANSLATION_ORDER } from "../../routing/route.ts";

/** Those that can say most of a request first. */
export function otherEndpoints(candidate: Candidate): Candidate[] {
  return TRANSLATION_ORDER.filter(
    (protocol) => protocol !== candidate.protocol && candidate.account.endpoints.has(protocol),
  ).map((protocol) => ({ ...candidate, protocol }));
}
