/** Tools and tool choice of a chat completions request, the deprecated `functions` included. */
import type * as z from "zod";
import { compact, textOf } from "../../../common/json.ts";
import type { CacheMarker, Tool, ToolChoice } from "../../chat.ts";
import { type ChatCompletionsRequest, customTool, functionTool } from "../schema.ts";
import { parse } from "../validate.ts";
import { record } from "../values.ts";

type FunctionTool = Extract<Tool, { type: "function" }>;
type CustomTool = Extract<Tool, { type: "custom" }>;

interface FunctionShape {
  name: string;
  description?: string | null | undefined;
  parameters?: Record<string, unknown> | boolean | null | undefined;
  strict?: boolean | null | undefined;
}

function decodeFunction(shape: FunctionShape, cache?: CacheMarker): FunctionTool {
  const { name, description, parameters, strict } = shape;
  return compact({ type: "function", name, description, parameters, strict, cache });
}

function decodeToolFormat(
  format: NonNullable<z.infer<typeof customTool>["custom"]["format"]>,
): CustomTool["format"] {
  if (format.type === "text") return { type: "text" };
  const { syntax, definition } = format.grammar;
  return { type: "grammar", syntax, definition };
}

function decodeCustom(tool: unknown, path: readonly PropertyKey[]): CustomTool {
  const { name, description, format } = parse(customTool, tool, path).custom;
  return compact({ type: "custom", name, description, format: format && decodeToolFormat(format) });
}

/** Both of the markers clients know: OpenAI's breakpoint and Anthropic's `cache_control`. */
export function decodeCache(part: {
  prompt_cache_breakpoint?: { ttl?: string | undefined } | null | undefined;
  cache_control?: { ttl?: string | undefined } | null | undefined;
}): CacheMarker | undefined {
  const marker = part.cache_control ?? part.prompt_cache_breakpoint;
  if (marker == null) return undefined;
  if (marker.ttl === "5m") return { ttl: "5m" };
  return marker.ttl === "1h" || marker.ttl === "12h" ? { ttl: "1h" } : {};
}

/** @throws PorticoError naming the tool's field. */
export function decodeTools(body: ChatCompletionsRequest): Tool[] {
  const tools: Tool[] = [];
  for (const [i, tool] of (body.tools ?? []).entries()) {
    const path = ["tools", i];
    if (tool.type === "function" || (tool.type == null && "function" in tool)) {
      const parsed = parse(functionTool, { ...tool, type: "function" }, path);
      tools.push(decodeFunction(parsed.function, decodeCache(parsed)));
    } else if (tool.type === "custom") tools.push(decodeCustom(tool, path));
    else {
      const kind = tool.type ?? "unknown";
      const name = textOf(tool.name) ?? kind;
      tools.push({ type: "provider", kind: "other", name, protocol: "openai-chat", raw: tool });
    }
  }
  if (tools.length === 0) for (const shape of body.functions ?? []) tools.push(decodeFunction(shape));
  if (body.web_search_options != null) {
    tools.push({
      type: "provider",
      kind: "web_search",
      name: "web_search",
      protocol: "openai-chat",
      raw: body.web_search_options,
    });
  }
  return tools;
}

function allowedName(entry: Record<string, unknown>): string | undefined {
  return textOf(record(entry.function)?.name) ?? textOf(record(entry.custom)?.name) ?? textOf(entry.name);
}

export function decodeToolChoice(body: ChatCompletionsRequest): ToolChoice | undefined {
  const choice = body.tool_choice;
  if (choice == null) {
    const legacy = body.function_call;
    if (legacy == null) return undefined;
    return typeof legacy === "string" ? { type: legacy } : { type: "tool", name: legacy.name };
  }
  if (typeof choice === "string") return { type: choice === "any" ? "required" : choice };
  switch (choice.type) {
    case "function":
      return { type: "tool", name: choice.function.name, kind: "function" };
    case "custom":
      return { type: "tool", name: choice.custom.name, kind: "custom" };
    case "allowed_tools": {
      const names = choice.allowed_tools.tools.map(allowedName).filter((name) => name !== undefined);
      return { type: "allowed", mode: choice.allowed_tools.mode, names };
    }
  }
}
