/** Clients that got their own settings back for as long as Portico does not run, and what connects them again. */
import * as z from "zod";
import type { Clock } from "../common/ports.ts";
import { FILE_VERSION, VersionedFile, wholly } from "../state/versionedFile.ts";
import type { Wanted } from "./formats/format.ts";
import { MOST_FILES, wantedSchema } from "./records.ts";

const MOST_CLIENTS = 50;

const suspendedSchema = z.object({
  id: z.string().min(1).max(100),
  /** The address that its values have, without a version. */
  baseUrl: z.string().min(1),
  /** The address in its own settings; absent: none. Another by now: somebody else has connected it. */
  own: z.string().exactOptional(),
  files: z
    .array(
      z.object({
        /** Through links. */
        path: z.string().min(1),
        /** Which of the client's settings it is. */
        settings: z.int().min(0).max(9),
        /** What goes into it again, without keys. */
        wanted: z.array(wantedSchema).max(1000),
      }),
    )
    .max(MOST_FILES),
});

export interface SuspendedClient {
  readonly id: string;
  readonly baseUrl: string;
  readonly own?: string;
  readonly files: readonly {
    readonly path: string;
    readonly settings: number;
    readonly wanted: readonly Wanted[];
  }[];
}

const fileSchema = z.object({
  version: z.literal(FILE_VERSION),
  clients: z.array(suspendedSchema).max(MOST_CLIENTS),
});

export type SuspendedFile = VersionedFile<readonly SuspendedClient[]>;

export function openSuspendedFile(path: string, clock: Pick<Clock, "now">): SuspendedFile {
  return new VersionedFile<readonly SuspendedClient[]>(path, {
    what: "What is to be connected again",
    use: "connect clients again",
    read(json) {
      const { value, ...rest } = wholly(fileSchema)(json);
      return value === undefined ? rest : { value: value.clients };
    },
    write: (clients) => JSON.stringify({ version: FILE_VERSION, clients }, undefined, 2),
    clock,
  });
}
