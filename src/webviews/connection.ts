/** One lasting connection over wires that come and go. */
import { t } from "@vscode/l10n";
import { type CallOptions, Channel, ControlError } from "../control/channel.ts";
import type { Connect } from "./wire.ts";

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

const MAX_PENDING = 200;
/** Milliseconds for a call without a time of its own. */
const TIMEOUT_MS = 30_000;

export class Connection {
  readonly #connect: Connect;
  readonly #options: ConnectionOptions;
  #channel: Channel | undefined;
  #open = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(connect: Connect, options: ConnectionOptions) {
    this.#connect = connect;
    this.#options = options;
    this.retry();
  }

  /** @throws ControlError */
  call(method: string, params: unknown, options?: CallOptions): Promise<unknown> {
    if (!this.#open || this.#channel === undefined) return Promise.reject(closed());
    return this.#channel.call(method, params, options);
  }

  /** Connects now, without waiting for the next try. */
  retry(): void {
    if (this.#channel !== undefined) return;
    clearTimeout(this.#timer);
    this.#options.onLink({ kind: "connecting" });
    // A wire that was replaced says nothing more.
    const current = (job: () => void) => () => {
      if (this.#channel === channel) job();
    };
    const wire = this.#connect(
      current(() => {
        this.#open = true;
        this.#failures = 0;
        this.#options.onLink({ kind: "connected" });
      }),
    );
    const channel: Channel = new Channel(wire, {
      maxPending: MAX_PENDING,
      timeoutMs: TIMEOUT_MS,
      // A page that runs anew must not meet the calls of the one before it.
      firstId: Math.floor(Math.random() * 2 ** 40),
      lenient: true,
      onEvent: (event, data) => this.#options.onEvent(event, data),
      onClose: current(() => this.#lost()),
    });
    this.#channel = channel;
  }

  close(): void {
    clearTimeout(this.#timer);
    const channel = this.#channel;
    this.#channel = undefined;
    this.#open = false;
    channel?.close();
  }

  #lost(): void {
    this.#channel = undefined;
    this.#open = false;
    const most = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures);
    const wait = most * (0.5 + 0.5 * (this.#options.random ?? Math.random)());
    this.#failures = Math.min(this.#failures + 1, 10);
    this.#timer = setTimeout(() => this.retry(), wait);
    this.#options.onLink({ kind: "disconnected", message: closed().message, retryAt: Date.now() + wait });
  }
}

function closed(): ControlError {
  return new ControlError("closed", t("Portico does not answer."));
}
