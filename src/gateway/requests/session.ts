/** Which conversation a decoded request belongs to; `accounts/schedule/session.ts` for one that is not. */
import { sessionDigest, sessionName } from "../accounts/schedule/session.ts";
import type { ChatRequest, Message } from "../protocols/chat.ts";

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
  const named = sessionName(rawHeaders, { cacheKey: request.cacheKey, userId: fromMetadata(request) });
  return sessionDigest(named === undefined ? { opening: opening(request.messages) } : { named });
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
