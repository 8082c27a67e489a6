/** Canonical calls of tools and their results as input items. */

import { compact, type Fields, textOf } from "../../../common/json.ts";
import type { ToolCallPart, ToolResultPart } from "../../chat.ts";
import { callAsFunction, type ToolNames } from "../../clientTools.ts";
import { dataUrl } from "../../dataUrl.ts";
import { ownFields } from "../../extra.ts";
import { CALL_TYPE, callFields, hasItem, type ItemToolKind } from "../clientCalls.ts";
import { callIdOf, providerItemId } from "../ids.ts";
import type { ContentWriter } from "./encodeContent.ts";

export function callItem(part: ToolCallPart, names: ToolNames): Fields {
  const callId = callIdOf(part.callId);
  const extra = ownFields("openai-responses", part);
  if (hasItem(part.clientTool)) {
    return clientCallItem(part.clientTool, part, callId, extra);
  }
  if (part.kind === "custom") {
    const id = providerItemId("custom_tool_call", part.itemId);
    const { name, namespace, input } = part;
    return compact({ type: "custom_tool_call", id, call_id: callId, name, namespace, input, ...extra });
  }
  const call = callAsFunction(part, names);
  const id = providerItemId("function_call", part.itemId);
  const { namespace } = part;
  const name = namespace === undefined ? call.name : part.name;
  return compact({
    type: "function_call",
    id,
    call_id: callId,
    name,
    namespace,
    arguments: call.arguments,
    ...extra,
  });
}

function clientCallItem(kind: ItemToolKind, part: ToolCallPart, callId: string, extra: Fields): Fields {
  const type = CALL_TYPE[kind];
  return compact({
    type,
    id: providerItemId(type, part.itemId) ?? (kind === "local_shell" ? callId : undefined),
    call_id: callId,
    ...callFields(kind, part.input),
    status: "completed",
    ...extra,
  });
}

/** @param content writes what the tool answered */
export function resultItem(part: ToolResultPart, at: string, content: ContentWriter): Fields {
  const callId = callIdOf(part.callId);
  const extra = ownFields("openai-responses", part);
  if (hasItem(part.clientTool)) {
    return clientResult(part.clientTool, part, callId, extra);
  }
  const type = part.kind === "custom" ? "custom_tool_call_output" : "function_call_output";
  const id = providerItemId(type, part.itemId);
  return compact({ type, id, call_id: callId, output: outputOf(part, at, content), ...extra });
}

function outputOf(part: ToolResultPart, at: string, writer: ContentWriter): string | Fields[] {
  const content = part.content
    .map((entry, index) => writer.content(entry, `${at}.content[${index}]`))
    .filter((entry) => entry !== undefined);
  if (part.isError) markError(content);
  const only = content.length === 1 ? content[0] : undefined;
  const text =
    only?.type === "input_text" && !("prompt_cache_breakpoint" in only) ? textOf(only.text) : undefined;
  if (text !== undefined) return text;
  return content.length ? content : "";
}

function clientResult(kind: ItemToolKind, part: ToolResultPart, callId: string, extra: Fields): Fields {
  const text = part.content
    .filter((entry) => entry.type === "text")
    .map((entry) => entry.text)
    .join("\n");
  const id = part.itemId;
  switch (kind) {
    case "local_shell":
      return { type: "local_shell_call_output", id: id ?? callId, call_id: callId, output: text, ...extra };
    case "shell": {
      const outcome = { type: "exit", exit_code: part.isError ? 1 : 0 };
      const output = [{ stdout: text, stderr: "", outcome }];
      return compact({ type: "shell_call_output", id, call_id: callId, output, ...extra });
    }
    case "apply_patch": {
      const status = part.isError ? "failed" : "completed";
      const output = text || undefined;
      return compact({ type: "apply_patch_call_output", id, call_id: callId, status, output, ...extra });
    }
    case "computer": {
      const shot = part.content.find((entry) => entry.type === "image")?.source;
      const output = {
        type: "computer_screenshot",
        ...(shot?.kind === "base64" ? { image_url: dataUrl(shot) } : {}),
        ...(shot?.kind === "url" ? { image_url: shot.url } : {}),
        ...(shot?.kind === "file" ? { file_id: shot.id } : {}),
      };
      return compact({ type: "computer_call_output", id, call_id: callId, output, ...extra });
    }
    case "tool_search":
      return compact({
        type: "tool_search_output",
        id,
        call_id: callId,
        execution: "client",
        status: "completed",
        tools: [],
        ...extra,
      });
  }
}

/** The API has no field for a failed result: the text says so, where it does not yet. */
function markError(content: Fields[]): void {
  const first = content[0];
  if (first?.type === "input_text") {
    const text = String(first.text);
    if (!/error|fail|exception|denied|not found/i.test(text.slice(0, 200))) {
      content[0] = { ...first, text: `Error: ${text}` };
    }
  } else content.unshift({ type: "input_text", text: "Error" });
}
