/**
 * A response whose chunks are framed here: Node writes the size, its line end, the chunk and another line end as four
 * pieces, which for the events of a stream costs more than the event.
 */
import { type IncomingMessage, ServerResponse } from "node:http";

/** Bytes up to which a chunk is copied into its frame; a larger one is better left where it is. */
const MOST_COPIED = 16 * 1024;

type Done = (error?: Error | null) => void;

export class FramedResponse<
  Request extends IncomingMessage = IncomingMessage,
> extends ServerResponse<Request> {
  #begun = false;

  override write(chunk: unknown, encoding?: BufferEncoding | Done, done?: Done): boolean {
    // The first one brings the head along, which is not of the text's encoding.
    const own = this.#begun && this.chunkedEncoding && encoding === undefined;
    this.#begun = true;
    const frame = own ? frameOf(chunk) : undefined;
    if (frame === undefined) return super.write(chunk, encoding as BufferEncoding, done);
    this.chunkedEncoding = false;
    try {
      return super.write(frame);
    } finally {
      // The end of the reply has a frame of its own.
      this.chunkedEncoding = true;
    }
  }
}

function frameOf(chunk: unknown): Buffer | string | undefined {
  if (typeof chunk === "string") {
    return chunk === "" ? undefined : `${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`;
  }
  if (!Buffer.isBuffer(chunk)) return undefined;
  const size = chunk.length;
  if (size === 0 || size > MOST_COPIED) return undefined;
  const head = size.toString(16);
  const frame = Buffer.allocUnsafe(head.length + size + 4);
  const at = frame.write(`${head}\r\n`, "latin1");
  chunk.copy(frame, at);
  frame[at + size] = 13;
  frame[at + size + 1] = 10;
  return frame;
}
