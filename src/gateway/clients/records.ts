/** What was written into other programs' files, one record per client in a folder that all of a user's Porticos share. */
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { folderLock } from "../accounts/credentials/lock.ts";
import { namesIfThere } from "../common/dataFolder.ts";
import { PorticoError } from "../common/errors.ts";
import type { Clock } from "../common/ports.ts";
import { configDirectory, type Host } from "../config/dataDir.ts";
import { FILE_VERSION, VersionedFile, wholly } from "../state/versionedFile.ts";
import type { Json } from "./formats/format.ts";
import type { Version } from "./plan.ts";

const path = z.array(z.string()).min(1).max(20);

/** `Wanted`. */
export const wantedSchema = z.object({
  path,
  value: z.json() as z.ZodType<Json>,
  item: z.literal(true).exactOptional(),
  renewed: z.literal(true).exactOptional(),
  secret: z.object({ beside: path }).exactOptional(),
});

const changeSchema = wantedSchema.extend({
  before: z.string().exactOptional(),
  made: z.int().min(0).max(20),
  around: z.string().exactOptional(),
  stoodBeside: z.string().exactOptional(),
});

/** Files of one client that are ours: those that it reads now, and those that it read before. */
export const MOST_FILES = 10;

const fileSchema = z.object({
  /** Through links. */
  path: z.string().min(1),
  /** Which of the client's settings it was. */
  settings: z.int().min(0).max(9),
  /** Two where it is not known whether the later was written. */
  versions: z
    .array(
      z.object({ hash: z.string(), original: z.string().exactOptional(), changes: z.array(changeSchema) }),
    )
    .min(1)
    .max(2),
  /** Folders that were made for it, the innermost first. */
  folders: z.array(z.string()),
});
/** What was written into one file. */
export interface FileRecord {
  readonly path: string;
  readonly settings: number;
  readonly versions: readonly Version[];
  readonly folders: readonly string[];
}

const recordSchema = z.object({
  version: z.literal(FILE_VERSION),
  files: z.array(fileSchema).min(1).max(MOST_FILES),
});

export interface Records {
  /** One at a time, on this computer. */
  hold<T>(job: () => Promise<T>): Promise<T>;
  /** Of a client; none: it was not connected. @throws PorticoError where a record cannot be read */
  read(client: string): Promise<readonly FileRecord[]>;
  /** None: the record goes. */
  write(client: string, files: readonly FileRecord[]): Promise<void>;
  /** The clients that have one. */
  names(): Promise<string[]>;
}

/** Where a user's records are. */
export const recordsFolder = (host: Host): string => join(configDirectory(host), "connected");

/** Is any client connected by its settings? */
export async function hasRecords(host: Host): Promise<boolean> {
  return (await namesIn(recordsFolder(host))).length > 0;
}

/**
 * @param folder made when it is first written to, mode 0700
 * @param lockMs milliseconds to wait for whoever holds them
 */
export function openRecords(folder: string, clock: Pick<Clock, "now">, lockMs?: number): Records {
  const lock = folderLock(join(folder, "locks"), lockMs);
  const fileOf = (client: string) =>
    new VersionedFile<readonly FileRecord[]>(join(folder, `${client}.json`), {
      what: "What was connected",
      use: "change what this client is connected to",
      read(json) {
        const { value, ...rest } = wholly(recordSchema)(json);
        return value === undefined ? rest : { value: value.files };
      },
      write: (files) => JSON.stringify({ version: FILE_VERSION, files }, undefined, 2),
      clock,
      // It alone knows what stood in a person's file.
      stays: true,
    });
  /** @throws PorticoError: what it says of the original must not be lost by writing over it */
  async function loaded(client: string) {
    const file = fileOf(client);
    const files = (await file.load()) ?? [];
    if (file.notice !== undefined) throw new PorticoError("unavailable", file.notice);
    return { file, files };
  }
  return {
    async hold(job) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if (process.platform !== "win32") await chmod(folder, 0o700);
      return lock.hold("connected", job);
    },
    read: async (client) => (await loaded(client)).files,
    async write(client, files) {
      const { file } = await loaded(client);
      await (files.length === 0 ? file.remove() : file.save(files));
    },
    names: () => namesIn(folder),
  };
}

/** Of the clients that have a record. */
async function namesIn(folder: string): Promise<string[]> {
  const names = await namesIfThere(folder);
  return names.flatMap((name) => /^([a-z-]+)\.json$/.exec(name)?.[1] ?? []).sort();
}
