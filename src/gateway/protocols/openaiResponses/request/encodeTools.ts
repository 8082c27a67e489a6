/** Canonical tools and tool choice as the request's. */

import { compact, type Fields, numberOf, textOf } from "../../../common/json.ts";
import type { ModelTraits } from "../../../models/traits.ts";
import { attainableChoice } from "../../attainableChoice.ts";
import type { Tool, ToolChoice, Warn } from "../../chat.ts";
import {
  type FunctionTools,
  flatName,
  type Keep,
  type ToolNames,
  toolsAsFunctions,
} from "../../clientTools.ts";
import { ownFields } from "../../extra.ts";
import { searchOptions } from "../../webSearch.ts";
import { toolParameters } from "./jsonSchema.ts";

const PROTOCOL = "openai-responses" as const;

/** Tools that this protocol has itself; the others become functions. */
export const keepTool: Keep = (tool) => {
  if (tool.type === "custom") return true;
  if (tool.type === "function") return Boolean(tool.namespace);
  return tool.type === "client" && tool.protocol === PROTOCOL;
};

/** Does the provider search among tools that are not shown at first? */
export const offersSearch = (tools: readonly Tool[], { searchesTools }: Pick<ModelTraits, "searchesTools">) =>
  searchesTools && tools.some((tool) => tool.type === "provider" && tool.kind === "tool_search");

interface Offer {
  /** The client spoke this protocol. */
  readonly own: boolean;
  /** A search can find the tools that are not shown at first. */
  readonly searches: boolean;
}

function encodeFunction(
  tool: Extract<Tool, { type: "function" }>,
  { own, searches }: Offer,
  warn: Warn,
): Fields {
  const { schema, changed } = toolParameters(tool.parameters);
  if (changed !== undefined) warn(`tools.${tool.name}.parameters`, changed);
  const untouched = own && tool.parameters === undefined;
  return {
    type: "function",
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    parameters: untouched ? null : own ? tool.parameters : schema,
    strict: tool.strict ?? (own ? null : false),
    ...(tool.deferLoading && (own || searches) ? { defer_loading: true } : {}),
    ...ownFields(PROTOCOL, tool),
  };
}

function encodeCustom(tool: Extract<Tool, { type: "custom" }>): Fields {
  return {
    type: "custom",
    name: tool.name,
    ...compact({ description: tool.description, format: tool.format }),
    ...ownFields(PROTOCOL, tool),
  };
}

/** Another provider's web search as this one's; other kinds need what the request does not have. */
function encodeForeign(
  tool: Extract<Tool, { type: "provider" }>,
  searches: boolean,
  warn: Warn,
): Fields | undefined {
  if (tool.kind === "tool_search" && searches) return { type: "tool_search" };
  if (tool.kind === "web_search") {
    const { domains, place, size } = searchOptions(tool);
    return {
      type: "web_search",
      ...(domains.length > 0 ? { filters: { allowed_domains: domains } } : {}),
      ...(Object.keys(place).length > 0 ? { user_location: { type: "approximate", ...place } } : {}),
      ...(size === undefined ? {} : { search_context_size: size }),
    };
  }
  if (tool.kind === "code_execution") {
    return { type: "code_interpreter", container: { type: "auto" } };
  }
  if (tool.kind === "mcp") {
    const url = textOf(tool.raw.url) ?? textOf(tool.raw.server_url);
    const token = textOf(tool.raw.authorization_token) ?? textOf(tool.raw.authorization);
    if (url !== undefined) {
      return {
        type: "mcp",
        server_label: flatName(tool.name),
        server_url: url,
        ...(token === undefined ? {} : { authorization: token }),
        require_approval: "never",
      };
    }
  }
  warn(`tools.${tool.name}`, "this provider-run tool has no counterpart there; it was left out");
  return undefined;
}

export interface EncodedTools {
  tools: Fields[];
  names: ToolNames;
}

