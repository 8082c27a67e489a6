/** A JSON file of the data folder that has a version: written whole, mode 0600, set aside when it is broken. */
import { readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as z from "zod";
import { readIfThere, writeWhole } from "../dataFolder.ts";
import { notSaved } from "../fileTrouble.ts";
import type { Clock, Log } from "../ports.ts";

export interface VersionedFileOptions<T> {
  /** Of `{version, …}`. */
  readonly schema: z.ZodType<T>;
  /** What the file holds, for the log: "what Portico remembered". */
  readonly what: string;
  readonly log: Pick<Log, "warn">;
  readonly clock: Pick<Clock, "now">;
  /** As `JSON.stringify` has it. */
  readonly replacer?: (key: string, value: unknown) => unknown;
}

export interface VersionedFile<T> {
  /** `undefined` where there is none, or none that can be read. */
  load(): Promise<T | undefined>;
  /** @throws FileTrouble */
  save(value: T): Promise<void>;
  /** With those that were set aside: they hold the same. @throws FileTrouble */
  remove(): Promise<void>;
}

/** Of files that this version writes. */
export const FILE_VERSION = 1;

const newer = z.looseObject({ version: z.int().min(FILE_VERSION + 1) });

/** Files set aside that are kept, the latest. */
export const KEPT_ASIDE = 2;

/** Characters; a file of our own is smaller. */
const MAX_TEXT = 512 * 1024 * 1024;

export function createVersionedFile<T>(
  path: string,
  { schema, what, log, clock, replacer }: VersionedFileOptions<T>,
  maxText = MAX_TEXT,
): VersionedFile<T> {
  /** Written by a newer Portico: left alone. */
  let readOnly = false;
  /** Writes happen one after the other. */
  let writing: Promise<void> = Promise.resolve();

  async function setAside(why: string): Promise<undefined> {
    const aside = `${path}.broken-${new Date(clock.now()).toISOString().replaceAll(/[:.]/g, "-")}`;
    await rename(path, aside);
    await forgetAside(KEPT_ASIDE);
    log.warn(`${what} could not be read (${why}) and is forgotten; the file is kept`, { file: aside });
    return undefined;
  }

  /** @param kept of the latest */
  async function forgetAside(kept: number): Promise<void> {
    const prefix = `${basename(path)}.broken-`;
    const names = (await readdir(dirname(path))).filter((name) => name.startsWith(prefix)).sort();
    for (const name of names.slice(0, names.length - kept))
      await rm(join(dirname(path), name), { force: true });
  }

  async function inTurn(write: () => Promise<void>): Promise<void> {
    const written = writing.then(write);
    writing = written.catch(() => {});
    try {
      await written;
    } catch (error) {
      throw notSaved(`${what.charAt(0).toUpperCase()}${what.slice(1)}`, path, error);
    }
  }

  return {
    async load() {
      const text = await readIfThere(path);
      if (text === undefined) return undefined;
      if (text.length > maxText) return await setAside("it is far too large");
      let json: unknown;
      try {
        json = JSON.parse(text);
      } catch {
        return await setAside("it is not JSON");
      }
      if (newer.safeParse(json).success) {
        readOnly = true;
        log.warn(`${what} was written by a newer version; it is left as it is`, { file: path });
        return undefined;
      }
      const parsed = schema.safeParse(json);
      if (parsed.success) return parsed.data;
      const issue = parsed.error.issues[0];
      return await setAside(`${issue?.path.join(".") ?? ""} ${issue?.message ?? "it is broken"}`.trim());
    },
    save(value) {
      if (readOnly) return Promise.resolve();
      const text = `${JSON.stringify(value, replacer)}\n`;
      return inTurn(() => writeWhole(path, text));
    },
    remove() {
      if (readOnly) return Promise.resolve();
      return inTurn(async () => {
        await rm(path, { force: true });
        await forgetAside(0);
      });
    },
  };
}
