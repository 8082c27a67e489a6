/**
 * Pages that lead to the dashboard, each a file of mode 0600 in a folder of the user's own. A browser is started
 * with the file's path: whoever lists the processes of this computer sees arguments, and a link is a way in.
 */
import { randomBytes } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "../../common/dataFolder.ts";
import type { Clock, Log, Timer } from "../../common/ports.ts";
import { leadingHtml } from "./page.ts";

/** The oldest goes first. */
export const MAX_FILES = 16;

export interface LinkFilesOptions {
  readonly folder: string;
  readonly clock: Pick<Clock, "setTimeout">;
  readonly log: Pick<Log, "warn">;
}

const NAME = /^open-dashboard-[A-Za-z0-9_-]{8,40}\.html$/;

export class LinkFiles {
  readonly #options: LinkFilesOptions;
  /** By the code that the page has. */
  readonly #files = new Map<string, { path: string; timer: Timer }>();

  constructor(options: LinkFilesOptions) {
    this.#options = options;
  }

  /** What a process that was killed left. Never rejects. */
  async sweep(): Promise<void> {
    const { folder } = this.#options;
    const kept = new Set([...this.#files.values()].map(({ path }) => path));
    try {
      for (const name of await readdir(folder)) {
        const path = join(folder, name);
        if (NAME.test(name) && !kept.has(path)) await this.#delete(path);
      }
    } catch (error) {
      this.#options.log.warn("old links to the dashboard could not be looked for", { error: String(error) });
    }
  }

  /**
   * @param ms after which it goes
   * @returns the path. @throws where it cannot be written
   */
  async write(code: string, url: string, ms: number): Promise<string> {
    const path = join(this.#options.folder, `open-dashboard-${randomBytes(9).toString("base64url")}.html`);
    await writeWhole(path, leadingHtml(url));
    const timer = this.#options.clock.setTimeout(() => void this.remove(code), ms);
    this.#files.set(code, { path, timer });
    for (const oldest of this.#files.keys()) {
      if (this.#files.size <= MAX_FILES) break;
      await this.remove(oldest);
    }
    return path;
  }

  /** Its link was used, or is of no use any longer. Never rejects. */
  async remove(code: string): Promise<void> {
    const file = this.#files.get(code);
    if (file === undefined) return;
    this.#files.delete(code);
    file.timer.cancel();
    await this.#delete(file.path);
  }

  /** Never rejects. */
  async close(): Promise<void> {
    for (const code of [...this.#files.keys()]) await this.remove(code);
  }

  async #delete(path: string): Promise<void> {
    await rm(path, { force: true }).catch((error: unknown) => {
      this.#options.log.warn("a link to the dashboard could not be deleted", { error: String(error) });
    });
  }
}
