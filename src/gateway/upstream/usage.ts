/** Reads tokens and ids out of what a `Tap` kept. Works on text, because the ends of it are torn. */
import type { Usage } from "../protocols/chat.ts";
import type { Protocol } from "../protocols/protocol.ts";

/** An object that came from outside: every field is looked at before it is used. */
type Fields = Readonly<Record<string, unknown>>;

/** By hand rather than by a schema: this is read from every reply, and a count is all there is to check. */
function count(fields: Fields, name: string): number {
  return known(fields, name) ?? 0;
}

function known(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function inner(fields: Fields, name: string): Fields {
  const value = fields[name];
  return isFields(value) ? value : {};
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function chatUsage(u: Fields): Usage {
  const cached = count(inner(u, "prompt_tokens_details"), "cached_tokens");
  const reasoning = count(inner(u, "completion_tokens_details"), "reasoning_tokens");
  return usage(
    count(u, "prompt_tokens"),
    // DeepSeek: https://api-docs.deepseek.com/guides/kv_cache
    cached || count(u, "prompt_cache_hit_tokens"),
    0,
    count(u, "completion_tokens"),
    reasoning,
  );
}

function responsesUsage(u: Fields): Usage {
  const details = inner(u, "input_tokens_details");
  return usage(
    count(u, "input_tokens"),
    count(details, "cached_tokens"),
    count(details, "cache_write_tokens"),
    count(u, "output_tokens"),
    count(inner(u, "output_tokens_details"), "reasoning_tokens"),
  );
}

function geminiUsage(u: Fields): Usage {
  const reasoning = count(u, "thoughtsTokenCount");
  return usage(
    count(u, "promptTokenCount") + count(u, "toolUsePromptTokenCount"),
    count(u, "cachedContentTokenCount"),
    0,
    count(u, "candidatesTokenCount") + reasoning,
    reasoning,
  );
}

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
      return mapped(parse(lastObject(tail, "usage")), chatUsage);
    case "openai-responses":
      return mapped(parse(lastObject(tail, "usage")), responsesUsage);
    case "gemini":
      return mapped(parse(lastObject(tail, "usageMetadata")), geminiUsage);
    case "anthropic": {
      // `message_start` counts the input, the last `message_delta` the output and, lately, all.
      const start = parse(firstObject(head, "usage"));
      const end = parse(lastObject(tail, "usage")) ?? start;
      if (end === undefined) return undefined;
      const either = (name: string) => known(end, name) ?? count(start ?? {}, name);
      const cacheRead = either("cache_read_input_tokens");
      const cacheWrite = either("cache_creation_input_tokens");
      const input = either("input_tokens") + cacheRead + cacheWrite;
      return usage(input, cacheRead, cacheWrite, count(end, "output_tokens"), 0);
    }
  }
}

function mapped(fields: Fields | undefined, read: (fields: Fields) => Usage): Usage | undefined {
  return fields === undefined ? undefined : read(fields);
}

/** The id of a response, or else of a conversation, to bind it to the account that made it. */
export function readResponseId(head: string): string | undefined {
  const found = /"id"\s*:\s*"(resp_[A-Za-z0-9_-]{1,200})"/.exec(head);
  return (found ?? /"id"\s*:\s*"(conv_[A-Za-z0-9_-]{1,200})"/.exec(head))?.[1];
}

function parse(text: string | undefined): Fields | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
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
