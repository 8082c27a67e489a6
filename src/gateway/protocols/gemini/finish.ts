/** Why a candidate ended. */
import type { FinishReason } from "../chat.ts";

const REASONS: Readonly<Record<string, FinishReason>> = {
  STOP: "stop",
  MAX_TOKENS: "length",
  SAFETY: "content-filter",
  RECITATION: "content-filter",
  BLOCKLIST: "content-filter",
  PROHIBITED_CONTENT: "content-filter",
  SPII: "content-filter",
  MODEL_ARMOR: "content-filter",
  JAILBREAK: "content-filter",
  IMAGE_SAFETY: "content-filter",
  IMAGE_PROHIBITED_CONTENT: "content-filter",
  IMAGE_RECITATION: "content-filter",
  MALFORMED_FUNCTION_CALL: "error",
  UNEXPECTED_TOOL_CALL: "error",
  TOO_MANY_TOOL_CALLS: "error",
  MALFORMED_RESPONSE: "error",
  // https://ai.google.dev/api/generate-content#FinishReason; the SDK's list lacks it.
  MISSING_THOUGHT_SIGNATURE: "error",
  NO_IMAGE: "error",
  CONTINUATION: "pause",
  LANGUAGE: "other",
  OTHER: "other",
  IMAGE_OTHER: "other",
};

/** Reasons that the SDK's `FinishReason` does not have: they only explain a blocked prompt. */
const PROMPT_ONLY = new Set(["MODEL_ARMOR", "JAILBREAK"]);

/** @param called whether the candidate holds function calls: Gemini ends those with STOP, too. */
export function decodeFinish(raw: string, called: boolean): { reason: FinishReason; raw: string } {
  const reason = REASONS[raw] ?? "other";
  return { reason: reason === "stop" && called ? "tool-calls" : reason, raw };
}

const WIRE: Readonly<Record<FinishReason, string>> = {
  stop: "STOP",
  "tool-calls": "STOP",
  length: "MAX_TOKENS",
  "context-window": "MAX_TOKENS",
  "content-filter": "SAFETY",
  refusal: "SAFETY",
  // CONTINUATION would make the SDK ask again with a token that nobody has.
  pause: "OTHER",
  error: "OTHER",
  other: "OTHER",
};

/** @param refused the candidate holds a refusal, which Gemini can only say by its finish */
export function encodeFinish(finish: { reason: FinishReason; raw?: string }, refused = false): string {
  const { reason, raw } = finish;
  if (refused && reason === "stop") return WIRE.refusal;
  const known = raw === undefined || PROMPT_ONLY.has(raw) ? undefined : REASONS[raw];
  if (raw !== undefined && known !== undefined && (known === reason || WIRE[known] === WIRE[reason]))
    return raw;
  return WIRE[reason];
}
