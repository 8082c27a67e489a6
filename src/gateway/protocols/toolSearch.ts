/**
 * Searches for tools that a provider runs: what was asked and what was found, in words of no protocol. OpenAI's model names
 * `paths`, Claude writes a query or a pattern.
 */
import type { Protocol } from "../../control/protocol.ts";
import { fieldsOf, listOf, parseJson, textOf } from "../common/json.ts";
import type { FoundTool, Part, ProviderToolPart } from "./chat.ts";

/** The canonical name of the tool, of a search and of what it found. */
export const TOOL_SEARCH = "tool_search";

export const isToolSearch = (part: Part): part is ProviderToolPart & { tool: typeof TOOL_SEARCH } =>
  part.type === "provider-tool" && part.tool === TOOL_SEARCH;

/** What a search asked for. */
export function askedOf({ input }: ProviderToolPart): { query?: string; paths: string[] } {
  const { query, pattern, paths } = fieldsOf(parseJson(input ?? ""));
  const words = textOf(query) ?? textOf(pattern);
  return {
    ...(words === undefined ? {} : { query: words }),
    paths: listOf(paths).filter((path): path is string => typeof path === "string"),
  };
}

/** Names of the tools that a search brought, for a model whose protocol has no such item. */
export function loadedText(names: readonly string[]): string {
  return names.length ? `Loaded tools: ${names.join(", ")}` : "No tools found.";
}

/** What a result says, for a person and for a model of another protocol. */
export const foundFields = (found: readonly FoundTool[]) => ({
  found: [...found],
  output: loadedText(found.map(({ name }) => name)),
});

/**
 * Each search of a turn with what it found as one part, in the place of the result; one without the other stays alone.
 * @param own the protocol whose parts are left as they are
 */
export function joinToolSearches<P extends Part>(
  parts: readonly P[],
  own: Protocol,
): (P | ProviderToolPart)[] {
  const isForeign = (part: Part): part is ProviderToolPart & P => isToolSearch(part) && part.protocol !== own;
  if (!parts.some(isForeign)) return [...parts];
  const calls = new Map<string, ProviderToolPart>();
  const joined = new Set<Part>();
  const out = parts.map((part): P | ProviderToolPart => {
    if (!isForeign(part)) return part;
    if (part.phase === "call") calls.set(part.id, part);
    const call = part.phase === "result" ? calls.get(part.id) : undefined;
    if (call === undefined) return part;
    joined.add(call);
    return { ...part, ...(call.input === undefined ? {} : { input: call.input }), phase: "both" };
  });
  return out.filter((part) => !joined.has(part));
}
