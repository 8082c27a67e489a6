/** Copies of bodies on their way, where the person wants them recorded. Otherwise none of this is made. */
import type { OutgoingHttpHeaders } from "node:http";
import type { PorticoError } from "../common/errors.ts";
import type { RawBodies, RawBody } from "../records/bodies.ts";
import type { ReplyTarget } from "../upstream/relay/clientReply.ts";
import type { Incoming } from "./clientCall.ts";

/** Bytes that are copied of a body for each that is kept: pictures are taken out of it later. */
const FACTOR = 4;
const LEAST_BYTES = 256 * 1024;
/** Bytes of all copies at once; requests beyond that are recorded without. */
const MAX_HELD = 64 * 1024 * 1024;

/** Counts what is held by the captures of one gateway. */
export class CaptureRoom {
  #held = 0;

  get held(): number {
    return this.#held;
  }

  /** @returns whether there is room */
  take(bytes: number): boolean {
    if (this.#held + bytes > MAX_HELD) return false;
    this.#held += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#held -= bytes;
  }
}

/** Stands where the reply stands, passes everything on and keeps the beginning of what goes out. */
export class CapturedReply implements ReplyTarget {
  readonly #to: ReplyTarget;
  readonly #room: CaptureRoom;
  readonly #most: number;
  readonly #chunks: Buffer[] = [];
  #kept = 0;
  /** Of the reply, as it is kept. */
  #replied = 0;
  #total = 0;
  #full = false;
  #head: OutgoingHttpHeaders = {};
  #headers: readonly string[] = [];
  #request: RawBody | undefined;

  /** @param keep bytes of a body that will be kept in the end */
  constructor(to: ReplyTarget, room: CaptureRoom, keep: number) {
    this.#to = to;
    this.#room = room;
    this.#most = Math.max(LEAST_BYTES, keep * FACTOR);
  }

  /** What the client sent. */
  request({ rawHeaders, contentType, body }: Incoming): void {
    this.#headers = rawHeaders;
    // A copy: the rest of a large body is not to stay for its beginning's sake.
    const bytes = this.#hold(body.subarray(0, this.#most));
    if (bytes !== undefined) this.#request = { bytes, total: body.length, contentType };
  }

  /** Everything that was kept; what it held is given free. */
  captured(): RawBodies {
    this.#room.release(this.#kept);
    this.#kept = 0;
    this.#full = true;
    const encoding = this.#header("content-encoding");
    const reply: RawBody | undefined =
      this.#total === 0
        ? undefined
        : {
            bytes: Buffer.concat(this.#chunks),
            total: this.#total,
            contentType: this.#header("content-type") ?? "",
            ...(encoding === undefined ? {} : { encoding }),
          };
    return { headers: this.#headers, request: this.#request, reply };
  }

  get headersSent(): boolean {
    return this.#to.headersSent;
  }
  get destroyed(): boolean {
    return this.#to.destroyed;
  }
  get writableEnded(): boolean {
    return this.#to.writableEnded;
  }
  get writableFinished(): boolean {
    return this.#to.writableFinished;
  }
  setHeader(name: string, value: number | string | readonly string[]): unknown {
    return this.#to.setHeader(name, value);
  }
  getHeader(name: string): number | string | readonly string[] | undefined {
    return this.#to.getHeader(name);
  }
  hasHeader(name: string): boolean {
    return this.#to.hasHeader(name);
  }
  removeHeader(name: string): void {
    this.#to.removeHeader(name);
  }
  writeHead(status: number, headers?: OutgoingHttpHeaders): unknown {
    if (headers === undefined) return this.#to.writeHead(status);
    this.#head = headers;
    return this.#to.writeHead(status, headers);
  }
  write(chunk: Buffer | string): boolean {
    this.#note(chunk);
    return this.#to.write(chunk);
  }
  end(chunk?: Buffer | string): unknown {
    if (chunk === undefined) return this.#to.end();
    this.#note(chunk);
    return this.#to.end(chunk);
  }
  destroy(): unknown {
    return this.#to.destroy();
  }
  on(event: "close" | "error" | "drain", listener: () => void): unknown;
  on(event: "cut", listener: (error: PorticoError) => void): unknown;
  on(event: "close" | "error" | "drain" | "cut", listener: (error: PorticoError) => void): unknown {
    return this.#to.on(event as "cut", listener);
  }

  #note(chunk: Buffer | string): void {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    this.#total += bytes.length;
    if (this.#full) return;
    const room = this.#most - this.#replied;
    const copy = this.#hold(bytes.subarray(0, Math.max(0, room)));
    if (copy !== undefined) this.#chunks.push(copy);
    this.#replied += copy?.length ?? 0;
    this.#full = copy === undefined || bytes.length >= room;
  }

  #hold(bytes: Buffer): Buffer | undefined {
    if (!this.#room.take(bytes.length)) return undefined;
    this.#kept += bytes.length;
    return Buffer.from(bytes);
  }

  #header(name: string): string | undefined {
    const value = this.#to.getHeader(name) ?? this.#head[name];
    return value === undefined ? undefined : String(value);
  }
}
