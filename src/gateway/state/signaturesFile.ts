/** Proofs of reasoning in a file of the data folder, so that a restart breaks no conversation. */
import * as z from "zod";
import type { Clock, Log } from "../common/ports.ts";
import { createCacheFile } from "./cacheFile.ts";
import type { KeptSignature, SignaturePersistence } from "./signatureStore.ts";
import { FILE_VERSION } from "./versionedFile.ts";

/** UTF-16 units of the file; the latest proofs stay. */
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
  const what = "The saved proofs of reasoning";
  const file = createCacheFile<z.output<typeof schema>>(path, { schema, what, log, clock });
  return {
    load: async () => (await file.load())?.proofs,
    save: (proofs) => file.save({ version: FILE_VERSION, proofs: latest(proofs, most) }),
  };
}

function latest(proofs: readonly KeptSignature[], most: number): KeptSignature[] {
  let size = 0;
  const first = proofs.findLastIndex((proof) => {
    size += JSON.stringify(proof).length + 1;
    return size > most;
  });
  return proofs.slice(first + 1);
}
