/** What activation loads, which says more than how long it took on a machine that has other work. */
import assert from "node:assert/strict";
import type { Companion } from "./companion.ts";
import type { Workbench } from "./workbench.ts";

const EXTENSION = "portico-gateway.portico";
/** Bytes of script that activation may load. */
const MOST_BYTES = 110_000;
/** Milliseconds that activation may take, as it is promised; told when it is missed. */
const PROMISED_MS = 50;

/** @returns what there is to report */
export async function activation(window: Workbench, companion: Companion): Promise<string> {
  const loaded = await companion.loaded(EXTENSION);
  assert.deepEqual(
    loaded.map(({ file }) => file),
    ["dist/extension.cjs"],
  );
  const bytes = loaded.reduce((sum, each) => sum + each.bytes, 0);
  assert.ok(bytes < MOST_BYTES, `it loads ${bytes} bytes`);
  const took = await window.activationMs("Portico");
  const missed = took < PROMISED_MS ? "" : `, over ${PROMISED_MS} on this busy machine`;
  return `${Math.round(bytes / 1000)} kB in ${took} ms${missed}`;
}
