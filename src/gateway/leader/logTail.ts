/** The log's last lines, for a bug report. */
import type { Events } from "../../control/contract.ts";

export const MAX_LINES = 200;

export class LogTail {
  #lines: string[] = [];

  /** Secrets are taken out of it already. */
  add({ level, time, message }: Events["log"]): void {
    this.#lines.push(`${new Date(time).toISOString()} ${level} ${message}`);
    if (this.#lines.length >= 2 * MAX_LINES) this.#lines = this.#lines.slice(-MAX_LINES);
  }

  /** Oldest first. */
  get lines(): readonly string[] {
    return this.#lines.slice(-MAX_LINES);
  }
}
