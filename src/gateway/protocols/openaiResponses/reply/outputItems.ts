/** Output items of a reply as canonical parts. */

import { type Fields, fieldsOf, isRecord, listOf, textOf } from "../../../common/json.ts";
import type { AssistantPart, TokenLogprob } from "../../chat.ts";
import { restoreCall, restoreFound, type ToolNames } from "../../clientTools.ts";
import { callPart } from "../callItems.ts";
import { decodeAnnotations } from "../citations.ts";
import { decodeLogprobs } from "../logprobs.ts";
import { generatedImage } from "../request/decodeInput.ts";
import { PROVIDER_ITEMS, providerToolPart } from "../request/providerItems.ts";
import { uncarry } from "../signatures.ts";

const PROTOCOL = "openai-responses" as const;
export interface DecodedItem {
  parts: AssistantPart[];
  logprobs?: TokenLogprob[];
}

function messageParts(item: Fields): DecodedItem {
  const parts: AssistantPart[] = [];
  const logprobs: TokenLogprob[] = [];
  for (const part of listOf(item.content).filter(isRecord)) {
    if (part.type === "refusal") parts.push({ type: "refusal", text: textOf(part.refusal) ?? "" });
    else if (typeof part.text === "string") {
      const citations = decodeAnnotations(part.annotations);
      parts.push({ type: "text", text: part.text, ...(citations.length ? { citations } : {}) });
      logprobs.push(...(decodeLogprobs(part.logprobs) ?? []));
    } else parts.push({ type: "provider", protocol: PROTOCOL, raw: part });
  }
  return logprobs.length ? { parts, logprobs } : { parts };
}

/** Reasoning without text and without signature says nothing and is left out. */
function reasoningParts(item: Fields): AssistantPart[] {
  const encrypted = textOf(item.encrypted_content);
  const carried = encrypted === undefined ? undefined : uncarry(encrypted);
  const signature = carried?.target === undefined ? carried?.signature : undefined;
  const id = textOf(item.id);
  const texts = [
    ...listOf(item.summary).map((part) => ({ text: fieldsOf(part).text, summary: true })),
    ...listOf(item.content).map((part) => ({ text: fieldsOf(part).text, summary: false })),
  ].map((part) => ({ ...part, text: typeof part.text === "string" ? part.text : "" }));
  const shown = texts.filter((part) => part.text !== "");
  if (shown.length === 0 && signature !== undefined) shown.push({ text: "", summary: true });
  return shown.map((part, index) => ({
    type: "reasoning",
    ...part,
    ...(id === undefined ? {} : { itemId: id }),
    ...(signature !== undefined && index === shown.length - 1 ? { signature } : {}),
  }));
}

export function decodeOutputItem(item: Fields, names: ToolNames): DecodedItem {
  const type = String(item.type);
  if (type === "message") return messageParts(item);
  if (type === "reasoning") return { parts: reasoningParts(item) };
  const call = callPart(item, item.status === "incomplete");
  if (call !== undefined) return { parts: [restoreCall(call, names)] };
  if (type === "image_generation_call" && textOf(item.result) !== undefined) {
    return { parts: [generatedImage(item)] };
  }
  if (PROVIDER_ITEMS.has(type)) return { parts: [restoreFound(providerToolPart(item), names)] };
  return { parts: [{ type: "provider", protocol: PROTOCOL, raw: item }] };
}
