/** A JSON file of the data folder that has a version: written whole, mode 0600, set aside when it is damaged. */
import { copyFile, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as z from "zod";
import { readIfThere, writeWhole } from "../common/dataFolder.ts";
import { notSaved } from "../common/fileFailure.ts";
import { parseJson } from "../common/json.ts";
import type { Clock } from "../common/ports.ts";

/** What a file's text says. */
export interface Reading<T> {
  /** As far as it can be read; absent: nothing of it. */
  readonly value?: T;
  /** What is wrong with it, as words. */
  readonly damaged?: string;
}

export interface VersionedFileOptions<T> {
  /** What the file holds, as the subject of a sentence: "The accounts". */
  readonly what: string;
  /** What this Portico may not do with a newer one's file: "change accounts". */
  readonly use: string;
  /**
   * `{version, …}` -> what it holds. Of a file that a newer Portico wrote, what is understood is
   * read all the same and the file never written.
   */
  readonly read: (json: unknown) => Reading<T>;
  /** The text of the file. */
  readonly write: (value: T) => string;
  readonly clock: Pick<Clock, "now">;
  /** A damaged one stays where it is, and is not written before a person has moved it away. */
  readonly stays?: boolean;
  /** Characters; a file of our own is smaller. */
  readonly maxText?: number;
}

/** Of files that this version writes. */
export const FILE_VERSION = 1;

const newer = z.looseObject({ version: z.int().min(FILE_VERSION + 1) });

/** Files set aside that are kept, the latest. */
export const KEPT_ASIDE = 2;
/** Of those that could be read in part: what else they hold may be a person's work. */
export const KEPT_COPIES = 20;

const MAX_TEXT = 512 * 1024 * 1024;

export class VersionedFile<T> {
  readonly #path: string;
  readonly #options: VersionedFileOptions<T>;
  /** Writes happen one after the other. */
  #writing: Promise<void> = Promise.resolve();
  #notice: string | undefined;
  #readOnly = false;
  #damaged = false;

  constructor(path: string, options: VersionedFileOptions<T>) {
    this.#path = path;
    this.#options = options;
  }

  /** What a person should know about the file as it was found. */
  get notice(): string | undefined {
    return this.#notice;
  }

  /** Written by a newer Portico, or damaged where that has to stay: never overwritten. */
  get readOnly(): boolean {
    return this.#readOnly;
  }

  /** What `load` returned is not all that the file held. */
  get damaged(): boolean {
    return this.#damaged;
  }

  /**
   * Keeps a damaged file aside: moved, or copied where something of it could be read, so that it is
   * there until that is written.
   * @returns `undefined` where there is no file, or none that can be read.
   * @throws only when the folder cannot be read or written.
   */
  async load(): Promise<T | undefined> {
    const text = await readIfThere(this.#path);
    if (text === undefined) return undefined;
    const { read, use, stays = false, maxText = MAX_TEXT } = this.#options;
    const json = text.length > maxText ? undefined : parseJson(text);
    if (newer.safeParse(json).success) {
      this.#readOnly = true;
      this.#notice = `${basename(this.#path)} was written by a newer Portico. Update Portico to ${use}.`;
      return read(json).value;
    }
    const { value, damaged } = read(json);
    if (damaged === undefined) return value;
    const why =
      text.length > maxText ? "it is far too large" : json === undefined ? "it is not JSON" : damaged;
    if (stays) {
      this.#readOnly = true;
      this.#notice = `${this.#path} could not be read (${why}). Mend it, or move it away to ${use}.`;
      return undefined;
    }
    await this.#setAside(why, value === undefined);
    return value;
  }

  /** Nothing where the file is a newer Portico's. @throws FileFailure */
  async save(value: T): Promise<void> {
    if (this.#readOnly) return;
    const text = `${this.#options.write(value)}\n`;
    await this.#inTurn(() => writeWhole(this.#path, text));
  }

  /** With those that were set aside: they hold the same. @throws FileFailure */
  async remove(): Promise<void> {
    if (this.#readOnly) return;
    await this.#inTurn(async () => {
      await rm(this.#path, { force: true });
      await this.#forgetAside(0);
    });
  }

  async #setAside(why: string, whole: boolean): Promise<void> {
    const time = new Date(this.#options.clock.now()).toISOString().replaceAll(/[:.]/g, "-");
    const aside = `${this.#path}.broken-${time}`;
    await (whole ? rename : copyFile)(this.#path, aside);
    await this.#forgetAside(whole ? KEPT_ASIDE : KEPT_COPIES);
    this.#damaged = true;
    const extent = whole ? "" : " in full";
    this.#notice = `${basename(this.#path)} could not be read${extent} (${why}). The file as it was is kept at ${aside}.`;
  }

  /** @param kept of the latest */
  async #forgetAside(kept: number): Promise<void> {
    const folder = dirname(this.#path);
    const prefix = `${basename(this.#path)}.broken-`;
    const names = (await readdir(folder)).filter((name) => name.startsWith(prefix)).sort();
    for (const name of names.slice(0, Math.max(0, names.length - kept)))
      await rm(join(folder, name), { force: true });
  }

  async #inTurn(write: () => Promise<void>): Promise<void> {
    const written = this.#writing.then(write);
    this.#writing = written.catch(() => {});
    try {
      await written;
    } catch (error) {
      throw notSaved(this.#options.what, this.#path, error);
    }
  }
}

/** All of it or nothing: for `read`. */
export function wholly<T>(schema: z.ZodType<T>): (json: unknown) => Reading<T> {
  return (json) => {
    const result = schema.safeParse(json);
    return result.success ? { value: result.data } : { damaged: firstIssue(result.error) };
  };
}

/** The first of what is wrong, with its place. */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue === undefined ? "it is broken" : `${issue.path.join(".") || "the whole"} ${issue.message}`;
}
