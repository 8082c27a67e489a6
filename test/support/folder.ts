/** Scratch folders of tests. */
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new, empty folder: `/tmp/portico-NAME-4fGk2q`. */
export function makeFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `portico-${name}-`));
}

/** Also while something that is ending still writes there: a program, SQLite, a virus scanner. */
export function removeFolder(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}
