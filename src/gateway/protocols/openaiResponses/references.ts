/** What a request refers to, or brings back, of what its provider keeps or has made. */
import { isRecord } from "../../common/json.ts";
import type { ChatRequest } from "../chat.ts";
import type { Preceding } from "./stored/store.ts";

/** What a request of the Responses API builds on. */
export function precedingOf(body: unknown): Preceding {
  if (!isRecord(body)) return {};
  const previous = body.previous_response_id;
  const conversation = isRecord(body.conversation) ? body.conversation.id : body.conversation;
  return {
    ...(typeof previous === "string" && previous !== "" ? { previousResponseId: previous } : {}),
    ...(typeof conversation === "string" && conversation !== "" ? { conversationId: conversation } : {}),
  };
}

/** The request for a target that has to hear of none of it, because it is in the messages by now. */
export function withoutReferences(request: ChatRequest): ChatRequest {
  if (request.extra?.protocol !== "openai-responses") return request;
  const {
    previous_response_id: _previous,
    conversation: _conversation,
    background: _background,
    ...fields
  } = request.extra.fields;
  return { ...request, extra: { ...request.extra, fields } };
}

/** Encrypted reasoning that a request brings back, the latest first. @param limit how many at most */
export function encryptedOf(body: unknown, limit: number): string[] {
  const input: unknown = isRecord(body) ? body.input : undefined;
  const found: string[] = [];
  for (const item of Array.isArray(input) ? input.toReversed() : []) {
    const data: unknown = isRecord(item) ? item.encrypted_content : undefined;
    if (typeof data === "string" && data !== "") found.push(data);
    if (found.length >= limit) break;
  }
  return found;
}
