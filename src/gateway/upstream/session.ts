/** Which conversation a request belongs to, from what clients are known to send. */
import { createHash } from "node:crypto";
import type { ChatRequest, Message } from "../protocols/chat.ts";

/** Headers that name a session: Claude Code, Codex (newer, older), OpenCode and its kin. */
const HEADERS = ["x-claude-code-session-id", "session-id", "session_id", "x-session-id", "thread-id"];
/** Characters of text that tell one conversation from another. */
const TEXT_LIMIT = 20_000;

/**
 * A key of 32 hexadecimal digits, the same for every request of one conversation: from a header,
 * `prompt_cache_key` or Anthropic's `metadata.user_id`, else from the system text and the first
 * user text. A digest, so that it can be shown to providers without telling whose it is.
 *
 * @param rawHeaders names and values in turn
 */
export function sessionOf(rawHeaders: readonly string[], request: ChatRequest): string {
  const named = fromHeaders(rawHeaders) ?? request.cacheKey ?? fromMetadata(request);
  return digest(named === undefined ? `text\n${opening(request.messages)}` : `name\n${named}`);
}

function fromHeaders(raw: readonly string[]): string | undefined {
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const value = raw[at + 1];
    if (value && HEADERS.includes(raw[at]?.toLowerCase() ?? "")) return value;
  }
  return undefined;
}

/** OpenAI's `user` names a person, Anthropic's `user_id` is how its clients name a session. */
function fromMetadata(request: ChatRequest): string | undefined {
  return request.extra?.protocol === "anthropic" ? request.user : undefined;
}

function opening(messages: readonly Message[]): string {
  let text = "";
  for (const message of messages) {
    if (message.role === "assistant" || message.role === "tool") break;
    for (const part of message.parts) {
      if (part.type === "text") text += `${part.text}\n`;
      if (text.length > TEXT_LIMIT) return text.slice(0, TEXT_LIMIT);
    }
    if (message.role === "user") break;
  }
  return text;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
