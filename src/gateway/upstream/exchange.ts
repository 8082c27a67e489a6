/** One HTTP exchange with a provider over undici, without its stream layer. */
import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import { cutOf } from "../common/cut.ts";
import type { AccountKey } from "../providers/account.ts";
import { hadBytes } from "./agents.ts";
import { Burst } from "./burst.ts";
import type { Flow, Sink } from "./flow.ts";
import { cleanHeaders } from "./shownSecrets.ts";

export interface Outgoing {
  readonly url: URL;
  readonly method: "GET" | "POST" | "DELETE";
  /** Flat list: name, value, name, value. */
  readonly headers: string[];
  readonly body: Buffer | null;
  /** What of `headers` is secret: it must not come back with a reply. */
  readonly key: AccountKey | undefined;
}

export interface Exchange {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly flow: Flow;
  /**
   * Does the reply say where its body ends (a length, chunks, a frame of HTTP/2)? Otherwise it ends with
   * the connection, and one that breaks looks like one that is closed.
   */
  readonly delimited: boolean;
}

export interface ExchangeOptions {
  readonly dispatcher: Dispatcher;
  readonly headersTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** Bytes held before someone reads; then the socket is paused. */
const EARLY_BYTES = 256 * 1024;

const onDeadSockets = new WeakSet<Error>();

/**
 * Did a kept-alive connection die under this request with no byte of its reply received? The server
 * closed it while it was idle: that says nothing about the request, which may be sent once more.
 */
export function diedWhileReused(error: Error): boolean {
  return onDeadSockets.has(error);
}

class Reply implements Dispatcher.DispatchHandler, Flow {
  readonly #resolve: (exchange: Exchange) => void;
  readonly #reject: (error: Error) => void;
  readonly #signal: AbortSignal;
  readonly #key: AccountKey | undefined;
  readonly #onAbort = () => this.#leave();
  #controller: Dispatcher.DispatchController | undefined;
  #sink: Sink | undefined;
  #early: Buffer[] = [];
  #earlySize = 0;
  /** Came with one read of the socket, and is handed over in one: each chunk of a burst would cost a write. */
  readonly #burst = new Burst();
  /** A byte of this reply has come. */
  #begun = false;
  #answered = false;
  #ended = false;
  #dead = false;
  #error: Error | undefined;

  constructor(
    resolve: (exchange: Exchange) => void,
    reject: (error: Error) => void,
    signal: AbortSignal,
    key: AccountKey | undefined,
  ) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#signal = signal;
    this.#key = key;
    signal.addEventListener("abort", this.#onAbort);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#dead) controller.abort(abortError());
  }

