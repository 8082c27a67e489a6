/** The tool list and the tool choice. */
import { badRequest } from "../../../common/errors.ts";
import { isRecord, listOf } from "../../../common/json.ts";
import type { ClientToolKind, Tool, ToolChoice } from "../../chat.ts";
import { optional, rest } from "../json.ts";
import { providerToolKind } from "../providerTools.ts";
import { check, toolSchema, type WireRequest } from "../schema.ts";
import { decodeCache } from "./decodeBlocks.ts";

type WireTool = NonNullable<WireRequest["tools"]>[number];

/** Tools that Anthropic defines and the client runs, by the beginning of their dated `type`. */
const CLIENT_TOOLS: readonly (readonly [RegExp, ClientToolKind])[] = [
  [/^bash_\d/, "bash"],
  [/^text_editor_\d/, "text_editor"],
  [/^computer_\d/, "computer"],
  [/^memory_\d/, "memory"],
];

const FUNCTION = new Set([
  "type",
  "name",
  "description",
  "input_schema",
  "strict",
  "defer_loading",
  "cache_control",
]);

export function decodeTool(tool: WireTool, path: string): Tool {
  const cache = optional("cache", decodeCache(tool.cache_control));
  if (tool.type === undefined || tool.type === null || tool.type === "custom") {
    if (!tool.name) throw badRequest(`${path}.name: expected a string`, `${path}.name`);
    const extra = rest(tool, FUNCTION);
    return {
      type: "function",
      name: tool.name,
      ...optional("description", tool.description),
      ...optional("parameters", tool.input_schema),
      ...optional("strict", tool.strict),
      ...optional("deferLoading", tool.defer_loading),
      ...cache,
      ...(extra ? { extra: { protocol: "anthropic", fields: extra } } : {}),
    };
  }
  const { cache_control: _, ...raw } = tool;
  const type = tool.type;
  const client = CLIENT_TOOLS.find(([pattern]) => pattern.test(type));
  const name = tool.name ?? (typeof tool.mcp_server_name === "string" ? tool.mcp_server_name : type);
  if (client) return { type: "client", kind: client[1], name, protocol: "anthropic", raw, ...cache };
  return { type: "provider", kind: providerToolKind(type), name, protocol: "anthropic", raw, ...cache };
}

/**
 * Tools that the conversation itself brings: `tool_addition` with a `tool_definition` in a system message or in a
 * `compaction` block's `tool_changes` (`@anthropic-ai/sdk`, `BetaRequestToolAdditionBlock`).
 */
export function toolsByValue(messages: readonly unknown[], path: string): Tool[] {
  const out: Tool[] = [];
  const visit = (blocks: unknown, at: string) => {
    for (const [index, block] of listOf(blocks).entries()) {
      if (!isRecord(block)) continue;
      const here = `${at}[${index}]`;
      if (block.type === "compaction") visit(block.tool_changes, `${here}.tool_changes`);
      if (block.type !== "tool_addition" || !isRecord(block.tool) || !isRecord(block.tool.definition))
        continue;
      const tool = decodeTool(check(toolSchema, block.tool.definition, here), here);
      if (tool.type !== "function") continue;
      const { deferLoading: _hidden, ...shown } = tool;
      out.push({ ...shown, loaded: true });
    }
  };
  for (const [index, message] of messages.entries())
    if (isRecord(message)) visit(message.content, `${path}[${index}].content`);
  return out;
}

export function decodeToolChoice(
  choice: NonNullable<WireRequest["tool_choice"]>,
  tools: readonly Tool[],
): ToolChoice {
  switch (choice.type) {
    case "auto":
    case "none":
      return { type: choice.type };
    case "any":
      return { type: "required" };
    case "tool": {
      const name = choice.name;
      if (!name) throw badRequest("tool_choice.name: expected the name of a tool", "tool_choice.name");
      const provider = tools.some((tool) => tool.type === "provider" && tool.name === name);
      return { type: "tool", name, kind: provider ? "other" : "function" };
    }
  }
}
