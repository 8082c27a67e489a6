/** Chunks of a body that come at once, as one. No more than a read of the socket is ever held. */
export class Burst {
  #first: Buffer | undefined;
  #more: Buffer[] | undefined;

  get empty(): boolean {
    return this.#first === undefined;
  }

  add(chunk: Buffer): void {
    if (this.#first === undefined) this.#first = chunk;
    else if (this.#more === undefined) this.#more = [this.#first, chunk];
    else this.#more.push(chunk);
  }

  /** All of it; one chunk alone is not copied. */
  take(): Buffer {
    const { length = 0 } = this.#more ?? [];
    const bytes = this.#more === undefined || length === 0 ? this.#first : Buffer.concat(this.#more);
    this.#first = undefined;
    this.#more = undefined;
    return bytes ?? Buffer.alloc(0);
  }
}
