/** Items of calls as canonical calls: of functions, of free-text tools, of tools that the client runs. */

import { type Fields, textOf } from "../../common/json.ts";
import type { ToolCallPart } from "../chat.ts";
import { extraOf } from "../extra.ts";
import { callInput, TOOL_OF_CALL } from "./clientCalls.ts";
import { isContainer } from "./request/decodeTools.ts";

const PROTOCOL = "openai-responses" as const;
const CALL_FIELDS = new Set([
  ...["type", "id", "call_id", "name", "arguments", "input", "namespace", "status"],
  ...["action", "operation", "actions", "execution"],
]);

/** A call that the client has to carry out. */
export function isClientCall(item: Fields): boolean {
  const type = String(item.type);
  if (type === "tool_search_call") return item.execution === "client";
  if (type === "shell_call") return !isContainer(item.environment);
  return TOOL_OF_CALL[type] !== undefined;
}

/** `arguments` as text, whatever the provider made of it. */
export function argumentsOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}

/**
 * The call of an item; `undefined` where it is none, or the provider's own.
 * @param cut the reply ended before it was whole
 */
export function callPart(item: Fields, cut: boolean): ToolCallPart | undefined {
  const type = String(item.type);
  const id = textOf(item.id);
  const callId = textOf(item.call_id) ?? id ?? "";
  const itemId = { ...(id === undefined ? {} : { itemId: id }), ...(cut ? { cut } : {}) };
  const common = { type: "tool-call" as const, callId, ...itemId, ...extraOf(PROTOCOL, item, CALL_FIELDS) };
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
