/** Tools and tool choice for a chat completions target. */
import { compact } from "../../../common/json.ts";
import type { ModelTraits } from "../../../models/traits.ts";
import { attainableChoice } from "../../attainableChoice.ts";
import type { ChatRequest, Tool, ToolChoice, Warn } from "../../chat.ts";
import { choiceAsFunctions, isOffline, type ToolNames, toolsAsFunctions } from "../../clientTools.ts";
import { searchOptions } from "../../webSearch.ts";
import type { Json } from "../values.ts";
import { type Dialect, takes } from "./dialects.ts";
import { objectSchema } from "./schemaDialect.ts";

export interface EncodedTools {
  /** `tools`, `tool_choice`, `parallel_tool_calls`, `web_search_options`. */
  fields: Json;
  names: ToolNames;
}

const VALID_NAME = /^[A-Za-z0-9_-]{1,64}$/;

function encodeFunction(tool: Extract<Tool, { type: "function" }>, dialect: Dialect, warn: Warn): Json {
  const { name, description, parameters, strict, cache } = tool;
  const schema =
    parameters === undefined && dialect.strict
      ? undefined
      : objectSchema(parameters, `tools.${name}.parameters`, warn);
  if (strict === true && !dialect.strict)
    warn(`tools.${name}.strict`, "not supported there; the schema is not enforced");
  return {
    type: "function",
    function: {
      name,
      ...compact({ description, parameters: schema }),
      ...(strict === undefined || !dialect.strict ? {} : { strict }),
    },
    ...(cache !== undefined && dialect.cache === "cache_control"
      ? { cache_control: cacheControl(cache) }
      : {}),
  };
}

export function cacheControl(cache: { ttl?: "5m" | "1h" }): Json {
  return { type: "ephemeral", ...(cache.ttl === undefined ? {} : { ttl: cache.ttl }) };
}

function encodeCustom(tool: Extract<Tool, { type: "custom" }>): Json {
  const { name, description, format } = tool;
  return {
    type: "custom",
    custom: {
      name,
      ...(description === undefined ? {} : { description }),
      ...(format === undefined
        ? {}
        : {
            format:
              format.type === "text"
                ? { type: "text" }
                : { type: "grammar", grammar: { syntax: format.syntax, definition: format.definition } },
          }),
    },
  };
}

/** Tools the provider runs: only its own can be declared, and web search where the model searches. */
function encodeProviderTool(
  tool: Extract<Tool, { type: "provider" }>,
  dialect: Dialect,
  traits: ModelTraits,
  warn: Warn,
): { tool?: Json; search?: Json } {
  if (tool.kind === "web_search" && !isOffline(tool) && takes(dialect, "web_search_options")) {
    if (tool.protocol === "openai-chat") return { search: { ...tool.raw } };
    if (traits.searches) return { search: searchField(tool) };
  } else if (tool.protocol === "openai-chat" && tool.kind !== "web_search") return { tool: { ...tool.raw } };
  warn(`tools.${tool.name}`, `the provider does not run ${tool.kind} here; the tool was left out`);
  return {};
}

function searchField(tool: Extract<Tool, { type: "provider" }>): Json {
  const { place, size } = searchOptions(tool);
  return {
    ...(size === undefined ? {} : { search_context_size: size }),
    ...(Object.keys(place).length > 0 ? { user_location: { type: "approximate", approximate: place } } : {}),
  };
}

function toolFields(names: readonly string[], tools: readonly Tool[]): Json[] {
  return names.map((name) => {
    const type = tools.find((tool) => tool.name === name)?.type === "custom" ? "custom" : "function";
    return { type, [type]: { name } };
  });
}

interface Choice {
  value?: unknown;
  /** Only these tools are offered. */
  only?: readonly string[];
  /** No tools at all. */
  none?: true;
}

