/**
 * Conversations that Claude sums up itself once they are long. Sources: `@anthropic-ai/sdk`, `BetaCompact20260112Edit` and
 * `BetaCompactionBlock`; https://platform.claude.com/docs/en/build-with-claude/compaction
 */
import { isRecord, listOf, numberOf } from "../../common/json.ts";
import type { ModelTraits } from "../../models/traits.ts";
import type { AutoCompact, ChatRequest, ProviderPart, Warn } from "../chat.ts";
import { isBlank, type JsonObject } from "./json.ts";

const EDIT = "compact_20260112";
const BETA = "compact-2026-01-12";
/** "Must be at least 50,000 tokens." */
export const LEAST_TRIGGER = 50_000;

const isEdit = (edit: unknown) => isRecord(edit) && edit.type === EDIT;

/**
 * A block that only this protocol knows. A `compaction` block is a summary; one with null failed, and stands for nothing.
 * @param model the model that wrote it, in a reply: a signature is taken to be good for that one only
 */
export function unknownBlock(raw: JsonObject, model?: string): ProviderPart {
  const part: ProviderPart = { type: "provider", protocol: "anthropic", raw };
  if (raw.type !== "compaction" || typeof raw.content !== "string" || isBlank(raw.content)) return part;
  const bound = model !== undefined && (isText(raw.signature) || isText(raw.encrypted_content));
  return { ...part, summary: raw.content, ...(bound ? { model } : {}) };
}

const isText = (value: unknown) => typeof value === "string" && value !== "";

/** `context_management` of a request: the wish for summaries, and what else is there. */
export function decodeContextManagement(given: unknown): {
  autoCompact?: AutoCompact;
  fields: JsonObject;
} {
  if (given === undefined || given === null) return { fields: {} };
  const edit = isRecord(given) ? listOf(given.edits).find(isEdit) : undefined;
  if (!isRecord(given) || !isRecord(edit)) return { fields: { context_management: given } };
  const edits = listOf(given.edits).filter((other) => other !== edit);
  const { edits: _, ...others } = given;
  const left = { ...others, ...(edits.length > 0 ? { edits } : {}) };
  const atTokens = isRecord(edit.trigger) ? numberOf(edit.trigger.value) : undefined;
  return {
    autoCompact: {
      ...(atTokens === undefined ? {} : { atTokens }),
      readable: true,
      extra: { protocol: "anthropic", fields: edit },
    },
    fields: Object.keys(left).length > 0 ? { context_management: left } : {},
  };
}

/** @param given what else the client wants of its context, where it speaks this protocol */
export function encodeContextManagement(
  { autoCompact }: ChatRequest,
  { compactsItself }: ModelTraits,
  given: unknown,
  warn: Warn,
): { context_management?: JsonObject } {
  if (autoCompact === undefined) return {};
  const { extra } = autoCompact;
  if (extra?.protocol !== "anthropic" && !compactsItself) {
    warn("context_management", "this model does not sum conversations up");
    return {};
  }
  const edit = extra?.protocol === "anthropic" ? { ...extra.fields } : compactEdit(autoCompact, warn);
  const before = isRecord(given) ? given : {};
  return { context_management: { ...before, edits: [...listOf(before.edits), edit] } };
}

function compactEdit({ atTokens }: AutoCompact, warn: Warn): JsonObject {
  if (atTokens === undefined) return { type: EDIT };
  const value = Math.max(LEAST_TRIGGER, Math.trunc(atTokens));
  if (atTokens < LEAST_TRIGGER) {
    warn("context_management", `${LEAST_TRIGGER} tokens is the least at which a conversation is summed up`);
  }
  return { type: EDIT, trigger: { type: "input_tokens", value } };
}

/** Is the block still good for this model? */
export const keepsSummary =
  ({ compactsItself }: ModelTraits, model: string) =>
  (block: ProviderPart): boolean =>
    compactsItself && block.protocol === "anthropic" && (block.model === undefined || block.model === model);

export const isCompaction = (block: JsonObject | undefined): boolean => block?.type === "compaction";

/** The wish and the blocks are known only beside their beta header. @param body that is sent */
export function betaHeaders(body: Readonly<JsonObject>): Readonly<Record<string, string>> {
  const { context_management: management, messages } = body;
  const compacts =
    (isRecord(management) && listOf(management.edits).some(isEdit)) ||
    listOf(messages).some(
      (message) =>
        isRecord(message) && listOf(message.content).some((block) => isRecord(block) && isCompaction(block)),
    );
  return compacts ? { "anthropic-beta": BETA } : {};
}
