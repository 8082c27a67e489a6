/**
 * The client's side of a request: knows whether a byte has gone out (from then on nothing may be
 * retried), when the client has gone, and when it reads more slowly than the provider writes.
 */
import type { OutgoingHttpHeaders } from "node:http";
import { cutOf } from "../../common/cut.ts";
import type { PorticoError } from "../../common/errors.ts";
import type { Framing } from "../../protocols/codec.ts";

/** What a reply is written to: Node's own `ServerResponse`, or what stands for it on a WebSocket. */
export interface ReplyTarget {
  readonly headersSent: boolean;
  readonly destroyed: boolean;
  readonly writableEnded: boolean;
  readonly writableFinished: boolean;
  setHeader(name: string, value: number | string | readonly string[]): unknown;
  getHeader(name: string): number | string | readonly string[] | undefined;
  hasHeader(name: string): boolean;
  removeHeader(name: string): void;
  writeHead(status: number, headers?: OutgoingHttpHeaders): unknown;
  /** @returns false when it is full: stop until `drain` */
  write(chunk: Buffer | string): boolean;
  end(chunk?: Buffer | string): unknown;
  destroy(): unknown;
  on(event: "close" | "error" | "drain", listener: () => void): unknown;
  /** Portico ends it: `connections.ts` says so, and gives a moment to tell the client. */
  on(event: "cut", listener: (error: PorticoError) => void): unknown;
}

export class ClientReply {
  readonly #res: ReplyTarget;
  readonly #now: () => number;
  readonly #gone = new AbortController();
  #drain: (() => void) | undefined;
  /** The client was slow once, so that `drain` is listened for. */
  #full = false;
  #begun = false;
  #bytes = 0;
  #firstByteAt: number | undefined;

  /** @param now milliseconds of a monotonic clock, as `performance.now()` has them */
  constructor(res: ReplyTarget, now: () => number = () => performance.now()) {
    this.#res = res;
    this.#now = now;
    res.on("close", () => {
      if (!res.writableFinished) this.#gone.abort();
    });
    // A socket that breaks also closes; without a listener the error would end the process.
    res.on("error", () => this.#gone.abort());
    res.on("cut", (error) => this.cut(error));
    if (res.destroyed) this.#gone.abort();
  }

  /** Aborted when the client is gone before the reply was, or when `cut` ended it: `cutOf` tells. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /**
   * Ends the request from our side. A stream ends in an error event of the client's protocol, a reply
   * that has not begun becomes an error reply; one whose half is out can only be reset.
   */
  cut(error: PorticoError): void {
    if (!this.#res.destroyed && !this.#res.writableEnded) this.#gone.abort(error);
  }

  /** The error that `cut` ended it with. */
  get cutBy(): PorticoError | undefined {
    return cutOf(this.signal);
  }

  /** Has the head gone out? */
  get committed(): boolean {
    return this.#res.headersSent;
  }

  /** Has anything but white space gone out behind the head? */
  get begun(): boolean {
    return this.#begun;
  }

  /** Bytes of the body that were handed over, heartbeats included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** `performance.now()` at the first byte of the reply proper: of a stream's first event, of a body's beginning. */
  get firstByteAt(): number | undefined {
    return this.#firstByteAt;
  }

  /** The provider's reply begins to come, though the client gets none of it before it is whole. */
  heard(): void {
    this.#firstByteAt ??= this.#now();
  }

  /** What came was no reply. */
  unheard(): void {
    if (!this.#begun) this.#firstByteAt = undefined;
  }

  head(status: number, headers: OutgoingHttpHeaders): void {
    this.#firstByteAt ??= this.#now();
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

  /** An attempt that failed leaves nothing of its own behind. */
  removeHeader(name: string): void {
    if (!this.#res.headersSent) this.#res.removeHeader(name);
  }

  /** @returns false when the client is slow: stop until `onDrain` */
  write(chunk: Buffer | string): boolean {
    if (this.#res.destroyed) return true;
    this.#bytes += Buffer.byteLength(chunk);
    this.#begun ||= !/^\s*$/.test(chunk.toString("latin1"));
    const ready = this.#res.write(chunk);
    if (!ready && !this.#full) {
      this.#full = true;
      this.#res.on("drain", () => this.#drain?.());
    }
    return ready;
  }

  onDrain(listener: () => void): void {
    this.#drain = listener;
  }

  /** Ends the reply; resolves when the bytes are handed over or the client is gone. */
  end(chunk?: Buffer | string): void {
    if (this.#res.destroyed || this.#res.writableEnded) return;
    if (chunk === undefined) {
      this.#res.end();
      return;
    }
    this.#bytes += Buffer.byteLength(chunk);
    this.#res.end(chunk);
  }

  /** Cuts the connection: the only honest end of a reply whose rest is lost and cannot be said. */
  destroy(): void {
    this.#res.destroy();
  }
}

export const JSON_TYPE = "application/json; charset=utf-8";

const SSE_HEADERS: OutgoingHttpHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  "x-accel-buffering": "no",
};

/** The head of a stream of our own. */
export const STREAM_HEADERS: Readonly<Record<Framing, OutgoingHttpHeaders>> = {
  sse: SSE_HEADERS,
  "json-array": { ...SSE_HEADERS, "content-type": JSON_TYPE },
};

/** A whole reply of our own. */
export function sendJson(reply: Pick<ClientReply, "head" | "end">, json: string): void {
  const body = Buffer.from(json);
  reply.head(200, { "content-type": JSON_TYPE, "content-length": String(body.length) });
  reply.end(body);
}
