/**
 * Calls, replies and events over any message port, the same in both directions. Bounded: calls in
 * flight, calls being served, time. Nothing here depends on what is called or how bytes travel.
 */
import type { ControlErrorCode, ControlFrame } from "./contract.ts";

/** An ordered transport of whole messages. After `onClose` nothing more arrives. */
export interface Wire {
  /** Drops the message when the wire is closed. */
  send(message: ControlFrame): void;
  listen(onMessage: (message: unknown) => void, onClose: () => void): void;
  close(): void;
}

/** A failure of a call. `message` is for a person. */
export class ControlError extends Error {
  override readonly name = "ControlError";
  readonly code: ControlErrorCode;

  constructor(code: ControlErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export type Serve = (method: string, params: unknown, signal: AbortSignal) => Promise<unknown>;

export interface ChannelOptions {
  /** Answers the other side's calls; absent: it may make none. A `ControlError` keeps its words. */
  serve?: Serve;
  onEvent?: (event: string, data: unknown) => void;
  onClose?: () => void;
  /** A handler failed with something other than a `ControlError`; the caller is told no details. */
  onFailure?: (method: string, thrown: unknown) => void;
  /** Calls in flight, each way. */
  maxPending?: number;
  /** Milliseconds until a call without a time of its own gives up. */
  timeoutMs?: number;
  /** Of the first call: one that no earlier user of the same wire had in flight. */
  firstId?: number;
  /** Passes over messages that it does not understand; else whoever sends one is left. */
  lenient?: boolean;
}

export interface CallOptions {
  timeoutMs?: number | undefined;
  /** Gives up at once, and tells the other side to stop. */
  signal?: AbortSignal | undefined;
}

interface Pending {
  settle(result: unknown): void;
  fail(error: ControlError): void;
}

const CODES: ReadonlySet<string> = new Set<ControlErrorCode>([
  "bad-request",
  "not-found",
  "failed",
  "busy",
  "cancelled",
  "timeout",
  "closed",
]);

/** What is said of a call that went wrong, by either side; pages and the editor have translations. */
export const SAID = {
  late: "Portico did not answer in time.",
  failed: "That failed. Portico's log has the details.",
  ended: "The connection to Portico ended.",
  silent: "Portico failed and did not say why.",
} as const;

export class Channel {
  readonly #wire: Wire;
  readonly #options: ChannelOptions;
  readonly #maxPending: number;
  readonly #pending = new Map<number, Pending>();
  readonly #serving = new Map<number, AbortController>();
  #nextId: number;
  #closed = false;

  constructor(wire: Wire, options: ChannelOptions = {}) {
    this.#wire = wire;
    this.#options = options;
    this.#maxPending = options.maxPending ?? 256;
    this.#nextId = options.firstId ?? 1;
    wire.listen(
      (message) => this.#receive(message),
      () => this.#ended(),
    );
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Calls in flight to the other side. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Calls of the other side being answered. */
  get serving(): number {
    return this.#serving.size;
  }

  /** @throws ControlError, always: refused by the other side, `busy`, `timeout`, `cancelled` or `closed`. */
  call(method: string, params: unknown, options: CallOptions = {}): Promise<unknown> {
    const { signal } = options;
    if (this.#closed) return Promise.reject(closedError());
    if (signal?.aborted) return Promise.reject(cancelledError());
    if (this.#pending.size >= this.#maxPending) {
      return Promise.reject(new ControlError("busy", "Too many calls at once. Try again in a moment."));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const giveUp = (error: ControlError) => {
        this.#wire.send({ cancel: id });
        this.#pending.get(id)?.fail(error);
      };
      const onAbort = () => giveUp(cancelledError());
      const timer = setTimeout(
        () => giveUp(new ControlError("timeout", SAID.late)),
        options.timeoutMs ?? this.#options.timeoutMs ?? 15_000,
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
      this.#wire.send(params === undefined ? { id, method } : { id, method, params });
    });
  }

  emit(event: string, data: unknown): void {
    if (!this.#closed) this.#wire.send({ event, data });
  }

  close(): void {
    if (this.#closed) return;
    this.#wire.close();
    this.#ended();
  }

  #receive(message: unknown): void {
    if (this.#closed) return;
    if (typeof message !== "object" || message === null) this.#puzzled();
    else if ("event" in message && typeof message.event === "string") {
      this.#options.onEvent?.(message.event, "data" in message ? message.data : undefined);
    } else if ("cancel" in message && typeof message.cancel === "number") {
      this.#serving.get(message.cancel)?.abort();
    } else if ("id" in message && typeof message.id === "number") {
      if ("method" in message && typeof message.method === "string") {
        void this.#answer(message.id, message.method, "params" in message ? message.params : undefined);
      } else if ("error" in message) {
        // A reply to a call that was given up finds nobody, which is fine.
        this.#pending.get(message.id)?.fail(readError(message.error));
      } else {
        this.#pending.get(message.id)?.settle("result" in message ? message.result : undefined);
      }
    } else {
      this.#puzzled();
    }
  }

  /** Whoever sends anything else does not speak this protocol, or a newer version of it. */
  #puzzled(): void {
    if (this.#options.lenient !== true) this.close();
  }

  async #answer(id: number, method: string, params: unknown): Promise<void> {
    const { serve } = this.#options;
    if (this.#serving.has(id)) return this.close();
    if (serve === undefined) return this.#refuse(id, "not-found", `Nobody answers "${method}" here.`);
    if (this.#serving.size >= this.#maxPending) return this.#refuse(id, "busy", "Too many calls at once.");
    const controller = new AbortController();
    this.#serving.set(id, controller);
    try {
      const result = await serve(method, params, controller.signal);
      this.#reply({ id, result });
    } catch (thrown) {
      if (controller.signal.aborted) this.#refuse(id, "cancelled", "Cancelled.");
      else if (thrown instanceof ControlError) this.#refuse(id, thrown.code, thrown.message);
      else {
        this.#options.onFailure?.(method, thrown);
        this.#refuse(id, "failed", SAID.failed);
      }
    } finally {
      this.#serving.delete(id);
    }
  }

  #refuse(id: number, code: ControlErrorCode, message: string): void {
    this.#reply({ id, error: { code, message } });
  }

  #reply(frame: ControlFrame): void {
    if (!this.#closed) this.#wire.send(frame);
  }

  #ended(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const pending of [...this.#pending.values()]) pending.fail(closedError());
    for (const controller of this.#serving.values()) controller.abort();
    this.#options.onClose?.();
  }
}

function closedError(): ControlError {
  return new ControlError("closed", SAID.ended);
}

function cancelledError(): ControlError {
  return new ControlError("cancelled", "Cancelled.");
}

function readError(error: unknown): ControlError {
  if (typeof error === "object" && error !== null && "message" in error) {
    const code = "code" in error ? String(error.code) : "";
    return new ControlError(isCode(code) ? code : "failed", String(error.message));
  }
  return new ControlError("failed", SAID.silent);
}

function isCode(code: string): code is ControlErrorCode {
  return CODES.has(code);
}

/** What Node's and the browser's message ports have in common, and a worker has too. */
interface PostPort {
  postMessage(message: unknown): void;
  on(event: "message", listener: (message: unknown) => void): unknown;
  on(event: "close" | "exit", listener: () => void): unknown;
}

/** A wire over a `worker_threads` port or worker; `end` is what closing means there. */
export function portWire(port: PostPort, end: () => void): Wire {
  return {
    send: (message) => port.postMessage(message),
    listen(onMessage, onClose) {
      port.on("message", onMessage);
      port.on("close", onClose);
      port.on("exit", onClose);
    },
    close: end,
  };
}
