/** Follows the config file while it is edited, replaced, removed and brought back. */
import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import { codeOf } from "../common/dataFolder.ts";
import { whyRefused } from "../common/fileFailure.ts";
import type { Clock, Timer } from "../common/ports.ts";
import { readText } from "../common/readText.ts";
import type { ConfigProblem } from "./document.ts";
import { type Environment, type LoadedSettings, loadSettings } from "./load.ts";

export interface ConfigWatchOptions {
  readonly file: string;
  /** The text that is in force, so that it is not reported as a change. */
  readonly text: string;
  readonly env: Environment;
  readonly clock: Clock;
  /** Milliseconds of quiet after an event before the file is read: editors write in several steps. */
  readonly debounceMs?: number;
  /** Milliseconds between looks without any event: network drives, links and removed folders send none. */
  readonly pollMs?: number;
  /** A valid change. The next one is read only after the returned promise. */
  onValid(loaded: LoadedSettings): Promise<void> | void;
  /** A change that does not hold; what was in force stays so. */
  onInvalid(problems: readonly ConfigProblem[]): void;
  /** The file cannot be read (any more); told once until it is back. */
  onUnreadable(reason: string): void;
}

export interface ConfigWatcher {
  /** Ends it; no callback comes after this. */
  close(): void;
}

/**
 * Calls back on each change of the file's text. The folder is watched, not the file, as editors
 * put a new file in the old one's place; a slow poll stands behind it.
 */
export function watchConfig(options: ConfigWatchOptions): ConfigWatcher {
  const { file, clock, debounceMs = 100, pollMs = 2000 } = options;
  let text: string | undefined = options.text;
  /** Did not hold at the last look. */
  let unsure: string | undefined;
  let folder: FSWatcher | undefined;
  let debounce: Timer | undefined;
  let poll: Timer | undefined;
  let closed = false;
  let looking = false;
  let again = false;

  function arm(): void {
    if (closed || folder !== undefined) return;
    try {
      const watcher = watch(dirname(file), { persistent: false }, soon);
      watcher.on("error", () => disarm(watcher));
      folder = watcher;
    } catch {
      // No such folder, or no more watches to be had: the poll sees changes all the same.
    }
  }

  function disarm(watcher: FSWatcher): void {
    watcher.close();
    if (folder === watcher) folder = undefined;
  }

  function soon(): void {
    if (closed) return;
    debounce?.cancel();
    debounce = clock.setTimeout(() => void look(), debounceMs);
  }

  async function look(): Promise<void> {
    if (looking) {
      again = true;
      return;
    }
    looking = true;
    try {
      do {
        again = false;
        await read();
      } while (again && !closed);
    } finally {
      looking = false;
    }
  }

  async function read(): Promise<void> {
    let found: string;
    try {
      found = await readText(file);
    } catch (error) {
      if (closed || text === undefined) return;
      text = undefined;
      // The folder may be a new one when the file comes back.
      if (folder !== undefined) disarm(folder);
      arm();
      options.onUnreadable(codeOf(error) === "ENOENT" ? "it is gone" : whyRefused(error));
      return;
    }
    if (closed || found === text) {
      unsure = undefined;
      return;
    }
    const result = loadSettings(found, options.env);
    if (!result.ok && found !== unsure) {
      // It may be half written: what is wrong is told when it is still so after a moment.
      unsure = found;
      soon();
      return;
    }
    unsure = undefined;
    text = found;
    if (result.ok) await options.onValid(result);
    else options.onInvalid(result.problems);
  }

  function schedulePoll(): void {
    poll = clock.setTimeout(() => {
      arm();
      void look().finally(() => {
        if (!closed) schedulePoll();
      });
    }, pollMs);
  }

  arm();
  soon();
  schedulePoll();
  return {
    close() {
      closed = true;
      debounce?.cancel();
      poll?.cancel();
      if (folder !== undefined) disarm(folder);
    },
  };
}
