/** Why a choice ended, both ways. */
import type { FinishReason } from "../../chat.ts";

const DECODE: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  eos: "stop",
  end_turn: "stop",
  stop_sequence: "stop",
  length: "length",
  max_tokens: "length",
  tool_calls: "tool-calls",
  tool_use: "tool-calls",
  function_call: "tool-calls",
  content_filter: "content-filter",
  safety: "content-filter",
  // z.ai
  sensitive: "content-filter",
  network_error: "error",
  model_context_window_exceeded: "context-window",
  // Mistral
  model_length: "context-window",
  // DeepSeek
  insufficient_system_resource: "error",
  refusal: "refusal",
  pause: "pause",
  error: "error",
};

/** Several providers say `stop`, or nothing, after a tool call. */
export function decodeFinish(
  raw: string | undefined,
  calledTools: boolean,
): { reason: FinishReason; raw?: string } {
  if (raw === undefined) return { reason: calledTools ? "tool-calls" : "stop" };
  const reason = (Object.hasOwn(DECODE, raw) ? DECODE[raw] : undefined) ?? "other";
  return { reason: reason === "stop" && calledTools ? "tool-calls" : reason, raw };
}

export type WireFinish = "stop" | "length" | "tool_calls" | "function_call" | "content_filter";

const ENCODE: Readonly<Record<FinishReason, WireFinish>> = {
  stop: "stop",
  length: "length",
  "tool-calls": "tool_calls",
  "content-filter": "content_filter",
  refusal: "content_filter",
  pause: "stop",
  "context-window": "length",
  error: "stop",
  other: "stop",
};

/**
 * @param shown what the client is shown: `legacy` for one that declared `functions` and knows `function_call` only;
 *   `refused` with a text in `refusal`, which OpenAI ends with `stop`: at `content_filter` the SDK's `parse()` throws
 *   (`openai` 7.59, `lib/parser`)
 */
export function encodeFinish(
  reason: FinishReason,
  calledTools: boolean,
  { legacy = false, refused = false }: { legacy?: boolean; refused?: boolean } = {},
): WireFinish {
  if (reason === "refusal" && refused) return "stop";
  const wire = reason === "stop" && calledTools ? "tool_calls" : ENCODE[reason];
  return wire === "tool_calls" && legacy ? "function_call" : wire;
}
