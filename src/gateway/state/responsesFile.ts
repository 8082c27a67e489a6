/** Stored responses and conversations in a file of the data folder, for those who want that. */
import * as z from "zod";
import type { Clock, Log } from "../common/ports.ts";
import { type CacheFile, createCacheFile } from "./cacheFile.ts";
import { FILE_VERSION } from "./versionedFile.ts";

const schema = z.object({
  version: z.literal(FILE_VERSION),
  /** Least recently used first; each is checked by the store. */
  responses: z.array(z.unknown()),
  conversations: z.array(z.unknown()),
});

export type SavedResponses = z.output<typeof schema>;
export type ResponsesFile = CacheFile<SavedResponses>;

export function createResponsesFile(
  path: string,
  options: { readonly log: Pick<Log, "warn">; readonly clock: Pick<Clock, "now"> },
): ResponsesFile {
  return createCacheFile(path, { schema, what: "The saved responses", ...options });
}
