/** The tool list and the tool choice. */
import { badRequest } from "../../../common/errors.ts";
import { compact, isRecord, listOf } from "../../../common/json.ts";
import type { ClientToolKind, Tool, ToolChoice } from "../../chat.ts";
import { extraOf } from "../../extra.ts";
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
  const cache = compact({ cache: decodeCache(tool.cache_control) });
  if (tool.type === undefined || tool.type === null || tool.type === "custom") {
    if (!tool.name) throw badRequest(`${path}.name: expected a string`, `${path}.name`);
    return {
      type: "function",
      name: tool.name,
      ...compact({
        description: tool.description,
        parameters: tool.input_schema,
        strict: tool.strict,
        deferLoading: tool.defer_loading,
      }),
      ...cache,
      ...extraOf("anthropic", tool, FUNCTION),
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
 * The tools as the conversation itself leaves them: `tool_addition` brings a `tool_definition`, or a tool back by its
 * name, and `tool_removal` takes one away, in a system message or in a `compaction` block's `tool_changes`
 * (`@anthropic-ai/sdk`, `BetaRequestToolAdditionBlock`, `BetaRequestToolRemovalBlock`).
 */
export function changedTools(tools: readonly Tool[], messages: readonly unknown[], path: string): Tool[] {
  const out = [...tools];
  const change = (name: unknown, removed: boolean) => {
    for (const [index, tool] of out.entries()) {
      if (tool.type !== "function" || tool.name !== name) continue;
      const { removed: _, ...rest } = tool;
      out[index] = removed ? { ...rest, removed } : rest;
    }
  };
  const visit = (blocks: unknown, at: string) => {
    for (const [index, block] of listOf(blocks).entries()) {
      if (!isRecord(block)) continue;
      const here = `${at}[${index}]`;
      if (block.type === "compaction") visit(block.tool_changes, `${here}.tool_changes`);
      if (!isRecord(block.tool) || (block.type !== "tool_addition" && block.type !== "tool_removal"))
        continue;
      if (!isRecord(block.tool.definition)) {
        if (block.tool.type === "tool_reference") change(block.tool.name, block.type === "tool_removal");
        continue;
      }
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
