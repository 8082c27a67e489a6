/** Reads tokens and ids out of what a `Tap` kept. Works on text, because the ends of it are torn. */
import * as z from "zod";
import type { Usage } from "../protocols/chat.ts";
import type { Protocol } from "../protocols/protocol.ts";

const count = z.number().int().nonnegative().catch(0).default(0);

const chatUsage = z
  .object({
    prompt_tokens: count,
    completion_tokens: count,
    prompt_cache_hit_tokens: count,
    prompt_tokens_details: z.object({ cached_tokens: count }).nullish().catch(undefined),
    completion_tokens_details: z.object({ reasoning_tokens: count }).nullish().catch(undefined),
  })
  .transform(
    (u): Usage =>
      usage(
        u.prompt_tokens,
        u.prompt_tokens_details?.cached_tokens || u.prompt_cache_hit_tokens,
        0,
        u.completion_tokens,
        u.completion_tokens_details?.reasoning_tokens ?? 0,
      ),
  );

const responsesUsage = z
  .object({
    input_tokens: count,
    output_tokens: count,
    input_tokens_details: z
      .object({ cached_tokens: count, cache_write_tokens: count })
      .nullish()
      .catch(undefined),
    output_tokens_details: z.object({ reasoning_tokens: count }).nullish().catch(undefined),
  })
  .transform(
    (u): Usage =>
      usage(
        u.input_tokens,
        u.input_tokens_details?.cached_tokens ?? 0,
        u.input_tokens_details?.cache_write_tokens ?? 0,
        u.output_tokens,
        u.output_tokens_details?.reasoning_tokens ?? 0,
      ),
  );

const anthropicUsage = z.object({
  input_tokens: z.number().int().nonnegative().optional().catch(undefined),
  output_tokens: count,
  cache_read_input_tokens: z.number().int().nonnegative().nullish().catch(undefined),
  cache_creation_input_tokens: z.number().int().nonnegative().nullish().catch(undefined),
});

const geminiUsage = z
  .object({
    promptTokenCount: count,
    toolUsePromptTokenCount: count,
    cachedContentTokenCount: count,
    candidatesTokenCount: count,
    thoughtsTokenCount: count,
  })
  .transform(
    (u): Usage =>
      usage(
        u.promptTokenCount + u.toolUsePromptTokenCount,
        u.cachedContentTokenCount,
        0,
        u.candidatesTokenCount + u.thoughtsTokenCount,
        u.thoughtsTokenCount,
      ),
  );

function usage(
  input: number,
  cacheRead: number,
  cacheWrite: number,
  output: number,
  reasoning: number,
): Usage {
  return {
    input: { total: input, uncached: Math.max(0, input - cacheRead - cacheWrite), cacheRead, cacheWrite },
    output: { total: output, reasoning },
  };
}

/** What the reply says it used, or `undefined` where it does not say. */
export function readUsage(protocol: Protocol, head: string, tail: string): Usage | undefined {
  switch (protocol) {
    case "openai-chat":
      return parse(chatUsage, lastObject(tail, "usage"));
    case "openai-responses":
      return parse(responsesUsage, lastObject(tail, "usage"));
    case "gemini":
      return parse(geminiUsage, lastObject(tail, "usageMetadata"));
    case "anthropic": {
      // `message_start` counts the input, the last `message_delta` the output and, lately, all.
      const start = parse(anthropicUsage, firstObject(head, "usage"));
      const end = parse(anthropicUsage, lastObject(tail, "usage")) ?? start;
      if (end === undefined) return undefined;
      const uncached = end.input_tokens ?? start?.input_tokens ?? 0;
      const cacheRead = end.cache_read_input_tokens ?? start?.cache_read_input_tokens ?? 0;
      const cacheWrite = end.cache_creation_input_tokens ?? start?.cache_creation_input_tokens ?? 0;
      return usage(uncached + cacheRead + cacheWrite, cacheRead, cacheWrite, end.output_tokens, 0);
    }
  }
}

/** The id of a response object, to bind it to the account that made it. */
export function readResponseId(head: string): string | undefined {
  return /"id"\s*:\s*"(resp_[A-Za-z0-9_-]{1,200})"/.exec(head)?.[1];
}

function parse<T>(schema: z.ZodType<T>, text: string | undefined): T | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    // Torn or not JSON: then the tokens are not known, and the record says so.
    return undefined;
  }
}

function firstObject(text: string, key: string): string | undefined {
  const match = new RegExp(`"${key}"\\s*:\\s*\\{`).exec(text);
  return match === null ? undefined : balanced(text, match.index + match[0].length - 1);
}

function lastObject(text: string, key: string): string | undefined {
  let found: string | undefined;
  for (const match of text.matchAll(new RegExp(`"${key}"\\s*:\\s*\\{`, "g"))) {
    found = balanced(text, match.index + match[0].length - 1) ?? found;
  }
  return found;
}

/** The JSON object that begins at `start`, if it also ends in the text. */
function balanced(text: string, start: number): string | undefined {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (inString) {
      if (char === "\\") at++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "{") depth++;
    else if (char === "}" && --depth === 0) return text.slice(start, at + 1);
  }
  return undefined;
}
