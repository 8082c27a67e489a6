/**
 * The client's side of a request: knows whether a byte has gone out (from then on nothing may be
 * retried), when the client has gone, and when it reads more slowly than the provider writes.
 */
import type { OutgoingHttpHeaders, ServerResponse } from "node:http";

export class ClientReply {
  readonly #res: ServerResponse;
  readonly #gone = new AbortController();
  #drain: (() => void) | undefined;
  #heartbeats = false;
  /** `performance.now()` at the first byte of the reply proper. */
  firstByteAt: number | undefined;

  constructor(res: ServerResponse) {
    this.#res = res;
    res.on("close", () => {
      if (!res.writableFinished) this.#gone.abort();
    });
    // A socket that breaks also closes; without a listener the error would end the process.
    res.on("error", () => this.#gone.abort());
    if (res.destroyed) this.#gone.abort();
  }

  /** Aborted when the client is gone before the reply was. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** Has the head gone out? */
  get committed(): boolean {
    return this.#res.headersSent;
  }

  /** Did a heartbeat send the head, before the provider said anything? */
  get heldByHeartbeat(): boolean {
    return this.#heartbeats;
  }

  head(status: number, headers: OutgoingHttpHeaders): void {
    this.firstByteAt ??= performance.now();
    if (this.#res.headersSent) return;
    // A header the provider sent must not undo one of ours (CORS, ids).
    for (const name of Object.keys(headers)) {
      const value = headers[name];
      if (value !== undefined && !this.#res.hasHeader(name)) this.#res.setHeader(name, value);
    }
    this.#res.writeHead(status);
  }

  /** Heads of streams that began with our own heartbeat. */
  heartbeatHead(headers: OutgoingHttpHeaders): void {
    this.#heartbeats = true;
    if (this.#res.headersSent) return;
    for (const name of Object.keys(headers)) {
      const value = headers[name];
      if (value !== undefined) this.#res.setHeader(name, value);
    }
    this.#res.writeHead(200);
  }

  setHeader(name: string, value: string): void {
    if (!this.#res.headersSent) this.#res.setHeader(name, value);
  }

  /** @returns false when the client is slow: stop until `onDrain` */
  write(chunk: Buffer | string): boolean {
    if (this.#res.destroyed) return true;
    return this.#res.write(chunk);
  }

  onDrain(listener: () => void): void {
    if (this.#drain === undefined) this.#res.on("drain", () => this.#drain?.());
    this.#drain = listener;
  }

  /** Ends the reply; resolves when the bytes are handed over or the client is gone. */
  end(chunk?: Buffer | string): void {
    if (this.#res.destroyed || this.#res.writableEnded) return;
    if (chunk === undefined) this.#res.end();
    else this.#res.end(chunk);
  }

  /** Cuts the connection: the only honest end of a reply whose rest is lost and cannot be said. */
  destroy(): void {
    this.#res.destroy();
  }
}

export const SSE_HEADERS: OutgoingHttpHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  "x-accel-buffering": "no",
};
