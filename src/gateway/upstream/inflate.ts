/**
 * Replies in clear. We ask providers for `identity`, yet some compress all the same, a few without
 * saying so: the header decides, else the first bytes do.
 */
import zlib from "node:zlib";
import type { Exchange } from "./exchange.ts";
import type { Flow, Sink } from "./flow.ts";

type Coding = "gzip" | "deflate" | "br" | "zstd";

const CODINGS: Readonly<Record<string, Coding>> = {
  gzip: "gzip",
  "x-gzip": "gzip",
  deflate: "deflate",
  br: "br",
  zstd: "zstd",
};

function decoder(coding: Coding): zlib.Gunzip | zlib.BrotliDecompress {
  switch (coding) {
    case "gzip":
      return zlib.createGunzip();
    case "deflate":
      return zlib.createInflate();
    case "br":
      return zlib.createBrotliDecompress();
    case "zstd":
      return zlib.createZstdDecompress();
  }
}

/** gzip: RFC 1952 2.3.1. zstd: RFC 8878 3.1.1. Neither can begin JSON, SSE or UTF-8 text. */
export function sniffCoding(start: Buffer): Coding | undefined {
  if (start.length >= 3 && start[0] === 0x1f && start[1] === 0x8b && start[2] === 8) return "gzip";
  if (start.length >= 4 && start.readUInt32LE(0) === 0xfd2fb528) return "zstd";
  return undefined;
}

/** The exchange with its body in clear; `content-encoding` and `content-length` are gone where it was not. */
export function inflated(exchange: Exchange, textual: boolean): Exchange {
  const named = exchange.headers["content-encoding"]?.trim().toLowerCase();
  if (named !== undefined && named !== "" && named !== "identity") {
    const coding = CODINGS[named];
    // Unknown codings are the client's to understand.
    if (coding === undefined) return exchange;
    const { "content-encoding": _coding, "content-length": _length, ...headers } = exchange.headers;
    return { ...exchange, headers, flow: new Inflated(exchange.flow, coding) };
  }
  // Audio and images may begin with any byte.
  if (!textual) return exchange;
  const { headers } = exchange;
  const onCoding = () => {
    delete headers["content-length"];
  };
  return { ...exchange, flow: new Sniffed(exchange.flow, onCoding) };
}

class Inflated implements Flow {
  readonly #from: Flow;
  readonly #zlib: zlib.Gunzip | zlib.BrotliDecompress;
  #dead = false;

  constructor(from: Flow, coding: Coding) {
    this.#from = from;
    this.#zlib = decoder(coding);
  }

  attach(sink: Sink): void {
    const inflate = this.#zlib;
    inflate.on("data", (chunk: Buffer) => sink.data(chunk));
    inflate.on("end", () => sink.end());
    inflate.on("error", (error) => {
      if (this.#dead) return;
      this.abort();
      sink.error(error);
    });
    inflate.on("drain", () => this.#from.resume());
    this.#from.attach({
      // zlib works in another thread; undici's buffer is ours to hand on.
      data: (chunk) => {
        if (!inflate.write(chunk)) this.#from.pause();
      },
      end: () => inflate.end(),
      error: (error) => {
        if (this.#dead) return;
        this.#dead = true;
        inflate.destroy();
        sink.error(error);
      },
    });
  }

  pause(): void {
    this.#zlib.pause();
  }

  resume(): void {
    this.#zlib.resume();
  }

  abort(): void {
    this.#dead = true;
    this.#from.abort();
    this.#zlib.destroy();
  }
}

/** Looks at the first bytes, then steps aside. */
class Sniffed implements Flow {
  readonly #from: Flow;
  readonly #onCoding: () => void;
  #inflated: Inflated | undefined;

  /** @param onCoding hears it before any data where the body turns out to be compressed */
  constructor(from: Flow, onCoding: () => void) {
    this.#from = from;
    this.#onCoding = onCoding;
  }

  attach(sink: Sink): void {
    let target: Sink | undefined;
    this.#from.attach({
      data: (chunk) => {
        if (target === undefined) {
          const coding = sniffCoding(chunk);
          target = coding === undefined ? sink : this.#through(coding, sink);
        }
        target.data(chunk);
      },
      end: () => (target ?? sink).end(),
      error: (error) => (target ?? sink).error(error),
    });
  }

  #through(coding: Coding, sink: Sink): Sink {
    this.#onCoding();
    const entry: { sink?: Sink } = {};
    const from = this.#from;
    this.#inflated = new Inflated(
      {
        attach: (inner) => {
          entry.sink = inner;
        },
        pause: () => from.pause(),
        resume: () => from.resume(),
        abort: () => from.abort(),
      },
      coding,
    );
    this.#inflated.attach(sink);
    return entry.sink ?? sink;
  }

  pause(): void {
    (this.#inflated ?? this.#from).pause();
  }

  resume(): void {
    (this.#inflated ?? this.#from).resume();
  }

  abort(): void {
    (this.#inflated ?? this.#from).abort();
  }
}
