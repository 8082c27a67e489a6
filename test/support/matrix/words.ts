/** How each client's protocol says why a reply ended. */
import type { FinishReason } from "../../../src/gateway/protocols/chat.ts";
import type { ByProtocol } from "./scene.ts";

export type Words = ByProtocol<string>;

/** Where tool calls are there as well, `stop` is said as `tool-calls`. */
export const FINISH: Readonly<Record<Exclude<FinishReason, "error">, Words>> = {
  stop: { "openai-chat": "stop", "openai-responses": "completed", anthropic: "end_turn", gemini: "STOP" },
  "tool-calls": {
    "openai-chat": "tool_calls",
    "openai-responses": "completed",
    anthropic: "tool_use",
    gemini: "STOP",
  },
  length: {
    "openai-chat": "length",
    "openai-responses": "incomplete:max_output_tokens",
    anthropic: "max_tokens",
    gemini: "MAX_TOKENS",
  },
  "content-filter": {
    "openai-chat": "content_filter",
    "openai-responses": "incomplete:content_filter",
    anthropic: "refusal",
    gemini: "SAFETY",
  },
  refusal: {
    "openai-chat": "content_filter",
    "openai-responses": "incomplete:content_filter",
    anthropic: "refusal",
    gemini: "SAFETY",
  },
  pause: { "openai-chat": "stop", "openai-responses": "completed", anthropic: "pause_turn", gemini: "OTHER" },
  "context-window": {
    "openai-chat": "length",
    "openai-responses": "incomplete:max_output_tokens",
    anthropic: "model_context_window_exceeded",
    gemini: "MAX_TOKENS",
  },
  other: { "openai-chat": "stop", "openai-responses": "completed", anthropic: "end_turn", gemini: "OTHER" },
};
