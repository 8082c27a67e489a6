/** What a client has kept of Portico in files of its own, and nobody needs once it is disconnected. */
import { type ClientFile, readClientFile } from "./clientFile.ts";
import type { FileRecord } from "./records.ts";
import type { ClientHost, ClientSpec } from "./table/client.ts";
import { textAt } from "./values.ts";

/**
 * Those of the client's caches that are about an address that Portico has written, and no other.
 * @param recorded what was written into the client's settings
 */
export async function cachesOfOurs(
  spec: ClientSpec,
  host: ClientHost,
  recorded: readonly FileRecord[],
): Promise<ClientFile[]> {
  const written = new Set(
    recorded.flatMap(({ versions }) => versions.flatMap(({ changes }) => changes.map(({ value }) => value))),
  );
  const found: ClientFile[] = [];
  for (const { path, format, address } of spec.caches?.(host) ?? []) {
    try {
      const file = await readClientFile(path);
      const about = textAt(format.parse(file.text ?? ""), address);
      if (about !== undefined && written.has(about)) found.push(file);
    } catch {
      // What cannot be read is not known to be about us.
    }
  }
  return found;
}
