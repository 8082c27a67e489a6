/** One try of one candidate: what came of it, on record. */
import { SECRETS_UNAVAILABLE } from "../../accounts/credentials/monitoredSecrets.ts";
import type { Failure } from "../../accounts/failures.ts";
import { cutOf } from "../../common/cut.ts";
import { jsonOrText } from "../../common/json.ts";
import { foreignText } from "../../common/log.ts";
import type { AttemptRecord } from "../../records/record.ts";
import type { Candidate } from "../../routing/candidate.ts";
import type { ClientReply } from "../../upstream/relay/clientReply.ts";
import type { AttemptFailure, AttemptResult, Done, Failed } from "../../upstream/relay/result.ts";
import { failureOf } from "./classify.ts";
import { ClientGone } from "./clientGone.ts";
import type { AttemptDeps } from "./dependencies.ts";

export interface TryOptions {
  /** On a new connection. */
  readonly fresh: boolean;
  /** Without what only the account (or model) that made it can read. */
  readonly stripped: boolean;
  /** Told when the provider has begun to answer. */
  readonly onContent?: () => void;
}

/** One try; resolves with a result and never rejects but for our own bugs. */
export type Attempt = (candidate: Candidate, options: TryOptions) => Promise<AttemptResult>;

/** Its key cannot be read now: nobody was asked, and nothing is on record. */
interface Keyless {
  readonly kind: "keyless";
  readonly reason: string;
}

type FailedTry = Failed & { readonly failure: Failure };

export class Tries {
  readonly #attempt: Attempt;
  readonly #signal: ClientReply["signal"];
  readonly #records: AttemptRecord[];
  readonly #deps: AttemptDeps;
  readonly #began: number;

  /** @param records gets a line per try */
  constructor(
    attempt: Attempt,
    { signal }: Pick<ClientReply, "signal">,
    records: AttemptRecord[],
    deps: AttemptDeps,
  ) {
    this.#attempt = attempt;
    this.#signal = signal;
    this.#records = records;
    this.#deps = deps;
    this.#began = deps.began ?? deps.clock.monotonic();
  }

  /**
   * @param waitedMs what the request waited for accounts since its last try, for the record
   * @throws ClientGone
   */
  async once(
    candidate: Candidate,
    options: TryOptions,
    waitedMs: number,
  ): Promise<Done | Keyless | FailedTry> {
    const { clock, log } = this.#deps;
    const startedAt = clock.monotonic();
    const result = await this.#attempt(candidate, options);
    const record = {
      account: candidate.account.id,
      model: candidate.model,
      protocol: candidate.protocol,
      at: startedAt - this.#began,
      took: clock.monotonic() - startedAt,
      ...(waitedMs > 0 ? { waited: waitedMs } : {}),
    };
    const cut = cutOf(this.#signal) !== undefined;
    if (this.#signal.aborted && !isServed(result) && !(cut && isBroken(result))) {
      this.#records.push({ ...record, outcome: cut ? "cut" : "client-gone" });
      throw new ClientGone(candidate, result);
    }
    if (result.kind === "done") {
      const { status, broken, brokenBy } = result;
      const outcome = broken === undefined ? "ok" : cut ? "cut" : "broken";
      const message = broken === undefined ? {} : { message: broken.message };
      this.#records.push({ ...record, status, outcome, ...message });
      // The client cannot be helped any more; those that come after it can.
      if (brokenBy !== undefined) {
        this.#deps.health.report(record.account, record.model, this.#meaning(brokenBy, candidate));
      }
      return result;
    }
    const { cause } = result;
    if (cause.kind === "chat" && cause.error.code === SECRETS_UNAVAILABLE) {
      return { kind: "keyless", reason: cause.error.message };
    }
    const failure = this.#meaning(cause, candidate);
    this.#records.push({
      ...record,
      ...(cause.kind === "reply" ? { status: cause.status } : {}),
      outcome: failure.class,
      message: failure.message,
    });
    log.warn(`attempt failed: ${failure.class}: ${foreignText(failure.message)}`, {
      account: candidate.account.id,
      model: candidate.model,
    });
    return { ...result, failure };
  }

  #meaning(cause: AttemptFailure, candidate: Candidate): Failure {
    if (cause.kind === "reply") {
      // The headers of a stream are older than the error in it.
      const headers = cause.status >= 400 ? cause.headers : {};
      this.#deps.onRefusal?.(candidate, jsonOrText(cause.body), headers);
    }
    return failureOf(cause, candidate, this.#deps.clock.now());
  }
}

/** Has the client got all there was to say? It may hang up at the last word. */
function isServed(result: AttemptResult): boolean {
  return result.kind === "done" && result.broken === undefined && result.left === undefined;
}

const isBroken = (result: AttemptResult): boolean => result.kind === "done" && result.broken !== undefined;