  onResponseStarted(): void {
    this.#begun = true;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders) {
    if (status < 200) return;
    this.#answered = true;
    cleanHeaders(headers, this.#key);
    const delimited = isDelimited(controller, headers);
    this.#resolve({ status, headers: single(headers), flow: this, delimited });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    // undici hands out an empty chunk at times, when it goes on after a pause.
    if (this.#dead || chunk.length === 0) return;
    if (this.#sink !== undefined) {
      const last = isLastOfRead(chunk);
      if (this.#burst.empty) {
        if (last) {
          this.#sink.data(chunk);
          return;
        }
        process.nextTick(handOver, this);
      }
      this.#burst.add(chunk);
      if (last) this.handOver();
      return;
    }
    this.#early.push(chunk);
    this.#earlySize += chunk.length;
    if (this.#earlySize > EARLY_BYTES) this.pause();
  }

  onResponseEnd(): void {
    this.#ended = true;
    this.#signal.removeEventListener("abort", this.#onAbort);
    this.handOver();
    if (!this.#dead) this.#sink?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#signal.removeEventListener("abort", this.#onAbort);
    this.handOver();
    if (this.#dead) return;
    this.#error = error;
    if (!this.#begun && isSocketError(error) && hadBytes(error)) onDeadSockets.add(error);
    if (this.#answered) this.#sink?.error(error);
    else this.#reject(error);
  }

  handOver(): void {
    if (this.#burst.empty) return;
    const bytes = this.#burst.take();
    if (!this.#dead) this.#sink?.data(bytes);
  }

  /** @param thrown by whoever reads: its reply is over, and no other */
  fail(thrown: unknown): void {
    this.#controller?.abort(thrown instanceof Error ? thrown : new Error(String(thrown)));
  }

  attach(sink: Sink): void {
    this.#sink = sink;
    if (this.#dead) {
      if (this.#error !== undefined) sink.error(this.#error);
      return;
    }
    const early = this.#early;
    this.#early = [];
    for (const chunk of early) {
      if (this.#dead) return;
      sink.data(chunk);
    }
    if (this.#dead) return;
    if (this.#error !== undefined) sink.error(this.#error);
    else if (this.#ended) sink.end();
    else if (this.#earlySize > EARLY_BYTES) this.resume();
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  abort(): void {
    this.#stop(abortError());
  }

  /** The signal of whoever asked: unlike one who calls `abort`, the reader does not know. */
  #leave(): void {
    if (this.#dead) return;
    this.#error = cutOf(this.#signal) ?? abortError();
    this.#stop(this.#error);
    this.#sink?.error(this.#error);
  }

  #stop(error: Error): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#early = [];
    this.#signal.removeEventListener("abort", this.#onAbort);
    if (!this.#answered) this.#reject(error);
    if (!this.#ended) this.#controller?.abort(error);
  }
}

/**
 * Does nothing follow in what the socket read, but the line end of a chunk (RFC 9112 7.1)? undici hands out parts of
 * Node's own buffer, one per read and as long as what was read. Where that is otherwise, a tick later is no harm.
 */
function isLastOfRead({ buffer, byteOffset, length }: Buffer): boolean {
  return buffer.byteLength - byteOffset - length <= 2;
}

/** Behind the read; nobody above would catch what is thrown. */
function handOver(reply: Reply): void {
  try {
    reply.handOver();
  } catch (thrown) {
    reply.fail(thrown);
  }
}

/** RFC 9112 6.3. undici gives the headers of HTTP/1.1 as a list, those of HTTP/2 as an object. */
function isDelimited({ rawHeaders }: Dispatcher.DispatchController, headers: IncomingHttpHeaders): boolean {
  if (rawHeaders !== undefined && rawHeaders !== null && !Array.isArray(rawHeaders)) return true;
  return headers["content-length"] !== undefined || /chunked/i.test(String(headers["transfer-encoding"]));
}

const ONE_VALUE = ["content-type", "content-encoding", "content-length"] as const;

/** Headers that have one value have it once, however often the provider sent them. */
function single(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  for (const name of ONE_VALUE) {
    const value: unknown = headers[name];
    if (Array.isArray(value)) headers[name] = String(value[0]);
  }
  return headers;
}

function isSocketError(error: Error): boolean {
  const code: unknown = Reflect.get(error, "code");
  return code === "UND_ERR_SOCKET" || code === "ECONNRESET" || code === "EPIPE";
}

function abortError(): Error {
  return new DOMException("the request was given up", "AbortError");
}

/**
 * Sends a request and resolves when the reply's headers are here, without what was shown of the account.
 * @throws undici errors (`code` tells: `ECONNREFUSED`, `UND_ERR_SOCKET`, …), an `AbortError`, or what
 *   the request was cut with
 */
export function exchange(outgoing: Outgoing, options: ExchangeOptions): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    if (options.signal.aborted) {
      reject(cutOf(options.signal) ?? abortError());
      return;
    }
    options.dispatcher.dispatch(
      {
        origin: outgoing.url.origin,
        path: outgoing.url.pathname + outgoing.url.search,
        method: outgoing.method,
        headers: outgoing.headers,
        body: outgoing.body,
        headersTimeout: options.headersTimeoutMs,
        bodyTimeout: options.idleTimeoutMs,
      },
      new Reply(resolve, reject, options.signal, outgoing.key),
    );
  });
}
