/** The state in one file of the data folder. */
import type { Clock, Log } from "../ports.ts";
import { type StateStore, stateSchema } from "./stateStore.ts";
import { createVersionedFile } from "./versionedFile.ts";

export interface StateFileOptions {
  readonly log: Pick<Log, "warn">;
  readonly clock: Pick<Clock, "now">;
  /** Takes secrets out of texts of providers, which repeat keys in what they refuse. */
  readonly redact: (text: string) => string;
}

/** Characters; a file of our own is far smaller. */
const MAX_TEXT = 64 * 1024 * 1024;

export function createStateFile(path: string, { log, clock, redact }: StateFileOptions): StateStore {
  const replacer = (key: string, value: unknown): unknown =>
    (key === "reason" || key === "name") && typeof value === "string" ? redact(value) : value;
  const what = "what Portico remembered";
  return createVersionedFile(path, { schema: stateSchema, what, log, clock, replacer }, MAX_TEXT);
}
