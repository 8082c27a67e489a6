/** A versioned file that holds a person's work: in memory as it is on the disk, saved at each change. */
import { PorticoError } from "../common/errors.ts";
import { type Reading, VersionedFile, type VersionedFileOptions } from "./versionedFile.ts";

export interface DocumentOptions<T> extends Omit<VersionedFileOptions<T>, "write" | "read" | "clock"> {
  /** Where there is no file, or none that can be read. */
  readonly empty: T;
  /** Also of what is no document at all: `undefined`. */
  readonly read: (json: unknown) => Reading<T> & { readonly value: T };
  /** What stands in the file, with its version. */
  readonly write: (value: T) => Readonly<Record<string, unknown>>;
}

export class Document<T> {
  readonly #file: VersionedFile<T>;
  #value: T;

  constructor(path: string, { empty, write, ...rest }: DocumentOptions<T>, now: () => number) {
    const text = (value: T) => JSON.stringify(write(value), undefined, 2);
    this.#file = new VersionedFile<T>(path, { ...rest, write: text, clock: { now } });
    this.#value = empty;
  }

  /**
   * Takes up what is in the file. A damaged one is copied aside, and what can be read of it is kept.
   * @throws only when the folder cannot be read or written.
   */
  async load(): Promise<this> {
    this.#value = (await this.#file.load()) ?? this.#value;
    if (this.#file.damaged) await this.replace(this.#value);
    return this;
  }

  protected get value(): T {
    return this.#value;
  }

  /** What a person should know about the file as it was found. */
  get notice(): string | undefined {
    return this.#file.notice;
  }

  /** Written by a newer Portico: shown, never overwritten. */
  get readOnly(): boolean {
    return this.#file.readOnly;
  }

  /** In force at once. @throws PorticoError where it cannot be saved; then nothing has changed */
  protected async replace(value: T): Promise<void> {
    if (this.readOnly) throw new PorticoError("permission", this.notice ?? "The file is read-only.");
    const before = this.#value;
    this.#value = value;
    try {
      await this.#file.save(value);
    } catch (error) {
      if (this.#value === value) this.#value = before;
      throw error;
    }
  }
}
