/** What a stream holds back: the beginning of an event, and what came before the first that says something. */

/** Bytes of one event that are held back until it is complete; a larger one goes out in parts. */
const EVENT_BYTES = 4 * 1024 * 1024;

/** Every byte is kept and joined once, however small the pieces in which it comes. */
export class HeldEvents {
  #pieces: Buffer[] = [];
  #size = 0;
  #quiet: Buffer[] = [];
  #quietSize = 0;

  /** Nothing of an event is held. */
  get empty(): boolean {
    return this.#size === 0;
  }

  /** More was put aside than is worth waiting for. */
  get full(): boolean {
    return this.#quietSize > EVENT_BYTES;
  }

  /**
   * @param end bytes of `chunk` up to and with the last event that is whole
   * @returns what may go on: whole events, or a part (`torn`) of one that is too large to hold
   */
  add(chunk: Buffer, end: number): { events: Buffer; torn: boolean } | undefined {
    this.#pieces.push(chunk);
    this.#size += chunk.length;
    const rest = end === 0 ? this.#size : chunk.length - end;
    const torn = rest > EVENT_BYTES;
    if (end === 0 && !torn) return undefined;
    const all = this.#take();
    const cut = torn ? all.length : all.length - rest;
    if (cut < all.length) this.#pieces = [all.subarray(cut)];
    this.#size = all.length - cut;
    return { events: all.subarray(0, cut), torn };
  }

  /** Comments and pings: they wait for the first event, and are not looked at again. */
  putAside(events: Buffer): void {
    this.#quiet.push(events);
    this.#quietSize += events.length;
  }

  /** `events` behind what was put aside. */
  withQuiet(events: Buffer): Buffer {
    const quiet = this.#quiet;
    this.#quiet = [];
    return quiet.length === 0 ? events : Buffer.concat([...quiet, events]);
  }

  /** All that is held. */
  rest(): Buffer | undefined {
    const all = this.withQuiet(this.#take());
    return all.length === 0 ? undefined : all;
  }

  #take(): Buffer {
    const [first = Buffer.alloc(0)] = this.#pieces;
    const all = this.#pieces.length <= 1 ? first : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#size = 0;
    return all;
  }
}
