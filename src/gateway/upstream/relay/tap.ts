/**
 * What is read of a reply that passes: its usage, and a copy of its start and its end, from which ids and the like
 * are read once it is over. Copying into a ring costs next to nothing per chunk and holds no more than
 * `HEAD + TAIL` bytes; most replies that do not stream fit into the head.
 */
import type { Usage } from "../../protocols/chat.ts";
import type { Framing } from "../../protocols/codec.ts";
import type { UsageFormat } from "../../protocols/wire.ts";
import { UsageScan } from "./usageScan.ts";

export const HEAD = 4 * 1024;
export const TAIL = 16 * 1024;
const NOTHING = Buffer.alloc(0);

export class Tap {
  #head: Buffer | undefined;
  #ring: Buffer | undefined;
  #at = 0;
  #total = 0;
  readonly #usage: UsageScan;

  /** @param framing of a stream; absent: the reply is one text */
  constructor(usage: UsageFormat, framing?: Framing) {
    this.#usage = new UsageScan(usage, framing);
  }

  /** What was told of it so far. */
  get usage(): Usage | undefined {
    return this.#usage.usage;
  }

  get bytes(): number {
    return this.#total;
  }

  push(chunk: Buffer): void {
    this.#usage.push(chunk);
    this.#keep(chunk);
  }

  /** Whole events of a stream among which is no usage. */
  pushQuiet(events: Buffer): void {
    if (this.#usage.between) this.#keep(events);
    else this.push(events);
  }

  #keep(chunk: Buffer): void {
    const { length } = chunk;
    if (this.#total >= HEAD) {
      this.#turn(chunk, length);
    } else {
      this.#head ??= Buffer.allocUnsafe(HEAD);
      const first = chunk.copy(this.#head, this.#total);
      if (first < length) this.#turn(chunk.subarray(first), length - first);
    }
    this.#total += length;
  }

  /** What stands behind the head goes round in the ring. */
  #turn(bytes: Buffer, length: number): void {
    this.#ring ??= Buffer.allocUnsafe(TAIL);
    const ring = this.#ring;
    const room = TAIL - this.#at;
    if (length < room) {
      bytes.copy(ring, this.#at);
      this.#at += length;
    } else if (length >= TAIL) {
      bytes.copy(ring, 0, length - TAIL);
      this.#at = 0;
    } else {
      bytes.copy(ring, this.#at);
      bytes.copy(ring, 0, room);
      this.#at = length - room;
    }
  }

  /** The first 4 KiB at the most. */
  head(): string {
    return this.#start.toString("utf8");
  }

  /** The last 16 KiB at the most; may begin in the midst of a character. */
  tail(): string {
    const ring = this.#ring;
    if (ring === undefined) return this.#start.toString("utf8");
    if (this.#total >= HEAD + TAIL) {
      return Buffer.concat([ring.subarray(this.#at), ring.subarray(0, this.#at)]).toString("utf8");
    }
    const since = Math.max(0, this.#total - TAIL);
    return Buffer.concat([this.#start.subarray(since), ring.subarray(0, this.#total - HEAD)]).toString(
      "utf8",
    );
  }

  get #start(): Buffer {
    return this.#head?.subarray(0, Math.min(this.#total, HEAD)) ?? NOTHING;
  }
}
