/** Calls in flight over one wire: ids, replies, time-outs, cancelling. Bounded. */
import type { ControlErrorCode, ControlFrame } from "../control/contract.ts";

const MAX_PENDING = 200;

/** A call that failed. `message` is for a person. */
export class CallError extends Error {
  override readonly name = "CallError";
  readonly code: ControlErrorCode;

  constructor(code: ControlErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export interface CallOptions {
  /** Milliseconds; 30,000 unless told. */
  timeoutMs?: number | undefined;
  /** Gives up at once, and tells the other side to stop. */
  signal?: AbortSignal | undefined;
}

interface Pending {
  settle(result: unknown): void;
  fail(error: CallError): void;
}

export class Calls {
  readonly #send: (frame: ControlFrame) => void;
  readonly #pending = new Map<number, Pending>();
  /** A page that runs anew must not meet the calls of the one before it. */
  #nextId = Math.floor(Math.random() * 2 ** 40);

  constructor(send: (frame: ControlFrame) => void) {
    this.#send = send;
  }

  get pending(): number {
    return this.#pending.size;
  }

  /** @throws CallError */
  call(method: string, params: unknown, { timeoutMs = 30_000, signal }: CallOptions = {}): Promise<unknown> {
    if (signal?.aborted) return Promise.reject(cancelled());
    if (this.#pending.size >= MAX_PENDING) {
      return Promise.reject(new CallError("busy", "Too much at once. Try again in a moment."));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const giveUp = (error: CallError) => {
        this.#send({ cancel: id });
        this.#pending.get(id)?.fail(error);
      };
      const onAbort = () => giveUp(cancelled());
      const timer = setTimeout(
        () => giveUp(new CallError("timeout", "Portico did not answer in time.")),
        timeoutMs,
      );
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        this.#pending.delete(id);
      };
      this.#pending.set(id, {
        settle(result) {
          done();
          resolve(result);
        },
        fail(error) {
          done();
          reject(error);
        },
      });
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#send(params === undefined ? { id, method } : { id, method, params });
    });
  }

  /** @returns whether the frame was a reply; one to a call that was given up finds nobody, which is fine. */
  receive(frame: object): boolean {
    if (!("id" in frame) || typeof frame.id !== "number" || "method" in frame) return false;
    const pending = this.#pending.get(frame.id);
    if ("error" in frame) pending?.fail(readError(frame.error));
    else pending?.settle("result" in frame ? frame.result : undefined);
    return true;
  }

  failAll(error: CallError): void {
    for (const pending of [...this.#pending.values()]) pending.fail(error);
  }
}

function cancelled(): CallError {
  return new CallError("cancelled", "Cancelled.");
}

const CODES: ReadonlySet<unknown> = new Set<ControlErrorCode>([
  "bad-request",
  "not-found",
  "failed",
  "busy",
  "cancelled",
  "timeout",
  "closed",
]);

function readError(error: unknown): CallError {
  if (typeof error === "object" && error !== null && "message" in error) {
    const code = "code" in error ? error.code : undefined;
    return new CallError(isCode(code) ? code : "failed", String(error.message));
  }
  return new CallError("failed", "Portico failed and did not say why.");
}

function isCode(code: unknown): code is ControlErrorCode {
  return CODES.has(code);
}
