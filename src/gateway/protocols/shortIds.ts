/**
 * Keys and ids within the length and alphabet that a target takes: each always becomes the same other
 * one, so that a call and its result, and one request and the next, still belong together.
 */
import { createHash } from "node:crypto";

/** Characters of `prompt_cache_key` and `user` (OpenAI's reference; `string_above_max_length` beyond). */
export const KEY_LIMIT = 64;
/** Characters of `safety_identifier` (the same reference). */
export const SAFETY_LIMIT = 128;
/** A key of at most `limit` characters (64 or more): a longer one as its digest of 64. */
export function shortKey(key: string, limit = KEY_LIMIT): string {
  return key.length <= limit ? key : createHash("sha256").update(key).digest("hex");
}

export interface IdRule {
  readonly allowed: RegExp;
  /** Letters and digits of the digest that stands for an id which is not allowed. */
  readonly length: number;
  readonly prefix: string;
}

/** An id that the rule allows as it is; any other as the same short digest. */
export function shortId(id: string, { allowed, length, prefix }: IdRule): string {
  if (allowed.test(id)) return id;
  const digest = createHash("sha256")
    .update(id)
    .digest("base64")
    .replace(/[^A-Za-z0-9]/g, "");
  return prefix + digest.slice(0, length);
}
