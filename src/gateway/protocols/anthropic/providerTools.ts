/** Blocks of tools that Anthropic runs itself: web search, code execution, MCP, … */
import { isRecord } from "../../common/json.ts";
import type { ProviderToolPart, Tool } from "../chat.ts";
import { foundFields, TOOL_SEARCH } from "../toolSearch.ts";
import { sourcesOf } from "../webSearch.ts";
import type { JsonObject } from "./json.ts";
import { isSearchName, referencesOf, RESULT as SEARCH_RESULT } from "./toolSearch.ts";

type ProviderToolKind = Extract<Tool, { type: "provider" }>["kind"];

/** Kinds of server tools by the beginning of their `type`, which ends in a date. */
const KINDS: readonly (readonly [string, ProviderToolKind])[] = [
  ["web_search_", "web_search"],
  ["web_fetch_", "web_fetch"],
  ["code_execution_", "code_execution"],
  ["tool_search_tool_", "tool_search"],
  ["mcp_toolset", "mcp"],
];

export function providerToolKind(type: string): ProviderToolKind {
  return KINDS.find(([prefix]) => type.startsWith(prefix))?.[1] ?? "other";
}

const RESULT = "_tool_result";

/** A call (`server_tool_use`, `mcp_tool_use`) or a result (`…_tool_result`); else `undefined`. */
export function providerToolPart(block: JsonObject): ProviderToolPart | undefined {
  const type = typeof block.type === "string" ? block.type : "";
  if ((type === "server_tool_use" || type === "mcp_tool_use") && typeof block.id === "string") {
    return {
      type: "provider-tool",
      protocol: "anthropic",
      phase: "call",
      tool: isSearchName(block.name) ? TOOL_SEARCH : typeof block.name === "string" ? block.name : type,
      id: block.id,
      input: JSON.stringify(block.input ?? {}),
      raw: block,
    };
  }
  if (!type.endsWith(RESULT) || typeof block.tool_use_id !== "string") return undefined;
  const isError = isFailure(block) ? { isError: true } : {};
  if (type === SEARCH_RESULT) {
    const found = isError.isError
      ? { output: readable(block.content) }
      : foundFields(referencesOf(block.content));
    const { tool_use_id: id } = block;
    return {
      type: "provider-tool",
      protocol: "anthropic",
      phase: "result",
      tool: TOOL_SEARCH,
      id,
      ...found,
      ...isError,
      raw: block,
    };
  }
  const output = readable(block.content);
  const sources = sourcesOf(block.content);
  return {
    type: "provider-tool",
    protocol: "anthropic",
    phase: "result",
    tool: type.slice(0, -RESULT.length),
    id: block.tool_use_id,
    ...(output === "" ? {} : { output }),
    ...(sources.length === 0 ? {} : { sources }),
    ...isError,
    raw: block,
  };
}

function isFailure(block: JsonObject): boolean {
  if (block.is_error === true) return true;
  const content = block.content;
  return isRecord(content) && typeof content.type === "string" && content.type.endsWith("_error");
}

/** What a person would read of a result: texts, titles with links, standard output, error codes. */
function readable(content: unknown): string {
  if (typeof content === "string") return content;
  if (Array.isArray(content)) {
    return content
      .map(readable)
      .filter((line) => line !== "")
      .join("\n");
  }
  if (!isRecord(content)) return "";
  const text = (key: string) => (typeof content[key] === "string" ? content[key] : "");
  if (text("url") !== "") return [text("title"), text("url")].filter(Boolean).join(" — ");
  for (const key of ["text", "stdout", "stderr", "error_code"]) if (text(key) !== "") return text(key);
  return "";
}
