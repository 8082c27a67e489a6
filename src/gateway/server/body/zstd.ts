/** Notices zstd data that was cut short: Node's decoder says nothing of it before Node 24. */
import { Transform, type TransformCallback } from "node:stream";

const FRAME = 0xfd2fb528;
/** The lowest of the sixteen magic numbers of frames to skip. */
const SKIPPABLE = 0x184d2a50;

/**
 * Passes everything on and walks from block to block (RFC 8878, 3.1). It fails at the end of the
 * data when a frame is open; whether the rest is valid is the decoder's business.
 */
export class ZstdFrames extends Transform {
  #header = Buffer.alloc(0);
  /** Bytes of a block to pass over. */
  #skip = 0;
  #next: "frame" | "block" | "unknown" = "frame";
  #checksum = false;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let rest = chunk;
    while (rest.length > 0 && this.#next !== "unknown") {
      const passed = Math.min(this.#skip, rest.length);
      this.#skip -= passed;
      rest = rest.subarray(passed);
      // One byte at a time is enough for headers of 3 to 18 bytes.
      if (rest.length === 0) break;
      this.#header = Buffer.concat([this.#header, rest.subarray(0, 1)]);
      rest = rest.subarray(1);
      const read = this.#next === "block" ? this.#block() : this.#frame();
      if (read) this.#header = Buffer.alloc(0);
    }
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    const open = this.#next === "block" || this.#skip > 0 || this.#header.length > 0;
    done(open && this.#next !== "unknown" ? new Error("unexpected end of zstd data") : null);
  }

  #frame(): boolean {
    const header = this.#header;
    if (header.length < 5) return false;
    const magic = header.readUInt32LE(0);
    if (magic >= SKIPPABLE && magic < SKIPPABLE + 16) {
      if (header.length < 8) return false;
      this.#skip = header.readUInt32LE(4);
      return true;
    }
    if (magic !== FRAME) {
      this.#next = "unknown";
      return true;
    }
    const descriptor = header[4] ?? 0;
    const single = (descriptor & 0x20) !== 0;
    const size = [single ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
    const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
    this.#checksum = (descriptor & 4) !== 0;
    this.#next = "block";
    this.#skip = size + dictionary + (single ? 0 : 1);
    return true;
  }

  #block(): boolean {
    if (this.#header.length < 3) return false;
    const header = this.#header.readUIntLE(0, 3);
    const repeated = ((header >> 1) & 3) === 1;
    this.#skip = repeated ? 1 : header >> 3;
    if ((header & 1) === 1) {
      this.#skip += this.#checksum ? 4 : 0;
      this.#next = "frame";
    }
    return true;
  }
}
