/** Ids of requests and replies. */
import { randomBytes } from "node:crypto";

const ALPHABET = Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

/** Bytes fetched from the system at once: a call for each id would cost more than the rest of it. */
const POOL_BYTES = 4096;
let pool = "";
let poolAt = 0;

/** Letters and digits from the system's randomness, `length` of up to 1024; unique for all practical purposes at 24. */
export function randomId(length = 24): string {
  if (poolAt + length > pool.length) {
    pool = randomLetters();
    poolAt = 0;
  }
  const id = pool.slice(poolAt, poolAt + length);
  poolAt += length;
  return id;
}

/** Nearly as many as bytes are fetched. */
function randomLetters(): string {
  const bytes = randomBytes(POOL_BYTES);
  let at = 0;
  for (const byte of bytes) {
    // 62 characters for 64 values: the two others are left out, so that all are as likely.
    const letter = ALPHABET[byte & 63];
    if (letter !== undefined) bytes[at++] = letter;
  }
  return bytes.toString("latin1", 0, at);
}
