/** A body that is pushed: no queue of its own, so that back-pressure reaches the socket it comes from. */

export interface Sink {
  /** Never empty. Keeping `chunk` for long keeps the whole read buffer that it is a view of. */
  data(chunk: Buffer): void;
  end(): void;
  /** The body broke off; neither `data` nor `end` follows. */
  error(error: Error): void;
}

export interface Flow {
  /** Exactly once. What arrived before is delivered at once. */
  attach(sink: Sink): void;
  pause(): void;
  resume(): void;
  /** Drops the connection; the sink hears nothing more. */
  abort(): void;
}

/** Thrown by `collect` when a body is larger than allowed. */
export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}

/** Told of what happens while a body is read. */
export interface BodyListener {
  /** Its first byte has come. */
  begun?(): void;
  /** It broke off; `part` is what came. */
  broken?(part: Buffer): void;
}

/**
 * Reads a whole body.
 * @param limit bytes; a longer body is aborted and rejects with `BodyTooLarge`
 */
export function collect(flow: Flow, limit: number, listener: BodyListener = {}): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    flow.attach({
      data(chunk) {
        if (size === 0) listener.begun?.();
        size += chunk.length;
        if (size > limit) {
          flow.abort();
          reject(new BodyTooLarge(`the body has more than ${limit} bytes`));
          return;
        }
        chunks.push(chunk);
      },
      end: () => resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
      error(error) {
        listener.broken?.(Buffer.concat(chunks));
        reject(error);
      },
    });
  });
}

/**
 * Reads up to `limit` bytes and ends the exchange there: for error bodies, of which the start is
 * enough.
 */
export function collectStart(flow: Flow, limit: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const done = () => resolve(Buffer.concat(chunks, Math.min(size, limit)));
    flow.attach({
      data(chunk) {
        if (size >= limit) return;
        chunks.push(chunk);
        size += chunk.length;
        if (size >= limit) {
          flow.abort();
          done();
        }
      },
      end: done,
      // Half an error body still says more than none.
      error: done,
    });
  });
}
