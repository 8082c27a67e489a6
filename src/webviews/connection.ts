/** One lasting connection over wires that come and go. */
import { CallError, type CallOptions, Calls } from "./calls.ts";
import type { Connect, Wire } from "./wire.ts";

export type Link =
  | { kind: "connecting" }
  | { kind: "connected" }
  /** `retryAt`: milliseconds since 1970, where it tries again by itself. */
  | { kind: "disconnected"; message: string; retryAt?: number };

export interface ConnectionOptions {
  onLink(link: Link): void;
  onEvent(event: string, data: unknown): void;
  /** Of 0 to 1, so that pages do not come back all at once. */
  random?: () => number;
}

const FIRST_RETRY_MS = 300;
const LAST_RETRY_MS = 10_000;

export class Connection {
  readonly #connect: Connect;
  readonly #options: ConnectionOptions;
  readonly #calls: Calls;
  #wire: Wire | undefined;
  #open = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(connect: Connect, options: ConnectionOptions) {
    this.#connect = connect;
    this.#options = options;
    this.#calls = new Calls((frame) => {
      if (this.#open) this.#wire?.send(frame);
    });
    this.retry();
  }

  /** @throws CallError */
  call(method: string, params: unknown, options?: CallOptions): Promise<unknown> {
    if (!this.#open) return Promise.reject(closed());
    return this.#calls.call(method, params, options);
  }

  /** Connects now, without waiting for the next try. */
  retry(): void {
    if (this.#wire !== undefined) return;
    clearTimeout(this.#timer);
    this.#options.onLink({ kind: "connecting" });
    // A wire that was replaced says nothing more.
    const current =
      <A extends unknown[]>(job: (...args: A) => void) =>
      (...args: A) => {
        if (this.#wire === wire) job(...args);
      };
    const wire: Wire = this.#connect({
      onOpen: current(() => {
        this.#open = true;
        this.#failures = 0;
        this.#options.onLink({ kind: "connected" });
      }),
      onFrame: current((frame: unknown) => this.#receive(frame)),
      onClose: current(() => this.#lost()),
    });
    this.#wire = wire;
  }

  close(): void {
    clearTimeout(this.#timer);
    const wire = this.#wire;
    this.#wire = undefined;
    this.#open = false;
    wire?.close();
    this.#calls.failAll(closed());
  }

  #receive(frame: unknown): void {
    if (typeof frame !== "object" || frame === null || this.#calls.receive(frame)) return;
    if ("event" in frame && typeof frame.event === "string") {
      this.#options.onEvent(frame.event, "data" in frame ? frame.data : undefined);
    }
  }

  #lost(): void {
    this.#wire = undefined;
    this.#open = false;
    this.#calls.failAll(closed());
    const most = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures);
    const wait = most * (0.5 + 0.5 * (this.#options.random ?? Math.random)());
    this.#failures = Math.min(this.#failures + 1, 10);
    this.#timer = setTimeout(() => this.retry(), wait);
    this.#options.onLink({ kind: "disconnected", message: closed().message, retryAt: Date.now() + wait });
  }
}

function closed(): CallError {
  return new CallError("closed", "Portico does not answer.");
}
