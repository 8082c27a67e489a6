/**
 * What is read of a reply that passes: its usage, and a copy of its start and its end, from which ids and the like
 * are read once it is over. Copying into a ring costs next to nothing per chunk and holds no more than
 * `HEAD + TAIL` bytes.
 */
import type { Usage } from "../../protocols/chat.ts";
import type { Framing } from "../../protocols/codec.ts";
import type { UsageFormat } from "../../protocols/wire.ts";
import { UsageScan } from "./usageScan.ts";

const HEAD = 4 * 1024;
const TAIL = 16 * 1024;

export class Tap {
  #head: Buffer | undefined;
  #headSize = 0;
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
    this.#total += chunk.length;
    this.#usage.push(chunk);
    if (this.#headSize < HEAD) {
      this.#head ??= Buffer.allocUnsafe(HEAD);
      this.#headSize += chunk.copy(this.#head, this.#headSize, 0, HEAD - this.#headSize);
    }
    this.#ring ??= Buffer.allocUnsafe(TAIL);
    if (chunk.length >= TAIL) {
      chunk.copy(this.#ring, 0, chunk.length - TAIL);
      this.#at = 0;
      return;
    }
    const first = chunk.copy(this.#ring, this.#at);
    if (first < chunk.length) {
      chunk.copy(this.#ring, 0, first);
      this.#at = chunk.length - first;
    } else {
      this.#at += first;
      if (this.#at === TAIL) this.#at = 0;
    }
  }

  /** The first 4 KiB at the most. */
  head(): string {
    return this.#head?.toString("utf8", 0, this.#headSize) ?? "";
  }

  /** The last 16 KiB at the most; may begin in the midst of a character. */
  tail(): string {
    if (this.#ring === undefined) return "";
    if (this.#total <= TAIL) return this.#ring.toString("utf8", 0, this.#total);
    return Buffer.concat([this.#ring.subarray(this.#at), this.#ring.subarray(0, this.#at)]).toString("utf8");
  }
}
