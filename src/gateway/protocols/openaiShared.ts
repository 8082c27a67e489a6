/**
 * Fields that OpenAI's two protocols have alike and no other has: kept from one to the other. Source: the types of
 * both requests in the official `openai` package.
 */
import { type Fields, fieldsOf } from "../common/json.ts";
import type { ChatRequest } from "./chat.ts";
import { SAFETY_LIMIT, shortKey } from "./shortIds.ts";

const SHARED: ReadonlySet<string> = new Set([
  "safety_identifier",
  "prompt_cache_options",
  "moderation",
  "stream_options",
]);
/** The Responses API has more options (`prewarm`, `comparison_response_id`). */
const CACHE_OPTIONS = ["mode", "ttl"] as const;
/** Those who speak both protocols just as OpenAI does. */
const OPENAI: ReadonlySet<string> = new Set(["openai", "azure-openai"]);

export const isOpenai = (provider: string): boolean => OPENAI.has(provider);

export interface Shared {
  /** What the other protocol of OpenAI takes as well. */
  fields: Fields;
  /** Names of the fields that it does not have. */
  others: string[];
}

/** @param request of a client of the other OpenAI protocol, or of any */
export function sharedFields({ extra, stream }: ChatRequest, provider: string): Shared {
  if (extra === undefined) return { fields: {}, others: [] };
  const alike = extra.protocol.startsWith("openai-") && OPENAI.has(provider);
  const fields: Record<string, unknown> = {};
  const others: string[] = [];
  for (const [name, value] of Object.entries(extra.fields)) {
    if (!alike || !SHARED.has(name)) others.push(name);
    else if (name === "safety_identifier")
      fields[name] = typeof value === "string" ? shortKey(value, SAFETY_LIMIT) : value;
    else if (name === "prompt_cache_options") {
      const options = fieldsOf(value);
      fields[name] = Object.fromEntries(
        CACHE_OPTIONS.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]])),
      );
    } else if (name === "stream_options") {
      // Refused beside a reply that does not stream.
      const { include_obfuscation: obfuscation } = fieldsOf(value);
      if (stream && typeof obfuscation === "boolean") fields[name] = { include_obfuscation: obfuscation };
    } else fields[name] = value;
  }
  return { fields, others };
}
