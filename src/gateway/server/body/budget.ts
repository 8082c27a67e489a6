/** How many bytes of request bodies are held at once, over all requests. */
import { PorticoError } from "../../common/errors.ts";

/** Milliseconds after which a client may find room again. */
const RETRY_AFTER_MS = 2000;

/** One bound for all; each request holds a lease on its part. */
export class BodyBudget {
  #held = 0;
  readonly #limit: () => number;

  /** @param limit bytes; a function where the setting can change. */
  constructor(limit: number | (() => number)) {
    this.#limit = typeof limit === "number" ? () => limit : limit;
  }

  /** Bytes held now. */
  get held(): number {
    return this.#held;
  }

  /**
   * An empty lease that the caller gives back when the body is no longer needed:
   * `using lease = budget.lease()`, or `release()` in a `finally`.
   */
  lease(): BodyLease {
    return new BodyLease(this);
  }

  /** @throws PorticoError `unavailable` (503, with a time to retry) when so many do not fit. */
  reserve(bytes: number): void {
    this.check(bytes);
    this.#held += bytes;
  }

  /** As `reserve`, but takes nothing: to refuse a body before it is read. */
  check(bytes: number): void {
    if (this.#held + bytes > this.#limit()) {
      throw new PorticoError(
        "unavailable",
        "Portico holds as many request bytes as the setting limits.bufferedBytes allows; try again shortly.",
        { retryAfterMs: RETRY_AFTER_MS },
      );
    }
  }

  release(bytes: number): void {
    this.#held = Math.max(0, this.#held - bytes);
  }
}

/** One request's part of the budget. Whatever happens, one `release()` gives all of it back. */
export class BodyLease implements Disposable {
  readonly #budget: BodyBudget;
  #bytes = 0;
  #released = false;

  constructor(budget: BodyBudget) {
    this.#budget = budget;
  }

  get bytes(): number {
    return this.#bytes;
  }

  check(bytes: number): void {
    this.#budget.check(bytes);
  }

  /** @throws PorticoError `unavailable`; the lease keeps what it had. */
  grow(bytes: number): void {
    if (this.#released) return;
    this.#budget.reserve(bytes);
    this.#bytes += bytes;
  }

  /** Safe to call more than once, and while a read is still going on. */
  release(): void {
    this.#released = true;
    this.#budget.release(this.#bytes);
    this.#bytes = 0;
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
