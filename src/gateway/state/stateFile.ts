/** The state in one file of the data folder. */
import type { Clock, Log } from "../common/ports.ts";
import { createCacheFile } from "./cacheFile.ts";
import { type StateStore, stateSchema } from "./stateStore.ts";

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
  const what = "What Portico remembered";
  return createCacheFile(path, { schema: stateSchema, what, log, clock, replacer, maxText: MAX_TEXT });
}
