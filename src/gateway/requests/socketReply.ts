/**
 * A reply of HTTP, written to a WebSocket: the events of its stream become text messages, an error
 * becomes an `error` message. Stands where Node's `ServerResponse` stands.
 */

import { EventEmitter } from "node:events";
import type { OutgoingHttpHeaders } from "node:http";
import { createParser, type EventSourceParser } from "eventsource-parser";
import type { WebSocket } from "ws";
import { parseJson } from "../common/json.ts";
import { serverMessage } from "../protocols/responsesApi.ts";
import type { ReplyTarget } from "../upstream/relay/clientReply.ts";

/** Bytes that wait in the socket before the provider is paused. */
const HIGH_WATER = 1024 * 1024;
/** Bytes of the items that are remembered of a response. */
const REMEMBERED_BYTES = 16 * 1024 * 1024;
/** Characters of one event. */
const EVENT_CHARACTERS = 64 * 1024 * 1024;
/** Headers of an error that a client of the WebSocket can use. */
const TELLING_HEADERS = /^(?:retry-after|retry-after-ms|x-should-retry|x-request-id|x-ratelimit-.*)$/;

export interface Completed {
  readonly id: string;
  readonly output: readonly unknown[];
}

export class SocketReply extends EventEmitter implements ReplyTarget {
  readonly #client: WebSocket;
  readonly #streamId: string | undefined;
  readonly #headers = new Map<string, number | string | readonly string[]>();
  readonly #decoder = new TextDecoder();
  /** The body of a reply that is no stream. */
  readonly #body: Buffer[] = [];
  readonly #output: unknown[] = [];
  #outputSize = 0;
  #id: string | undefined;
  #status = 0;
  #parser: EventSourceParser | undefined;
  #ended = false;
  #destroyed = false;

  constructor(client: WebSocket, streamId: string | undefined) {
    super();
    this.#client = client;
    this.#streamId = streamId;
  }

  /** The response that was streamed to its end. */
  get completed(): Completed | undefined {
    return this.#id === undefined || this.#outputSize > REMEMBERED_BYTES
      ? undefined
      : { id: this.#id, output: this.#output };
  }

  get headersSent(): boolean {
    return this.#status !== 0;
  }

  get destroyed(): boolean {
    return this.#destroyed;
  }

  get writableEnded(): boolean {
    return this.#ended;
  }

  get writableFinished(): boolean {
    return this.#ended;
  }

  setHeader(name: string, value: number | string | readonly string[]): void {
    this.#headers.set(name.toLowerCase(), value);
  }

  getHeader(name: string): number | string | readonly string[] | undefined {
    return this.#headers.get(name.toLowerCase());
  }

  hasHeader(name: string): boolean {
    return this.#headers.has(name.toLowerCase());
  }

  removeHeader(name: string): void {
    this.#headers.delete(name.toLowerCase());
  }

  writeHead(status: number, headers: OutgoingHttpHeaders = {}): void {
    this.#status = status;
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) this.setHeader(name, value);
    if (!String(this.getHeader("content-type") ?? "").startsWith("text/event-stream")) return;
    this.#parser = createParser({
      maxBufferSize: EVENT_CHARACTERS,
      onEvent: ({ event, data }) => this.#event(event === undefined ? { data } : { event, data }),
      // A heartbeat.
      onComment: () => this.#client.ping(),
    });
  }

  write(chunk: Buffer | string): boolean {
    if (this.#parser === undefined) {
      this.#body.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
      return true;
    }
    this.#parser.feed(typeof chunk === "string" ? chunk : this.#decoder.decode(chunk, { stream: true }));
    return this.#client.bufferedAmount < HIGH_WATER;
  }

  end(chunk?: Buffer | string): void {
    if (this.#ended || this.#destroyed) return;
    if (chunk !== undefined) this.write(chunk);
    // A last event may lack its empty line.
    this.#parser?.feed("\n\n");
    this.#ended = true;
    if (this.#parser === undefined) this.#send(this.#bodyMessage());
    this.emit("close");
  }

  /** The reply is lost in its midst: only a closed connection says so. */
  destroy(): void {
    if (this.#ended || this.#destroyed) return;
    this.#destroyed = true;
    this.#client.terminate();
    this.emit("close");
  }

  /** The client has gone. */
  gone(): void {
    if (this.#ended || this.#destroyed) return;
    this.#destroyed = true;
    this.emit("close");
  }

  #event(event: { event?: string; data: string }): void {
    this.#remember(event);
    const message = serverMessage(event, this.#streamId);
    if (message !== undefined) this.#send(message);
  }

  /** Items are told one by one; the last event of a response may leave them away. */
  #remember({ event = "", data }: { event?: string; data: string }): void {
    if (event === "response.output_item.done" && this.#outputSize <= REMEMBERED_BYTES) {
      this.#outputSize += data.length;
      const item: unknown = Reflect.get(Object(parseJson(data)), "item");
      if (item !== undefined) this.#output.push(item);
    } else if (event === "response.completed" || event === "response.incomplete") {
      const response: unknown = Reflect.get(Object(parseJson(data)), "response");
      const id: unknown = Reflect.get(Object(response), "id");
      if (typeof id === "string") this.#id = id;
    }
  }

  /** A reply that is no stream: an error, for which there is a message. */
  #bodyMessage(): string {
    const text = Buffer.concat(this.#body).toString("utf8");
    const body = Object(parseJson(text)) as Record<string, unknown>;
    const headers = Object.fromEntries(
      [...this.#headers]
        .filter(([name]) => TELLING_HEADERS.test(name))
        .map(([name, value]) => [name, String(value)]),
    );
    const error = body.error ?? {
      type: "api_error",
      code: null,
      message: text.slice(0, 2000),
      param: null,
    };
    const event = { type: "error", status: this.#status, error, headers };
    return JSON.stringify(this.#streamId === undefined ? event : { ...event, stream_id: this.#streamId });
  }

  #send(message: string): void {
    if (this.#client.readyState !== this.#client.OPEN) return;
    this.#client.send(message, () => {
      if (this.#client.bufferedAmount < HIGH_WATER / 2) this.emit("drain");
    });
  }
}
