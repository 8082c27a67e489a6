// What a package may weigh.
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./paths.mjs";

/** Unit: bytes. */
const MAX_BYTES = 2_200_000;

/**
 * Says how large a package is that was made in the root.
 * @param {string} name @param {number} files how many are in it
 * @throws where it is too large
 */
export async function sayPackage(name, files) {
  const { size } = await stat(join(root, name));
  if (size > MAX_BYTES) throw new Error(`${name} has ${size} bytes; more than ${MAX_BYTES} is a mistake`);
  console.log(`${name} (${(size / 1024).toFixed(0)} kB, ${files} files)`);
}
