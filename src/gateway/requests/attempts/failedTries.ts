/** The tries of one request that failed, and what they say about those that are still to come. */
import type { Failure, FailureClass } from "../../accounts/failures.ts";
import type { Candidate } from "../../routing/candidate.ts";
import type { AttemptFailure } from "../../upstream/relay/result.ts";

/** A try that failed, and what that means. */
export interface FailedTry {
  readonly candidate: Candidate;
  readonly cause: AttemptFailure;
  readonly failure: Failure;
  /** Milliseconds since 1970 until which its limit holds it back, whether its provider said so or not. */
  readonly heldUntil?: number | undefined;
  /** Takes back what it held. */
  readonly undo?: (() => void) | undefined;
}

/** What passes by itself, at a time that is known. */
export const LIMITS: ReadonlySet<string> = new Set<FailureClass>(["rate-limit", "quota"]);
/** Failures that say nothing about the account. */
const SERVER_SIDE: ReadonlySet<FailureClass> = new Set(["provider", "overloaded", "network"]);

/** Bounded by the attempts that a request has (`upstream.maxAttempts`). */
export class FailedTries {
  #all: readonly FailedTry[] = [];
  readonly #windowOf: (candidate: Candidate) => number | undefined;

  /** @param windowOf tokens that the model takes, where that is known */
  constructor(windowOf: (candidate: Candidate) => number | undefined) {
    this.#windowOf = windowOf;
  }

  /** In the order in which they failed. */
  get all(): readonly FailedTry[] {
    return this.#all;
  }

  add(failed: FailedTry): void {
    this.#all = [...this.#all, failed];
  }

  /** A limit was waited for: what was said of it is news no more. */
  forgetLimits(): void {
    this.#all = this.#all.filter(({ failure }) => !LIMITS.has(failure.class));
  }

  includes(candidate: Candidate): boolean {
    return this.#all.some((one) => one.candidate === candidate);
  }

  /** A server that has failed this request twice fails its other accounts too: they come last. */
  serverIsDown({ account, protocol }: Candidate): boolean {
    const base = account.endpoints.get(protocol)?.base;
    const failures = this.#all.filter(
      ({ candidate, failure }) =>
        SERVER_SIDE.has(failure.class) && candidate.account.endpoints.get(candidate.protocol)?.base === base,
    );
    return failures.length >= 2;
  }

  /** Was the request too long for a window at least as large? Alternatives of a target are one model. */
  tooLongFor(candidate: Candidate): boolean {
    return this.#all.some(({ candidate: other, failure }) => {
      if (failure.class !== "too-long") return false;
      const [tried, own] = [this.#windowOf(other), this.#windowOf(candidate)];
      if (tried === undefined || own === undefined) return other.target === candidate.target;
      return own <= tried;
    });
  }

  /**
   * Two accounts refuse a request, and only words say that they are to blame, none of them a sentence by
   * which the provider is known to tell of accounts: then the words come from the request. What they held
   * is taken back. (That a model is missing can be true of two and not of the third.)
   * @returns the first refusal as what it is, the client's own error; `undefined` where nothing says so
   */
  blameRequest(): FailedTry | undefined {
    if (this.#all.at(-1)?.failure.weak === undefined) return undefined;
    const doubted = this.#all.filter(({ failure: { weak } }) => weak !== undefined && weak !== "model");
    const [first] = doubted;
    if (first === undefined) return undefined;
    if (doubted.every(({ candidate }) => candidate.account.id === first.candidate.account.id)) {
      return undefined;
    }
    for (const { undo } of doubted) undo?.();
    const { candidate, cause, failure } = first;
    return { candidate, cause, failure: { ...failure, class: "client", scope: "none", next: "client" } };
  }
}
