/**
 * Lines for somebody who may have stopped reading (`| less`, a supervisor that hangs). A pipe that is full takes
 * nothing more, and Node.js keeps what waits in memory: here that has an end, and what is left out is counted.
 */

/** Of a writable stream. */
export interface Output {
  /** Bytes that wait. */
  readonly writableLength: number;
  write(text: string): unknown;
  /** Called when nothing waits any longer. */
  once(event: "drain", listener: () => void): unknown;
}

export interface BoundedOutputOptions {
  /** Bytes that may wait. */
  readonly maxBytes?: number;
  /** A line that says how many are missing; `""`: it is said elsewhere. */
  readonly missing: (lines: number) => string;
  /** Nobody reads, or somebody does again. */
  readonly onStuck?: (stuck: boolean) => void;
}

const MAX_WAITING_BYTES = 1024 * 1024;

export class BoundedOutput {
  readonly #output: Output;
  readonly #options: BoundedOutputOptions;
  #missing = 0;

  constructor(output: Output, options: BoundedOutputOptions) {
    this.#output = output;
    this.#options = options;
  }

  /** Lines left out since somebody last read. */
  get missing(): number {
    return this.#missing;
  }

  /** @param lines each with its line feed */
  write(lines: string): void {
    const { maxBytes = MAX_WAITING_BYTES } = this.#options;
    if (this.#missing === 0 && this.#output.writableLength < maxBytes) {
      this.#output.write(lines);
      return;
    }
    const first = this.#missing === 0;
    this.#missing += lines.split("\n").length - 1;
    if (!first) return;
    this.#output.once("drain", () => this.#read());
    this.#options.onStuck?.(true);
  }

  #read(): void {
    const missing = this.#missing;
    this.#missing = 0;
    this.#output.write(this.#options.missing(missing));
    this.#options.onStuck?.(false);
  }
}
