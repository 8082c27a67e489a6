/** Ids of traces and spans: https://www.w3.org/TR/trace-context/#trace-id */
import { randomBytes } from "node:crypto";

/** Bytes fetched from the system at once. */
const POOL_BYTES = 2048;
let pool = Buffer.alloc(0);
let poolAt = 0;

/** @param bytes 16 for a trace, 8 for a span @returns hexadecimal digits, never all zero */
export function newId(bytes: 8 | 16): string {
  if (poolAt + bytes > pool.length) {
    pool = randomBytes(POOL_BYTES);
    poolAt = 0;
  }
  const id = pool.toString("hex", poolAt, poolAt + bytes);
  poolAt += bytes;
  return /^0+$/.test(id) ? newId(bytes) : id;
}
