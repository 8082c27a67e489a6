/** What ends a request that nobody waits for any more. */
import type { Candidate } from "../../routing/candidate.ts";
import type { AttemptResult, Done } from "../../upstream/relay/result.ts";

/** The client hung up, or the request was cut from our side: no provider is asked any more. */
export class ClientGone extends Error {
  override readonly name = "ClientGone";
  /** Whom it left; absent where nobody had been asked. */
  readonly candidate: Candidate | undefined;
  /** What it had by then; absent where nothing had been said. */
  readonly done: Done | undefined;

  constructor(candidate?: Candidate, result?: AttemptResult) {
    super("the request was given up");
    this.candidate = candidate;
    this.done = result?.kind === "done" ? result : undefined;
  }
}
