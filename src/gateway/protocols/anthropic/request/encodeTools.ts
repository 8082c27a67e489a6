/** Tools and the tool choice for a provider. */
import { compact, isRecord } from "../../../common/json.ts";
import type { ModelTraits } from "../../../models/traits.ts";
import { traitsOf } from "../../../models/traitsOf.ts";
import { attainableChoice } from "../../attainableChoice.ts";
import type { ChatRequest, JsonSchema, Tool, ToolChoice, Warn } from "../../chat.ts";
import {
  choiceAsFunctions,
  isOffline,
  type Keep,
  type ToolNames,
  toolsAsFunctions,
} from "../../clientTools.ts";
import type { EncodeContext } from "../../codec.ts";
import { ownFields } from "../../extra.ts";
import { resolvedTop } from "../../jsonSchema.ts";
import { ANTHROPIC_PROPERTY } from "../../propertyNames.ts";
import { searchOptions } from "../../webSearch.ts";
import type { JsonObject } from "../json.ts";
import { strictSchema } from "./jsonSchema.ts";
import type { Turn } from "./turns.ts";

/**
 * Anthropic's own client-run tools stay as they are for Claude; other vendors' models get them as
 * functions, and so do those that refuse this version of one. Requests and replies must agree on this, so the
 * model's name alone decides.
 */
export function keepTool(model: string): Keep {
  const { claude, refusedTools } = traitsOf(model);
  return (tool) =>
    claude &&
    tool.type === "client" &&
    tool.protocol === "anthropic" &&
    !refusedTools.includes(String(tool.raw.type));
}

export interface EncodedTools {
  tools: JsonObject[];
  names: ToolNames;
}

export function encodeTools(request: ChatRequest, traits: ModelTraits, context: EncodeContext): EncodedTools {
  const ownClient = request.extra?.protocol === "anthropic";
  const { tools, names } = toolsAsFunctions(
    // What an Anthropic client's conversation brings or takes away is in its messages.
    ownClient
      ? request.tools.flatMap((tool): Tool[] => {
          if (tool.type !== "function") return "loaded" in tool && tool.loaded ? [] : [tool];
          const { removed: _, ...declared } = tool;
          return tool.loaded ? [] : [declared];
        })
      : request.tools,
    context.warn,
    keepTool(request.model),
    ANTHROPIC_PROPERTY,
  );
  // Nothing would ever show a deferred tool where neither Anthropic nor the client looks for it.
  const searches =
    ownClient ||
    (traits.searchesTools && tools.some((tool) => tool.type === "provider" && tool.kind === "tool_search"));
  const out: JsonObject[] = [];
  const taken = new Set(tools.filter((tool) => tool.type !== "provider").map((tool) => tool.name));
  for (const tool of tools) {
    const wire = encodeTool(tool, traits, ownClient, searches, context.warn);
    if (wire === undefined) continue;
    if (tool.type === "provider" && typeof wire.name === "string") {
      if (taken.has(wire.name)) {
        context.warn(`tools.${tool.name}`, "left out: another tool has its name");
        continue;
      }
      taken.add(wire.name);
    }
    const cache = "cache" in tool ? tool.cache : undefined;
    out.push(
      cache ? { ...wire, cache_control: { type: "ephemeral", ...compact({ ttl: cache.ttl }) } } : wire,
    );
  }
  return { tools: out, names };
}

/** @param searches a search can find the tools that are not shown at first */
function encodeTool(
  tool: Tool,
  traits: ModelTraits,
  ownClient: boolean,
  searches: boolean,
  warn: Warn,
): JsonObject | undefined {
  switch (tool.type) {
    case "function":
      return {
        name: tool.name,
        ...compact({ description: tool.description }),
        input_schema: inputSchema(tool.parameters, tool.name, warn),
        ...strictness(tool, traits, ownClient, warn),
        ...(searches ? compact({ defer_loading: tool.deferLoading }) : {}),
        ...ownFields("anthropic", tool),
      };
    case "client":
      return { ...tool.raw };
    case "provider":
      if (tool.protocol === "anthropic") return { ...tool.raw };
      return foreignTool(tool, traits, warn);
    case "custom":
      // `toolsAsFunctions` has turned these into functions.
      return undefined;
  }
}

function strictness(
  tool: Extract<Tool, { type: "function" }>,
  traits: ModelTraits,
  ownClient: boolean,
  warn: Warn,
): { strict?: boolean } {
  if (ownClient) return compact({ strict: tool.strict });
  if (!tool.strict) return {};
  if (traits.jsonSchema && strictSchema(tool.parameters)?.changed === false) return { strict: true };
  warn(`tools.${tool.name}.strict`, "the schema is given to the model but not enforced");
  return {};
}

const COMBINERS = ["anyOf", "oneOf", "allOf"] as const;

