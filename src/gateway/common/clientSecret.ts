/** Secrets of client keys: made here, and kept as a digest alone. */
import { hash, randomBytes } from "node:crypto";

const PREFIX = "sk-portico-";
const BYTES = 24;
/** Characters of a key that are shown after it was shown whole. */
const SHOWN = 4;

const HASHED = /^sha256:[0-9a-f]{64}$/;

/** `sk-portico-` and 192 random bits. */
export function newKey(): string {
  return `${PREFIX}${randomBytes(BYTES).toString("base64url")}`;
}

/** `sha256:` and 64 hexadecimal digits. There is nothing to guess in 192 random bits, so it needs no salt and no work. */
export function hashOf(key: string): string {
  return `sha256:${hash("sha256", key, "hex")}`;
}

export const isHash = (text: string): boolean => HASHED.test(text);

export const endOf = (key: string): string => key.slice(-SHOWN);

/** `sk-portico-…ab12` @param end absent: nobody knows it, of a key that is given as a digest */
export const shownKey = (end = ""): string => `${PREFIX}…${end}`;
