/** OpenAI refuses the format `json_object` where no message speaks of JSON. */
import type { Message } from "./chat.ts";

/**
 * Does the conversation's opening speak of it? What comes later does not count: a hint that was put in must stand
 * where it is in every turn, or the provider's prompt cache is lost.
 */
export function opensWithJson(messages: readonly Message[]): boolean {
  const end = messages.findIndex(({ role }) => role === "assistant");
  return messages
    .slice(0, end < 0 ? messages.length : end)
    .some(({ parts }) => parts.some((part) => part.type === "text" && /json/i.test(part.text)));
}