/** @param own the client spoke this protocol: what it left open stays open. */
export function encodeTools(
  tools: readonly Tool[],
  own: boolean,
  traits: Pick<ModelTraits, "searchesTools">,
  warn: Warn,
): EncodedTools {
  // Nothing would ever show a deferred tool where nobody looks for it.
  const offer = { own, searches: offersSearch(tools, traits) };
  const usable = tools.filter((tool) => !("loaded" in tool && tool.loaded && own));
  const mapped: FunctionTools = toolsAsFunctions(usable, warn, keepTool);
  const out: Fields[] = [];
  let namespace: { name: string; tools: Fields[] } | undefined;
  for (const tool of mapped.tools) {
    const encoded = encodeTool(tool, offer, warn);
    if (encoded === undefined) continue;
    if ((tool.type !== "function" && tool.type !== "custom") || !tool.namespace) {
      namespace = undefined;
      out.push(encoded);
      continue;
    }
    if (namespace?.name !== tool.namespace) {
      namespace = { name: tool.namespace, tools: [] };
      const description = tool.namespaceDescription ?? "";
      out.push({ type: "namespace", name: tool.namespace, description, tools: namespace.tools });
    }
    namespace.tools.push(encoded);
  }
  return { tools: out, names: mapped.names };
}

function encodeTool(tool: Tool, offer: Offer, warn: Warn): Fields | undefined {
  switch (tool.type) {
    case "function":
      return encodeFunction(tool, offer, warn);
    case "custom":
      return encodeCustom(tool);
    case "client":
      return tool.raw;
    case "provider":
      return tool.protocol === PROTOCOL ? tool.raw : encodeForeign(tool, offer.searches, warn);
  }
}

/** A tool by name, as `tool_choice` and `allowed_tools` refer to it. */
function reference(name: string, kind: string | undefined, tools: readonly Tool[], names: ToolNames): Fields {
  const tool = tools.find((entry) => entry.name === name);
  if (tool?.type === "custom" || kind === "custom") return { type: "custom", name };
  if (tool?.type === "client" && tool.protocol === PROTOCOL) return { type: tool.raw.type ?? tool.kind };
  if (tool?.type === "provider") {
    if (tool.kind === "mcp") return { type: "mcp", server_label: flatName(tool.name) };
    if (tool.protocol === PROTOCOL) return { type: tool.raw.type ?? tool.name };
    return { type: tool.kind === "web_search" ? "web_search_preview" : "code_interpreter" };
  }
  const namespaced = tool?.type === "function" && tool.namespace !== undefined;
  return { type: "function", name: namespaced ? name : names.flat(name) };
}

const FOREIGN_KINDS: ReadonlySet<string> = new Set(["web_search", "code_execution", "mcp"]);

/** Can this tool be named in a choice: is it sent at all? */
function isSent(tool: Tool): boolean {
  return tool.type !== "provider" || tool.protocol === PROTOCOL || FOREIGN_KINDS.has(tool.kind);
}

/** A choice among the tools that are sent: the API refuses one that names another. */
export function possibleChoice(
  asked: ToolChoice,
  tools: readonly Tool[],
  traits: ModelTraits,
  warn: Warn,
): ToolChoice {
  const choice = attainableChoice(asked, traits, warn);
  if (choice.type !== "tool" && choice.type !== "allowed") return choice;
  const wanted = choice.type === "tool" ? [choice.name] : choice.names;
  const names = wanted.filter((name) => tools.some((tool) => tool.name === name && isSent(tool)));
  if (names.length === wanted.length) return choice;
  warn("tool_choice", `there is no tool ${wanted.filter((name) => !names.includes(name)).join(", ")}`);
  if (choice.type === "tool") return { type: "auto" };
  return names.length > 0 ? { ...choice, names } : { type: choice.mode };
}

export function encodeToolChoice(choice: ToolChoice, tools: readonly Tool[], names: ToolNames): unknown {
  switch (choice.type) {
    case "auto":
    case "none":
    case "required":
      return choice.type;
    case "tool":
      return reference(choice.name, choice.kind, tools, names);
    case "allowed":
      return {
        type: "allowed_tools",
        mode: choice.mode,
        tools: choice.names.map((name) => reference(name, undefined, tools, names)),
      };
  }
}

/** Number within a range; a warning says when it was moved. */
export function clamp(value: number, low: number, high: number, feature: string, warn: Warn): number {
  const moved = Math.min(high, Math.max(low, numberOf(value) ?? low));
  if (moved !== value) warn(feature, `${value} is out of range there; ${moved} was sent`);
  return moved;
}
