/** A versioned file that Portico can do without: all of it is read or nothing, and the log says why. */
import type * as z from "zod";
import type { Clock, Log } from "../common/ports.ts";
import { VersionedFile, wholly } from "./versionedFile.ts";

export interface CacheFileOptions<T> {
  /** Of `{version, …}`. */
  readonly schema: z.ZodType<T>;
  /** What the file holds: "What Portico remembered". */
  readonly what: string;
  readonly log: Pick<Log, "warn">;
  readonly clock: Pick<Clock, "now">;
  /** As `JSON.stringify` has it. */
  readonly replacer?: (key: string, value: unknown) => unknown;
  /** Characters. */
  readonly maxText?: number;
}

export interface CacheFile<T> {
  /** `undefined` where there is none, or none that can be read. */
  load(): Promise<T | undefined>;
  /** @throws FileFailure */
  save(value: T): Promise<void>;
  /** With those that were set aside: they hold the same. @throws FileFailure */
  remove(): Promise<void>;
}

export function createCacheFile<T>(path: string, options: CacheFileOptions<T>): CacheFile<T> {
  const { schema, log, replacer, ...rest } = options;
  const file = new VersionedFile<T>(path, {
    ...rest,
    use: "go on from it",
    read: wholly(schema),
    write: (value) => JSON.stringify(value, replacer),
  });
  return {
    async load() {
      const value = await file.load();
      if (file.notice !== undefined) log.warn(file.notice);
      // What a newer one wrote may mean something else.
      return file.readOnly ? undefined : value;
    },
    save: (value) => file.save(value),
    remove: () => file.remove(),
  };
}