/** Tools that are left out, or were never declared, cannot be chosen. */
function declaredChoice(choice: ToolChoice, tools: readonly Tool[], warn: Warn): ToolChoice {
  if (choice.type !== "allowed") return choice;
  const names = choice.names.filter((name) => isDeclared(name, tools));
  const missing = choice.names.filter((name) => !names.includes(name));
  if (missing.length > 0) warn("tool_choice", `there is no tool ${missing.join(", ")}`);
  if (names.length > 0) return { ...choice, names };
  return { type: choice.mode };
}

const isDeclared = (name: string, tools: readonly Tool[]): boolean =>
  tools.some((tool) => tool.name === name && tool.type !== "provider");

function encodeChoice(
  asked: ToolChoice,
  tools: readonly Tool[],
  dialect: Dialect,
  traits: ModelTraits,
  warn: Warn,
): Choice {
  const declared = declaredChoice(asked, tools, warn);
  // Where a tool cannot be named, it can be the only one.
  if (declared.type === "tool" && traits.forcedToolChoice === "unnamed" && isDeclared(declared.name, tools)) {
    return { value: "required", only: [declared.name] };
  }
  const choice = attainableChoice(declared, traits, warn);
  if (choice.type === "auto") return { value: "auto" };
  const { toolChoice } = dialect;
  if (choice.type === "none") return toolChoice === "auto" ? { none: true } : { value: "none" };
  if (choice.type === "allowed" && toolChoice === "full") {
    return {
      value: {
        type: "allowed_tools",
        allowed_tools: { mode: choice.mode, tools: toolFields(choice.names, tools) },
      },
    };
  }
  const only = choice.type === "allowed" ? { only: choice.names } : {};
  const forced = choice.type !== "allowed" || choice.mode === "required";
  if (forced && toolChoice === "auto") {
    warn("tool_choice", "this provider cannot be made to call a tool; it may answer in words");
    return { value: "auto", ...only };
  }
  if (choice.type !== "tool") return { value: forced ? "required" : "auto", ...only };
  if (!isDeclared(choice.name, tools)) {
    warn("tool_choice", `there is no tool ${choice.name}; the model chooses`);
    return { value: "auto" };
  }
  if (toolChoice === "words") return { value: "required", only: [choice.name] };
  return { value: toolFields([choice.name], tools)[0] };
}

/** Everything about tools, with the names that calls in the conversation must use. */
export function encodeTools(
  request: ChatRequest,
  dialect: Dialect,
  traits: ModelTraits,
  warn: Warn,
): EncodedTools {
  // A custom tool stays one only where its name needs no change.
  const keep = (tool: Tool): boolean =>
    dialect.customTools &&
    tool.type === "custom" &&
    tool.namespace === undefined &&
    VALID_NAME.test(tool.name);
  const { tools, names } = toolsAsFunctions(request.tools, warn, keep);
  const choice =
    request.toolChoice === undefined
      ? {}
      : encodeChoice(choiceAsFunctions(request.toolChoice, names), tools, dialect, traits, warn);
  const encoded: Json[] = [];
  let search: Json | undefined;
  for (const tool of tools) {
    if (choice.none || (choice.only !== undefined && !choice.only.includes(tool.name))) continue;
    if (tool.type === "function") encoded.push(encodeFunction(tool, dialect, warn));
    else if (tool.type === "custom") encoded.push(encodeCustom(tool));
    else if (tool.type === "provider") {
      const own = encodeProviderTool(tool, dialect, traits, warn);
      if (own.tool !== undefined) encoded.push(own.tool);
      search = own.search ?? search;
    }
  }
  const fields: Json = {};
  if (encoded.length > 0) {
    fields.tools = encoded;
    if (choice.value !== undefined) fields.tool_choice = choice.value;
    if (request.parallelToolCalls !== undefined) {
      if (takes(dialect, "parallel_tool_calls")) fields.parallel_tool_calls = request.parallelToolCalls;
      else if (!request.parallelToolCalls) {
        warn("parallel_tool_calls", "not supported there; the model may call several tools at once");
      }
    }
  }
  if (search !== undefined) fields.web_search_options = search;
  return { fields, names };
}
