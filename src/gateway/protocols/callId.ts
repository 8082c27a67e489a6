/** Ids of tool calls in the alphabet that Anthropic accepts, the narrowest of all: `^[a-zA-Z0-9_-]+$`. */
import { createHash } from "node:crypto";

const VALID = /^[a-zA-Z0-9_-]{1,128}$/;
const MAX_CLEAN = 64;

/** The id itself where it is valid; else a readable form of it with a digest, always the same one. */
export function wireId(id: string): string {
  if (VALID.test(id)) return id;
  const clean = id.slice(0, MAX_CLEAN).replace(/[^a-zA-Z0-9_-]/g, "_");
  return `${clean || "toolu"}_${createHash("sha256").update(id).digest("hex").slice(0, 8)}`;
}
