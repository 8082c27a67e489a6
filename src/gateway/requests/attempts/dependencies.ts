/** What the attempt loop is given, and what comes out of it. */
import type { AccountHealth } from "../../accounts/health.ts";
import type { ReplyHeaders } from "../../accounts/retryTimes.ts";
import type { CallFacts, Scheduler, Withheld } from "../../accounts/schedule/scheduler.ts";
import type { Clock, Log, Random } from "../../common/ports.ts";
import type { Candidate } from "../../routing/candidate.ts";
import type { Settings } from "../../settings/settings.ts";
import type { AttemptFailure, Done } from "../../upstream/relay/result.ts";
import type { RequestSize } from "./contextWindow.ts";
import type { Patience } from "./waits.ts";

/** What the loop asks of accounts' health, and tells it. */
export type RequestHealth = Pick<AccountHealth, "available" | "peek" | "heldFor" | "report" | "answers">;

export interface AttemptDeps {
  readonly health: RequestHealth;
  readonly scheduler: Scheduler;
  /** What the scheduler goes by. */
  readonly facts: CallFacts;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly upstream: Settings["upstream"];
  /** Told when a conversation has moved here from another account. @param from its id */
  readonly onMove?: (candidate: Candidate, from: string) => void;
  /** Is there state of another account in the request, without which it can be sent? */
  readonly canStrip?: (candidate: Candidate) => boolean;
  /** What a refusal leaves to be tried of the request, once: see `adapt.ts`. */
  readonly adapt?: (candidate: Candidate, cause: AttemptFailure) => Candidate | undefined;
  /** Tokens that the model takes, where that is known. */
  readonly contextWindow?: (candidate: Candidate) => number | undefined;
  /** How large the request is at least. */
  readonly size?: RequestSize;
  /** How long the request waits where nobody is ready but somebody will be; absent: not at all. */
  readonly patience?: Patience;
  /** Milliseconds of the monotonic clock at which the request began, for the record; absent: now. */
  readonly began?: number;
  /** Claims of the request on budgets; absent: it counts for none. */
  readonly budget?: {
    /** @returns why the candidate may not be asked: nothing is left */
    claim(candidate: Candidate): Withheld | undefined | Promise<Withheld | undefined>;
    release(): void;
  };
  /** No candidate is asked twice, and each that is asked uses up an attempt. */
  readonly askOnce?: true;
  /** Told of every error reply. @param body parsed JSON, or text */
  readonly onRefusal?: (candidate: Candidate, body: unknown, headers: ReplyHeaders) => void;
}

export interface AttemptsOutcome {
  readonly candidate: Candidate;
  readonly done: Done;
  /** The conversation was on this account before. */
  readonly sticky?: true;
}
