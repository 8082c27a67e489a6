/**
 * Was a stream told to its end? Many clients hang up at the last event of their protocol, and some
 * providers leave their streams open behind it: either way the reply was whole.
 */
import type { Protocol } from "../../control/protocol.ts";

const CHAT_END = /^data:\s*\[DONE\]/m;
const RESPONSES_END = /"type"\s*:\s*"response\.(?:completed|incomplete|failed|cancelled|done)"/;
const MESSAGES_END = /"type"\s*:\s*"message_stop"/;
const CHAT_REASON = /"finish_reason"\s*:\s*"[^"]/;
const GEMINI_REASON = /"finishReason"\s*:\s*"(?!FINISH_REASON_UNSPECIFIED")[^"]/;
const GEMINI_BLOCK = /"blockReason"\s*:\s*"(?!BLOCK_REASON_UNSPECIFIED")[^"]/;
const GEMINI_USAGE = /"usageMetadata"\s*:\s*\{/;

/**
 * @param text the end of what went out, up to an event's end; may begin in the midst of one. Names
 *   are looked for as they stand in JSON: inside of a text their quotes would be escaped.
 */
export function isFinished(protocol: Protocol, text: string): boolean {
  switch (protocol) {
    case "openai-chat":
      return CHAT_END.test(text);
    case "openai-responses":
      return RESPONSES_END.test(text) || isEndOfLongResponse(text);
    case "anthropic":
      return MESSAGES_END.test(text);
    case "gemini":
      return GEMINI_REASON.test(text) && GEMINI_USAGE.test(text);
  }
}

/**
 * The same for a stream that its provider has ended: some leave out the last event, yet say why the reply
 * ended. A client may hang up between the two, so for clients this is not enough.
 */
export function isEnded(protocol: Protocol, text: string): boolean {
  if (isFinished(protocol, text)) return true;
  if (protocol === "openai-chat") return CHAT_REASON.test(text);
  return protocol === "gemini" && (GEMINI_REASON.test(text) || GEMINI_BLOCK.test(text));
}

/** The last event repeats the request's instructions and tools; only it tells what was used. */
function isEndOfLongResponse(text: string): boolean {
  return !/^data:/m.test(text) && /"usage"\s*:\s*\{/.test(text);
}
