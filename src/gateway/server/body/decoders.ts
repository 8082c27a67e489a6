/** Content codings of a request body: their names and a bounded-memory stream for each. */
import { Duplex } from "node:stream";
import * as zlib from "node:zlib";
import { lasting } from "../../common/errors.ts";
import { ZstdFrames } from "./zstd.ts";

/** Bytes per inflated piece. */
const CHUNK = 64 * 1024;
/** Nobody stacks more; each stage costs memory. */
const MAX_STACKED = 3;

const decoders: Readonly<Record<string, () => Duplex | Duplex[]>> = {
  gzip: () => zlib.createGunzip({ chunkSize: CHUNK }),
  "x-gzip": () => zlib.createGunzip({ chunkSize: CHUNK }),
  br: () => zlib.createBrotliDecompress({ chunkSize: CHUNK }),
  deflate: () => new DeflateDecoder(),
  // Since Node 22.15.
  ...("createZstdDecompress" in zlib
    ? { zstd: () => [new ZstdFrames(), zlib.createZstdDecompress({ chunkSize: CHUNK })] }
    : {}),
};

/**
 * The codings of a `Content-Encoding`, in the order they were applied; `identity` is none.
 * @throws PorticoError `invalid_request` 415 for an unknown one or too many.
 */
export function contentCodings(header: string | readonly string[] | undefined): string[] {
  const names = String(header ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "identity");
  const unknown = names.find((name) => !Object.hasOwn(decoders, name));
  if (unknown === undefined && names.length <= MAX_STACKED) return names;
  const known = Object.keys(decoders).join(", ");
  const what =
    unknown === undefined
      ? `more than ${MAX_STACKED} content encodings`
      : `the content encoding "${unknown.slice(0, 40)}"`;
  throw lasting("invalid_request", `Portico does not read ${what}; it reads ${known}.`, { status: 415 });
}

/**
 * The streams that undo a coding, one behind the other.
 * @param coding a name that `contentCodings` gave.
 */
export function decodersFor(coding: string): Duplex[] {
  const create = decoders[coding];
  if (create === undefined) throw new TypeError(`no decoder for ${coding}`);
  return [create()].flat();
}

/**
 * `deflate` as it is and as some clients believe it is: with the zlib header (RFC 1950) or raw
 * (RFC 1951). The first two bytes tell.
 */
class DeflateDecoder extends Duplex {
  #inner: zlib.Inflate | zlib.InflateRaw | undefined;
  #first: Buffer = Buffer.alloc(0);

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#inner === undefined) {
      this.#first = this.#first.length === 0 ? chunk : Buffer.concat([this.#first, chunk]);
      if (this.#first.length < 2) done();
      else this.#open().write(this.#first, done);
    } else {
      this.#inner.write(chunk, done);
    }
  }

  override _final(done: (error?: Error | null) => void): void {
    (this.#inner ?? this.#open()).end(this.#inner === undefined ? this.#first : undefined);
    done();
  }

  override _read(): void {
    this.#inner?.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#inner?.destroy();
    done(error);
  }

  #open(): zlib.Inflate | zlib.InflateRaw {
    const [first = 0, second = 0] = this.#first;
    const wrapped = (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
    const inner = wrapped
      ? zlib.createInflate({ chunkSize: CHUNK })
      : zlib.createInflateRaw({ chunkSize: CHUNK });
    inner.on("data", (data: Buffer) => {
      if (!this.push(data)) inner.pause();
    });
    inner.on("end", () => this.push(null));
    inner.on("error", (error) => this.destroy(error));
    this.#inner = inner;
    return inner;
  }
}
