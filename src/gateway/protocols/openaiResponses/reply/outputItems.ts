/** Output items of a reply as canonical parts. */

import { type Fields, fieldsOf, isRecord, leftover, listOf, textOf } from "../../../common/json.ts";
import type { AssistantPart, TokenLogprob } from "../../chat.ts";
import { restoreCall, restoreFound, type ToolNames } from "../../clientTools.ts";
import { decodeAnnotations } from "../citations.ts";
import { callInput, TOOL_OF_CALL } from "../clientCalls.ts";
import { decodeLogprobs } from "../logprobs.ts";
import { generatedImage } from "../request/decodeInput.ts";
import { isContainer } from "../request/decodeTools.ts";
import { PROVIDER_ITEMS, providerToolPart } from "../request/providerItems.ts";
import { uncarry } from "../signatures.ts";

const PROTOCOL = "openai-responses" as const;
const CALL_FIELDS = new Set([
  ...["type", "id", "call_id", "name", "arguments", "input", "namespace", "status"],
  ...["action", "operation", "actions", "execution"],
]);

export interface DecodedItem {
  parts: AssistantPart[];
  logprobs?: TokenLogprob[];
}

/** A call that the client has to carry out. */
export function isClientCall(item: Fields): boolean {
  const type = String(item.type);
  if (type === "tool_search_call") return item.execution === "client";
  if (type === "shell_call") return !isContainer(item.environment);
  return TOOL_OF_CALL[type] !== undefined;
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

/** `arguments` as text, whatever the provider made of it. */
export function argumentsOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}

export function callPart(item: Fields): Extract<AssistantPart, { type: "tool-call" }> | undefined {
  const type = String(item.type);
  const id = textOf(item.id);
  const callId = textOf(item.call_id) ?? id ?? "";
  const fields = leftover(item, CALL_FIELDS);
  const extra = fields === undefined ? {} : { extra: { protocol: PROTOCOL, fields } };
  const cut = item.status === "incomplete";
  const itemId = { ...(id === undefined ? {} : { itemId: id }), ...(cut ? { cut } : {}) };
  const common = { type: "tool-call" as const, callId, ...itemId, ...extra };
  const namespace = textOf(item.namespace);
  const named = { name: textOf(item.name) ?? "", ...(namespace === undefined ? {} : { namespace }) };
  if (type === "function_call") {
    const input = argumentsOf(item.arguments).trim();
    return { ...common, ...named, kind: "function", input: cut ? input : input || "{}" };
  }
  if (type === "custom_tool_call") {
    return { ...common, ...named, kind: "custom", input: argumentsOf(item.input) };
  }
  const kind = TOOL_OF_CALL[type];
  if (kind === undefined || !isClientCall(item)) return undefined;
  return { ...common, name: kind, kind: "function", input: callInput(kind, item), clientTool: kind };
}

export function decodeOutputItem(item: Fields, names: ToolNames): DecodedItem {
  const type = String(item.type);
  if (type === "message") return messageParts(item);
  if (type === "reasoning") return { parts: reasoningParts(item) };
  const call = callPart(item);
  if (call !== undefined) return { parts: [restoreCall(call, names)] };
  if (type === "image_generation_call" && textOf(item.result) !== undefined) {
    return { parts: [generatedImage(item)] };
  }
  if (PROVIDER_ITEMS.has(type)) return { parts: [restoreFound(providerToolPart(item), names)] };
  return { parts: [{ type: "provider", protocol: PROTOCOL, raw: item }] };
}
