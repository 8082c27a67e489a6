/**
 * Where one event of a stream ends and the next begins, found without parsing the events. Passthrough
 * forwards whole events only: then a heartbeat or an error event can always follow.
 */

export interface Boundary {
  /**
   * @returns the number of bytes of `chunk` up to and with the last event that is complete, 0 where
   *   no event ends in it. Chunks must be shown in order, each once.
   */
  last(chunk: Buffer): number;
  /** Has all come that can come? Nothing may be written behind it. */
  readonly closed: boolean;
}

const LF = 0x0a;
const CR = 0x0d;
const EMPTY_LINE = "\n\n";
const CRLF_EMPTY_LINE = "\n\r\n";

/**
 * Server-sent events end with an empty line; lines end with LF, CRLF or CR
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream).
 */
export class SseBoundary implements Boundary {
  /** The last bytes before this chunk, three at the most. */
  #before = "";
  readonly closed = false;

  last(chunk: Buffer): number {
    const size = chunk.length;
    if (size === 0) return 0;
    // Nearly every network chunk ends where an event does.
    if (size >= 2 && chunk[size - 1] === LF) {
      if (chunk[size - 2] === LF) {
        this.#before = EMPTY_LINE;
        return size;
      }
      if (isCrlfPair(chunk, size)) {
        this.#before = CRLF_EMPTY_LINE;
        return size;
      }
    }
    const before = this.#before;
    this.#before = (before + chunk.toString("latin1", Math.max(0, size - 3))).slice(-3);
    for (let at = size - 1; at >= 0; at--) {
      const byte = chunk[at];
      if (byte !== LF && byte !== CR) continue;
      if (endsEvent(chunk, at, before)) return at + 1;
    }
    return 0;
  }
}

function isCrlfPair(chunk: Buffer, size: number): boolean {
  return size >= 4 && chunk[size - 2] === CR && chunk[size - 3] === LF && chunk[size - 4] === CR;
}

/** Does the line end at `at` close an empty line? `before`: up to three bytes before the chunk. */
function endsEvent(chunk: Buffer, at: number, before: string): boolean {
  const byteAt = (index: number): number =>
    index >= 0
      ? (chunk[index] ?? -1)
      : index + before.length >= 0
        ? before.charCodeAt(index + before.length)
        : -1;
  if (chunk[at] === CR) {
    // A CR whose LF is still to come is no boundary: CRLF must not be torn apart.
    if (at + 1 >= chunk.length || chunk[at + 1] === LF) return false;
    return byteAt(at - 1) === CR || byteAt(at - 1) === LF;
  }
  let previous = at - 1;
  if (byteAt(previous) === CR) previous--;
  return byteAt(previous) === LF || byteAt(previous) === CR;
}

/**
 * Elements of a top-level JSON array, as Gemini streams them without `alt=sse`. An event ends at the
 * bracket that closes it: what separates it from the next goes out with the next, so that an error
 * can be the next.
 */
export class JsonArrayBoundary implements Boundary {
  #depth = 0;
  #inString = false;
  #escaped = false;
  #closed = false;

  get closed(): boolean {
    return this.#closed;
  }

  last(chunk: Buffer): number {
    let end = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === 0x5c) this.#escaped = true;
        else if (byte === 0x22) this.#inString = false;
        continue;
      }
      if (byte === 0x22) this.#inString = true;
      else if (byte === 0x7b || byte === 0x5b) this.#depth++;
      else if (byte === 0x7d || byte === 0x5d) {
        this.#depth--;
        if (this.#depth <= 1) end = at + 1;
        if (this.#depth <= 0) this.#closed = true;
      }
    }
    return end;
  }
}
