/** Signatures of reasoning in a file of the data folder, so that a restart breaks no conversation. */
import * as z from "zod";
import type { Clock, Log } from "../common/ports.ts";
import { createCacheFile } from "./cacheFile.ts";
import type { SignaturePersistence } from "./signatureStore.ts";
import type { StoredSignature } from "./storedSignature.ts";
import { FILE_VERSION } from "./versionedFile.ts";

/** UTF-16 units of the file; the latest signatures stay. */
const MOST = 8 * 1024 * 1024;

const schema = z.object({ version: z.literal(FILE_VERSION), proofs: z.array(z.unknown()) });

export interface SignaturesFileOptions {
  readonly log: Pick<Log, "warn">;
  readonly clock: Pick<Clock, "now">;
  readonly most?: number;
}

export function createSignaturesFile(
  path: string,
  { log, clock, most = MOST }: SignaturesFileOptions,
): SignaturePersistence {
  const what = "The saved signatures of reasoning";
  const file = createCacheFile<z.output<typeof schema>>(path, { schema, what, log, clock });
  return {
    load: async () => (await file.load())?.proofs,
    save: (signatures) => file.save({ version: FILE_VERSION, proofs: latest(signatures, most) }),
  };
}

function latest(signatures: readonly StoredSignature[], most: number): StoredSignature[] {
  let size = 0;
  const first = signatures.findLastIndex((signature) => {
    size += JSON.stringify(signature).length + 1;
    return size > most;
  });
  return signatures.slice(first + 1);
}
