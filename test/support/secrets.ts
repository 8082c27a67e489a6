/**
 * Secrets that tests make up carry a mark. Whoever finds it in a log, a message, an export or a file
 * that is no secret store has found a leak.
 */
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

export const MARK = "SEEDED";

/** @param kind how it begins; for whoever reads the report of a leak */
export function seededSecret(kind: string): string {
  return `${kind}-${MARK}-${randomBytes(18).toString("base64url")}`;
}

/** The mark, and what becomes of it in base64, wherever in a text it stands. */
const FORMS: readonly string[] = [
  MARK,
  ...[0, 1, 2].map((before) => {
    const encoded = Buffer.from(`${"x".repeat(before)}${MARK}`)
      .toString("base64")
      .replace(/=+$/, "");
    // The first and the last characters depend on what stands beside them.
    return encoded.slice(before === 0 ? 0 : before + 1, -1);
  }),
];

/** Where marks are in a text: the place, and what stands before. */
export function leaksIn(place: string, text: string): string[] {
  return FORMS.flatMap((form) => {
    const at = text.indexOf(form);
    return at === -1 ? [] : [`${place}: …${text.slice(Math.max(0, at - 60), at + form.length)}…`];
  });
}

/** The same of every file below a folder but the secret store; databases included. */
export async function leaksInFolder(
  folder: string,
  except: readonly string[] = ["secrets.json"],
  look: (place: string, text: string) => string[] = leaksIn,
): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || except.includes(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    // Gone meanwhile: temporary files are renamed.
    const text = await readFile(path, "latin1").catch(() => "");
    found.push(...look(path, text));
  }
  return found;
}
