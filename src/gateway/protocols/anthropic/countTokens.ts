/** `POST /v1/messages/count_tokens`. */
import type { ChatRequest } from "../chat.ts";
import type { DecodeContext, EncodeContext } from "../codec.ts";
import type { JsonObject } from "./json.ts";
import { decodeRequest } from "./request/decode.ts";
import { encodeRequest } from "./request/encode.ts";

/** A client's count request: a message request without `max_tokens` and `stream`. */
export function decodeCountTokens(body: unknown, context: DecodeContext): ChatRequest {
  return { ...decodeRequest(body, context), stream: false };
}

/** What the endpoint takes, by `MessageCountTokensParams` of the SDK; anything else is refused. */
const FIELDS = [
  "model",
  "system",
  "tools",
  "tool_choice",
  "thinking",
  "output_config",
  "messages",
  "cache_control",
  "context_management",
  "mcp_servers",
  "speed",
  "compaction",
  "billing_policy",
] as const;

/** The body that asks Anthropic to count the tokens of a request. */
export function encodeCountTokensRequest(request: ChatRequest, context: EncodeContext): JsonObject {
  const body = encodeRequest(request, context);
  const out: JsonObject = {};
  for (const field of FIELDS) if (body[field] !== undefined) out[field] = body[field];
  return out;
}

/** @param tokens how many tokens the input has. */
export function encodeCountTokensReply(tokens: number): { input_tokens: number } {
  return { input_tokens: Math.max(0, Math.trunc(tokens)) };
}
