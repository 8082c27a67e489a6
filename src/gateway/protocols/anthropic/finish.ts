/** Why a reply ended: Anthropic's `stop_reason` and the canonical reason. */
import type { FinishReason } from "../chat.ts";

const FROM_WIRE = new Map<string, FinishReason>([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["max_tokens", "length"],
  ["tool_use", "tool-calls"],
  ["pause_turn", "pause"],
  ["refusal", "refusal"],
  ["model_context_window_exceeded", "context-window"],
]);

const TO_WIRE: Readonly<Record<FinishReason, string>> = {
  stop: "end_turn",
  length: "max_tokens",
  "tool-calls": "tool_use",
  "content-filter": "refusal",
  refusal: "refusal",
  pause: "pause_turn",
  "context-window": "model_context_window_exceeded",
  error: "end_turn",
  other: "end_turn",
};

/** Stop reasons without a canonical counterpart, passed on as they are. */
const OWN = new Set(["compaction"]);

export interface Finish {
  reason: FinishReason;
  raw?: string;
  stopSequence?: string;
}

export function decodeFinish(stopReason: string, stopSequence: unknown): Finish {
  return {
    reason: FROM_WIRE.get(stopReason) ?? "other",
    raw: stopReason,
    ...(typeof stopSequence === "string" ? { stopSequence } : {}),
  };
}

/** @param calls the reply holds tool calls, refusals: it holds a refusal. Either outweighs `stop`. */
export function encodeFinish(
  finish: Finish,
  holds: { calls: boolean; refusal: boolean },
): { stop_reason: string; stop_sequence: string | null } {
  const { reason, raw, stopSequence } = finish;
  if (raw !== undefined && reason === "other" && OWN.has(raw)) {
    return { stop_reason: raw, stop_sequence: null };
  }
  if (reason === "stop" || reason === "other") {
    if (holds.calls) return { stop_reason: "tool_use", stop_sequence: null };
    if (holds.refusal) return { stop_reason: "refusal", stop_sequence: null };
    if (stopSequence !== undefined) return { stop_reason: "stop_sequence", stop_sequence: stopSequence };
  }
  return { stop_reason: TO_WIRE[reason], stop_sequence: null };
}
