/** Tools and tool choice of a request, as canonical ones. */

import { type Fields, fieldsOf, isRecord, listOf, textOf } from "../../../common/json.ts";
import type { ClientToolKind, Tool, ToolChoice } from "../../chat.ts";
import { extraOf } from "../../extra.ts";
import { check, customToolSchema, functionToolSchema, namespaceToolSchema } from "../schema.ts";

type ProviderKind = Extract<Tool, { type: "provider" }>["kind"];

const PROTOCOL = "openai-responses" as const;
const FUNCTION_FIELDS = new Set(["type", "name", "description", "parameters", "strict", "defer_loading"]);
const CUSTOM_FIELDS = new Set(["type", "name", "description", "format"]);

const PROVIDER_TOOLS: Readonly<Record<string, ProviderKind>> = {
  web_search: "web_search",
  web_search_2025_08_26: "web_search",
  web_search_preview: "web_search",
  web_search_preview_2025_03_11: "web_search",
  file_search: "file_search",
  code_interpreter: "code_execution",
  image_generation: "image_generation",
  mcp: "mcp",
  tool_search: "tool_search",
  shell: "code_execution",
};
const CLIENT_TOOLS: Readonly<Record<string, ClientToolKind>> = {
  local_shell: "local_shell",
  shell: "shell",
  apply_patch: "apply_patch",
  computer: "computer",
  computer_use: "computer",
  computer_use_preview: "computer",
};

/** Where a tool stands. */
type Namespace = Pick<Extract<Tool, { type: "function" }>, "namespace" | "namespaceDescription">;

function decodeFunction(raw: Fields, path: string, namespace: Namespace = {}): Tool {
  const tool = check(functionToolSchema, raw, path);
  return {
    type: "function",
    name: tool.name,
    ...namespace,
    ...(tool.description ? { description: tool.description } : {}),
    ...(tool.parameters === null || tool.parameters === undefined ? {} : { parameters: tool.parameters }),
    ...(typeof tool.strict === "boolean" ? { strict: tool.strict } : {}),
    ...(tool.defer_loading ? { deferLoading: true } : {}),
    ...extraOf(PROTOCOL, raw, FUNCTION_FIELDS),
  };
}

function decodeCustom(raw: Fields, path: string, namespace: Namespace = {}): Tool {
  const tool = check(customToolSchema, raw, path);
  const format =
    tool.format?.type === "grammar"
      ? { type: tool.format.type, syntax: tool.format.syntax, definition: tool.format.definition }
      : tool.format && { type: tool.format.type };
  return {
    type: "custom",
    name: tool.name,
    ...namespace,
    ...(tool.description ? { description: tool.description } : {}),
    ...(format ? { format } : {}),
    ...extraOf(PROTOCOL, raw, CUSTOM_FIELDS),
  };
}

/** Does the provider run this shell in a container of its own? */
export function isContainer(environment: unknown): boolean {
  return textOf(fieldsOf(environment).type)?.startsWith("container") ?? false;
}

/** One tool; a namespace becomes several. @throws PorticoError `invalid_request`. */
export function decodeTool(raw: Fields, path: string): Tool[] {
  const type = String(raw.type);
  if (type === "function") return [decodeFunction(raw, path)];
  if (type === "custom") return [decodeCustom(raw, path)];
  if (type === "namespace") {
    const { name, description, tools } = check(namespaceToolSchema, raw, path);
    const namespace = { namespace: name, ...(description ? { namespaceDescription: description } : {}) };
    return tools.map((tool, index) => {
      const at = `${path}.tools[${index}]`;
      return tool.type === "custom" ? decodeCustom(tool, at, namespace) : decodeFunction(tool, at, namespace);
    });
  }
  if (type === "tool_search" && raw.execution === "client") {
    return [{ type: "client", kind: "tool_search", name: "tool_search", protocol: PROTOCOL, raw }];
  }
  const client = CLIENT_TOOLS[type];
  if (client !== undefined && !(type === "shell" && isContainer(raw.environment))) {
    return [{ type: "client", kind: client, name: type, protocol: PROTOCOL, raw }];
  }
  const name = type === "mcp" ? (textOf(raw.server_label) ?? type) : type;
  return [{ type: "provider", kind: PROVIDER_TOOLS[type] ?? "other", name, protocol: PROTOCOL, raw }];
}

export interface DecodedChoice {
  choice?: ToolChoice;
  /** Set when the choice says more than the canonical form can: kept for the same protocol. */
  raw?: unknown;
}

/** `tool_choice`: a mode, or a tool by type and name. */
export function decodeToolChoice(value: string | Fields | null | undefined): DecodedChoice {
  if (value === null || value === undefined) return {};
  if (typeof value === "string") {
    if (value === "auto" || value === "none" || value === "required") return { choice: { type: value } };
    return { raw: value };
  }
  const name = textOf(value.name);
  if ((value.type === "function" || value.type === "custom") && name !== undefined) {
    return { choice: { type: "tool", name, kind: value.type } };
  }
  if (value.type === "allowed_tools") {
    const mode = value.mode === "required" ? "required" : "auto";
    const tools = listOf(value.tools).filter(isRecord);
    const names = tools.map((tool) => textOf(tool.name) ?? textOf(tool.server_label) ?? String(tool.type));
    const plain = tools.every((tool) => tool.type === "function" && textOf(tool.name) !== undefined);
    return { choice: { type: "allowed", mode, names }, ...(plain ? {} : { raw: value }) };
  }
  const kind = textOf(value.server_label) ?? textOf(value.type) ?? "tool";
  return { choice: { type: "tool", name: kind, kind: "other" }, raw: value };
}