/** A schema of an object, without `anyOf`, `oneOf` or `allOf` at the top, which Anthropic refuses. */
function inputSchema(given: JsonSchema | undefined, name: string, warn: Warn): JsonObject {
  const schema = resolvedTop(given);
  if (!isRecord(schema)) return { type: "object", properties: {} };
  const combiner = COMBINERS.find((key) => Array.isArray(schema[key]));
  if (combiner === undefined) {
    if (schema.type === "object") return schema;
    const { type: _, ...others } = schema;
    return { type: "object", ...others };
  }
  warn(`tools.${name}.parameters.${combiner}`, "the alternatives were joined into one object");
  const properties: JsonObject = {};
  const { anyOf: _, oneOf: __, allOf: ___, ...others } = schema;
  const variants = COMBINERS.flatMap((key) => {
    const list = schema[key];
    return Array.isArray(list) ? list.filter(isRecord) : [];
  });
  const required = new Set<unknown>(Array.isArray(schema.required) ? schema.required : []);
  for (const variant of variants) {
    if (isRecord(variant.properties)) Object.assign(properties, variant.properties);
    if (combiner === "allOf" && Array.isArray(variant.required)) {
      for (const key of variant.required) required.add(key);
    }
  }
  return {
    ...others,
    type: "object",
    properties: { ...properties, ...(isRecord(schema.properties) ? schema.properties : {}) },
    ...(required.size > 0 ? { required: [...required] } : {}),
  };
}

/** Web search, page reading and code execution of another protocol as Anthropic's own. */
function foreignTool(
  tool: Extract<Tool, { type: "provider" }>,
  traits: ModelTraits,
  warn: Warn,
): JsonObject | undefined {
  if (traits.claude && !isOffline(tool)) {
    switch (tool.kind) {
      case "web_search": {
        const { domains, place } = searchOptions(tool);
        return {
          type: "web_search_20250305",
          name: "web_search",
          ...(domains.length > 0 ? { allowed_domains: domains } : {}),
          ...(Object.keys(place).length > 0 ? { user_location: { type: "approximate", ...place } } : {}),
        };
      }
      case "tool_search":
        if (!traits.searchesTools) break;
        return { type: "tool_search_tool_bm25_20251119", name: "tool_search_tool_bm25" };
      case "web_fetch":
        return { type: "web_fetch_20250910", name: "web_fetch" };
      case "code_execution":
        return { type: "code_execution_20250825", name: "code_execution" };
    }
  }
  warn(`tools.${tool.name}`, `the target has no tool like ${tool.protocol}'s ${tool.name}`);
  return undefined;
}

/**
 * Anthropic refuses tool blocks in a conversation without tools: those that were called are
 * declared by their names, and none may be called again.
 */
export function toolsOfHistory(turns: readonly Turn[]): JsonObject[] {
  const names = new Set<string>();
  for (const turn of turns) {
    for (const block of turn.blocks) if (block.type === "tool_use") names.add(String(block.name));
  }
  return [...names].map((name) => ({ name, input_schema: { type: "object", properties: {} } }));
}

function declaredChoice(choice: ToolChoice, tools: readonly JsonObject[], warn: Warn): ToolChoice {
  if (choice.type !== "tool" || tools.some(({ name }) => name === choice.name)) return choice;
  warn("tool_choice", `the tool ${choice.name} is not declared; the model may call any`);
  return { type: "required" };
}

/** `tool_choice`, and the tools that are left by a choice that allows but some. */
export function encodeToolChoice(
  request: ChatRequest,
  encoded: EncodedTools,
  traits: ModelTraits,
  warn: Warn,
): { tools: JsonObject[]; choice: JsonObject | undefined } {
  let { tools } = encoded;
  const wanted = request.toolChoice;
  if (tools.length === 0) {
    if (wanted && wanted.type !== "auto" && wanted.type !== "none") {
      warn("tool_choice", "there are no tools to choose from");
    }
    return { tools, choice: undefined };
  }
  const serial = request.parallelToolCalls === undefined ? undefined : !request.parallelToolCalls;
  const disable = compact({ disable_parallel_tool_use: serial });
  if (wanted === undefined) {
    return { tools, choice: serial ? { type: "auto", ...disable } : undefined };
  }
  const { forcedToolChoice: forced, off } = traits;
  // Some models cannot be made to call a tool beside the thinking that they cannot leave.
  const forcedToolChoice = forced === "without-thinking" && off === "never" ? "never" : forced;
  const named = declaredChoice(choiceAsFunctions(wanted, encoded.names), tools, warn);
  const choice = attainableChoice(named, { forcedToolChoice }, warn);
  switch (choice.type) {
    case "auto":
      return { tools, choice: { type: "auto", ...disable } };
    case "none":
      return { tools, choice: { type: "none" } };
    case "required":
      return { tools, choice: { type: "any", ...disable } };
    case "tool":
      return { tools, choice: { type: "tool", name: choice.name, ...disable } };
    case "allowed": {
      const allowed = new Set(choice.names);
      const left = tools.filter((tool) => allowed.has(String(tool.name)));
      if (traits.thinkingBoundTo !== "nothing") {
        // Thinking of earlier turns is bound to the tools as they were declared then.
        if (left.length < tools.length)
          warn("tool_choice", "the model may call tools that are not allowed, too");
      } else if (left.length > 0) {
        if (left.length < tools.length) warn("tool_choice", "the tools that are not allowed were left out");
        tools = left;
      } else {
        warn("tool_choice", "none of the allowed tools is declared; all are allowed");
      }
      return { tools, choice: { type: choice.mode === "required" ? "any" : "auto", ...disable } };
    }
  }
}
