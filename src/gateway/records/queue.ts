/** Finished requests on their way to the records' thread: bounded, in batches, tried again. */
import type { Clock, Timer } from "../common/ports.ts";
import { bytesOf, type RawBodies } from "./bodies.ts";
import { type AccountLookup, entryOf } from "./entry.ts";
import type { RequestRecord } from "./record.ts";
import type { ToThread } from "./wire.ts";

/** Requests that wait at most. */
export const QUEUE_LENGTH = 10_000;
/** Requests written at once, and how long the first of them waits. Unit: milliseconds. */
const BATCH = 200;
const BATCH_MS = 250;
/** Milliseconds until a batch that could not be written is tried again: first, and at most. */
const RETRY_MS = 500;
const MAX_RETRY_MS = 30_000;
/** Bytes of bodies that wait; requests beyond that are written without. */
const BODIES_BYTES = 32 * 1024 * 1024;

type Write = ToThread & { kind: "write" };

export interface QueueOptions {
  readonly clock: Clock;
  readonly account: AccountLookup;
  /** Begins the names of batches; unique over all processes. */
  readonly session: string;
  /** May be lost: then `ready` or `failed` is called. */
  readonly send: (message: Write) => void;
}

export class Queue {
  readonly #options: QueueOptions;
  #waiting: RequestRecord[] = [];
  readonly #bodies = new Map<RequestRecord, RawBodies>();
  #bodiesBytes = 0;
  #sent: { readonly message: Write; readonly records: readonly RequestRecord[] } | undefined;
  #timer: Timer | undefined;
  #batches = 0;
  #failures = 0;
  #settled: (() => void)[] = [];
  #answered: (() => void)[] = [];
  /** Requests that were not recorded. */
  dropped = 0;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#waiting.length + (this.#sent?.records.length ?? 0);
  }

  /** Takes constant time. */
  add(record: RequestRecord): void {
    if (this.length >= QUEUE_LENGTH) {
      this.dropped += 1;
      return;
    }
    this.#waiting.push(record);
    const { bodies } = record;
    // Held here alone: what there is no room for is let go.
    delete record.bodies;
    const size = bytesOf(bodies);
    if (bodies !== undefined && this.#bodiesBytes + size <= BODIES_BYTES) {
      this.#bodies.set(record, bodies);
      this.#bodiesBytes += size;
    }
    if (this.#sent !== undefined || this.#failures > 0) return;
    if (this.#waiting.length >= BATCH) this.send();
    else this.#later(BATCH_MS);
  }

  /** Sends what waits, unless an answer is still to come. */
  send(): void {
    // The timer may be that of the next try.
    if (this.#sent !== undefined) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    const records = this.#waiting.slice(0, BATCH);
    if (records.length === 0) {
      this.#tellSettled();
      return;
    }
    this.#waiting = this.#waiting.slice(BATCH);
    const bodies = new Map<number, RawBodies>();
    for (const [index, record] of records.entries()) {
      const kept = this.#bodies.get(record);
      if (kept !== undefined) bodies.set(index, kept);
    }
    const message: Write = {
      kind: "write",
      batch: `${this.#options.session}:${++this.#batches}`,
      now: this.#options.clock.now(),
      entries: JSON.stringify(records.map((record) => entryOf(record, this.#options.account))),
      ...(bodies.size === 0 ? {} : { bodies }),
    };
    this.#sent = { message, records };
    this.#options.send(message);
  }

  /**
   * Sends all that waits now, behind the batch that is under way. Resolves when it is sent; where a batch fails,
   * or the thread with it, without.
   */
  async sendAll(): Promise<void> {
    this.send();
    for (let left = this.#waiting.length; left > 0; left -= BATCH) {
      if (this.#sent === undefined || this.#failures > 0) break;
      await new Promise<void>((resolve) => this.#answered.push(resolve));
    }
    this.send();
  }

  /** The thread is gone, and with it the answer that was waited for. */
  lost(): void {
    this.#tellAnswered();
  }

  /** The thread is up. @param last the batch in its file */
  ready(last: string | undefined): void {
    if (this.#sent === undefined) return;
    // Its answer was lost with the thread that wrote it.
    if (this.#sent.message.batch === last) this.done(last);
    else this.#again();
  }

  /** A batch is written, or never will be. */
  done(batch: string): void {
    if (this.#sent?.message.batch !== batch) return;
    this.#forgetBodies(this.#sent.records);
    this.#sent = undefined;
    this.#failures = 0;
    this.#tellAnswered();
    if (this.#waiting.length >= BATCH || this.#settled.length > 0) this.send();
    else if (this.#waiting.length > 0) this.#later(BATCH_MS);
  }

  /** What was sent has to be sent again, in a while. */
  failed(): void {
    this.#failures += 1;
    this.#tellAnswered();
    this.#tellSettled();
    this.#later(Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** Math.min(this.#failures - 1, 10)));
  }

  /** Resolves when all that waits now is written, or could not be. */
  flush(): Promise<void> {
    if (this.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#settled.push(resolve);
      if (this.#sent === undefined) this.send();
      else if (this.#failures > 0) this.#again();
    });
  }

  /** @returns the requests of which it is not known that they were written, with their bodies */
  close(): RequestRecord[] {
    this.#timer?.cancel();
    this.#tellAnswered();
    this.#tellSettled();
    return [...(this.#sent?.records ?? []), ...this.#waiting].map((record) => {
      const bodies = this.#bodies.get(record);
      return bodies === undefined ? record : { ...record, bodies };
    });
  }

  #later(milliseconds: number): void {
    this.#timer ??= this.#options.clock.setTimeout(() => {
      this.#timer = undefined;
      if (this.#sent === undefined) this.send();
      else this.#again();
    }, milliseconds);
  }

  #again(): void {
    if (this.#sent !== undefined) this.#options.send(this.#sent.message);
  }

  #forgetBodies(records: readonly RequestRecord[]): void {
    for (const record of records) {
      this.#bodiesBytes -= bytesOf(this.#bodies.get(record));
      this.#bodies.delete(record);
    }
  }

  #tellAnswered(): void {
    const answered = this.#answered;
    this.#answered = [];
    for (const resolve of answered) resolve();
  }

  #tellSettled(): void {
    const settled = this.#settled;
    this.#settled = [];
    for (const resolve of settled) resolve();
  }
}
