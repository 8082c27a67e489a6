/**
 * Conversations that Anthropic holds between turns, so that a request brings its new messages alone.
 * https://platform.claude.com/docs/en/build-with-claude/message-threads
 */
import { PorticoError } from "../../common/errors.ts";
import { isRecord } from "../../common/json.ts";
import type { Threads } from "../wire.ts";

export const threads: Threads = {
  isAsked: (body) => isRecord(body) && isRecord(body.thread),
  previous(body) {
    if (!isRecord(body) || !isRecord(body.thread)) return undefined;
    const { type, previous_message_id: id } = body.thread;
    return type === "continue" && typeof id === "string" ? id : undefined;
  },
  // By this code the official SDK and Claude Code know that they have to send the whole conversation again.
  lost: () =>
    new PorticoError(
      "not_found",
      "The account that answers now does not hold this thread. Send the whole conversation again.",
      { code: "thread_not_found", retryable: false },
    ),
};

/** The id of a reply, to bind the thread to the account that holds it. @param head of a reply */
export function readMessageId(head: string): string | undefined {
  return /"id"\s*:\s*"(msg_[A-Za-z0-9_-]{1,200})"/.exec(head)?.[1];
}
