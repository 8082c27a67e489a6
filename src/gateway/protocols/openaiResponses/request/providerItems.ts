/** Items of tools that the provider runs itself. */

import { compact, type Fields, fieldsOf, isRecord, listOf, textOf } from "../../../common/json.ts";
import type { ProviderToolPart } from "../../chat.ts";
import { foundFields } from "../../toolSearch.ts";
import { sourcesOf } from "../../webSearch.ts";
import { foundIn } from "../toolSearch.ts";

/** Item types with the canonical name of their tool. */
const TOOLS: Readonly<Record<string, string>> = {
  web_search_call: "web_search",
  file_search_call: "file_search",
  code_interpreter_call: "code_execution",
  image_generation_call: "image_generation",
  mcp_call: "mcp",
  mcp_list_tools: "mcp_list_tools",
  mcp_approval_request: "mcp_approval",
  mcp_approval_response: "mcp_approval",
  tool_search_call: "tool_search",
  tool_search_output: "tool_search",
  shell_call: "code_execution",
  shell_call_output: "code_execution",
};
const PHASES: Readonly<Record<string, ProviderToolPart["phase"]>> = {
  mcp_approval_request: "call",
  mcp_approval_response: "result",
  tool_search_call: "call",
  tool_search_output: "result",
  shell_call: "call",
  shell_call_output: "result",
};

export const PROVIDER_ITEMS: ReadonlySet<string> = new Set(Object.keys(TOOLS));

const json = (value: unknown): string | undefined =>
  value === undefined ? undefined : JSON.stringify(value);

function inputOf(item: Fields): string | undefined {
  switch (item.type) {
    case "web_search_call": {
      const action = fieldsOf(item.action);
      const query = textOf(action.query) ?? textOf(listOf(action.queries)[0]);
      return query === undefined ? json(item.action) : JSON.stringify({ query });
    }
    case "file_search_call":
      return json({ queries: listOf(item.queries) });
    case "code_interpreter_call":
      return json({ code: item.code ?? "" });
    case "image_generation_call":
      return json({ prompt: item.revised_prompt ?? "" });
    case "shell_call":
      return json(item.action);
    default:
      return typeof item.arguments === "string" ? item.arguments : json(item.arguments);
  }
}

function outputOf(item: Fields): string | undefined {
  if (typeof item.output === "string") return item.output;
  const results = listOf(item.results ?? item.outputs ?? item.output).filter(isRecord);
  const lines = results.map((entry) => textOf(entry.text) ?? textOf(entry.logs) ?? textOf(entry.stdout));
  const text = lines.filter((line) => line !== undefined).join("\n");
  const urls = sourcesOf(fieldsOf(item.action).sources).map(({ url }) => url);
  return text || urls.join("\n") || textOf(item.error);
}

export function providerToolPart(item: Fields): ProviderToolPart {
  const type = String(item.type);
  const sources = sourcesOf(fieldsOf(item.action).sources);
  const failed = item.status === "failed" || textOf(item.error) !== undefined;
  const search = type === "tool_search_output" ? foundFields(foundIn(item.tools)) : {};
  return compact({
    type: "provider-tool" as const,
    protocol: "openai-responses" as const,
    phase: PHASES[type] ?? ("both" as const),
    tool: TOOLS[type] ?? type,
    id: textOf(item.id) ?? textOf(item.call_id) ?? "",
    input: inputOf(item),
    output: outputOf(item),
    sources: sources.length > 0 ? sources : undefined,
    ...search,
    isError: failed || (type === "tool_search_output" && item.status === "incomplete") ? true : undefined,
    raw: item,
  });
}
