/** Canonical tools and tool choice as `tools` and `toolConfig`. */
import { fieldsOf, isRecord } from "../../../common/json.ts";
import type { ModelTraits } from "../../../models/traits.ts";
import type { ChatRequest, Tool, ToolChoice, Warn } from "../../chat.ts";
import {
  choiceAsFunctions,
  isOffline,
  type Keep,
  type ToolNames,
  toolsAsFunctions,
} from "../../clientTools.ts";
import { resolvedTop } from "../../jsonSchema.ts";
import { toGeminiJsonSchema, toOpenApi } from "../schemaDialect.ts";
import type { Json } from "../values.ts";

/** Client-run tools that Gemini has itself. */
export const keepClientTool: Keep = (tool) => tool.type === "client" && tool.protocol === "gemini";

type FunctionTool = Extract<Tool, { type: "function" }>;
type ProviderTool = Extract<Tool, { type: "provider" }>;

/** Google's own tool for a kind of provider-run tool. */
const OWN: Partial<Readonly<Record<ProviderTool["kind"], string>>> = {
  web_search: "googleSearch",
  web_fetch: "urlContext",
  code_execution: "codeExecution",
};

export interface EncodedTools {
  tools: Json[];
  toolConfig: Json | undefined;
  names: ToolNames;
}

/** @param kept fields of a Gemini client's own declarations, and its `toolConfig`, to put back. */
export function encodeTools(
  request: ChatRequest,
  kept: { declarations: Json; toolConfig: Json },
  provider: string,
  traits: ModelTraits,
  warn: Warn,
): EncodedTools {
  const { tools, names } = toolsAsFunctions(request.tools, warn, keepClientTool);
  const declarations: Json[] = [];
  const others: Json[] = [];
  const taken = new Set<string>();
  const functions = tools.some((tool) => tool.type === "function");
  for (const tool of tools) {
    if (tool.type === "function") {
      const declaration = declare(tool, traits, warn);
      declarations.push({ ...declaration, ...fieldsOf(kept.declarations[tool.name]) });
    } else if (tool.type === "client") {
      others.push(tool.raw);
    } else if (tool.type === "provider") {
      const own = providerTool(tool, functions && !traits.mixesTools, taken, warn);
      if (own !== undefined) others.push(own);
    }
  }
  const all = declarations.length > 0 ? [{ functionDeclarations: declarations }, ...others] : others;
  const declared = new Set(declarations.map((declaration) => declaration.name));
  const calling = functionCalling(
    request,
    names,
    declared,
    fieldsOf(kept.toolConfig.functionCallingConfig),
    warn,
  );
  // Google's flag for having its own tools and functions in one request.
  const mixed = declarations.length > 0 && taken.size > 0 && provider !== "vertex";
  const toolConfig = {
    ...(calling === undefined ? {} : { functionCallingConfig: calling }),
    ...(mixed ? { includeServerSideToolInvocations: true } : {}),
    ...Object.fromEntries(Object.entries(kept.toolConfig).filter(([key]) => key !== "functionCallingConfig")),
  };
  return { tools: all, toolConfig: Object.keys(toolConfig).length > 0 ? toolConfig : undefined, names };
}

function declare(tool: FunctionTool, traits: ModelTraits, warn: Warn): Json {
  if (tool.strict === true)
    warn(`tools.${tool.name}.strict`, "the schema is given to the model but not enforced");
  const head = {
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
  };
  const schema = resolvedTop(tool.parameters);
  if (schema === undefined || !isRecord(schema)) return head;
  if (traits.plainSchemas) {
    const whole =
      schema.type === undefined && schema.$ref === undefined ? { type: "object", ...schema } : schema;
    return { ...head, parametersJsonSchema: toGeminiJsonSchema(whole) };
  }
  const { schema: subset, dropped } = toOpenApi(
    schema.type === undefined ? { type: "object", ...schema } : schema,
  );
  if (dropped.length > 0)
    warn(`tools.${tool.name}`, `schema keywords without a place in Gemini's dialect: ${dropped.join(", ")}`);
  // An object without properties is refused; a function without parameters is not.
  return subset.properties === undefined ? head : { ...head, parameters: subset };
}

function providerTool(
  tool: ProviderTool,
  exclusive: boolean,
  taken: Set<string>,
  warn: Warn,
): Json | undefined {
  if (tool.protocol === "gemini") return tool.raw;
  const own = isOffline(tool) ? undefined : OWN[tool.kind];
  if (own === undefined) {
    warn(`tools.${tool.name}`, "Gemini has no such tool; left out");
    return undefined;
  }
  if (exclusive) {
    warn(`tools.${tool.name}`, "this model cannot have it beside functions; left out");
    return undefined;
  }
  if (taken.has(own)) return undefined;
  taken.add(own);
  const known = new Set(["type", "name", "cache_control"]);
  const options = Object.keys(tool.raw).filter((key) => !known.has(key));
  if (options.length > 0) warn(`tools.${tool.name}`, `${own} has no ${options.join(", ")}; left out`);
  return { [own]: {} };
}

function functionCalling(
  request: ChatRequest,
  names: ToolNames,
  declared: ReadonlySet<unknown>,
  kept: Json,
  warn: Warn,
): Json | undefined {
  if (request.parallelToolCalls === false && declared.size > 0)
    warn("parallel_tool_calls", "Gemini cannot be kept from calling several functions at once");
  const choice = request.toolChoice === undefined ? undefined : choiceAsFunctions(request.toolChoice, names);
  const mode = choice === undefined ? undefined : choiceMode(choice, declared, warn);
  const out = { ...mode, ...kept };
  return Object.keys(out).length > 0 ? out : undefined;
}

function choiceMode(choice: ToolChoice, declared: ReadonlySet<unknown>, warn: Warn): Json | undefined {
  switch (choice.type) {
    case "auto":
      return { mode: "AUTO" };
    case "none":
      return { mode: "NONE" };
    case "required":
      if (declared.size > 0) return { mode: "ANY" };
      warn("tool_choice", "there is no function to call; left out");
      return undefined;
    case "tool":
      return only([choice.name], "ANY", declared, warn);
    case "allowed":
      return only(choice.names, choice.mode === "required" ? "ANY" : "VALIDATED", declared, warn);
  }
}

function only(
  names: readonly string[],
  mode: string,
  declared: ReadonlySet<unknown>,
  warn: Warn,
): Json | undefined {
  const known = names.filter((name) => declared.has(name));
  if (known.length < names.length)
    warn("tool_choice", `not a declared function: ${names.filter((name) => !declared.has(name)).join(", ")}`);
  return known.length > 0 ? { mode, allowedFunctionNames: known } : undefined;
}
