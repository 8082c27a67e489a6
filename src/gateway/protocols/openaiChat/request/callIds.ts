/** Ids of tool calls in the alphabet and length the target accepts. */
import { createHash } from "node:crypto";
import type { Dialect } from "./dialects.ts";

/** An accepted id as it is; any other always as the same short digest. */
export function callIdFor(id: string, rule: Dialect["callId"]): string {
  if (rule.allowed.test(id)) return id;
  const digest = createHash("sha256")
    .update(id)
    .digest("base64")
    .replace(/[^A-Za-z0-9]/g, "");
  return rule.prefix + digest.slice(0, rule.length);
}
