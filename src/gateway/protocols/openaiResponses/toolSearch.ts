/**
 * Searches for tools that OpenAI runs: `tool_search_call` and `tool_search_output` with `execution: "server"`, whose
 * `call_id` is null (`openai` types; replies of the API).
 */
import { type Fields, isRecord, listOf, textOf } from "../../common/json.ts";
import type { FoundTool, Part, ProviderToolPart } from "../chat.ts";
import type { ToolNames } from "../clientTools.ts";
import { askedOf, isToolSearch } from "../toolSearch.ts";

/** Searches at a time whose results have not come. */
export const MOST_OPEN = 32;

/** Gives each result the id of its search: of that with its `call_id`, else of the oldest that has none yet. */
export class SearchPairs {
  readonly #open: { id: string; callId: unknown }[] = [];

  pair<P extends Part>(part: P): P {
    if (!isToolSearch(part)) return part;
    const callId = isRecord(part.raw) ? (part.raw.call_id ?? null) : null;
    if (part.phase === "call") {
      this.#open.push({ id: part.id, callId });
      if (this.#open.length > MOST_OPEN) this.#open.shift();
      return part;
    }
    const at = this.#open.findIndex((call) => call.callId === callId);
    const [call] = at < 0 ? [] : this.#open.splice(at, 1);
    return call === undefined ? part : { ...part, id: call.id };
  }
}

/** Names among the `tools` of an output, whose namespaces hold further ones. */
export function foundIn(tools: unknown): FoundTool[] {
  return listOf(tools)
    .filter(isRecord)
    .flatMap((tool) => {
      const name = textOf(tool.name);
      if (name === undefined) return [];
      if (tool.type !== "namespace") return [{ name }];
      return foundIn(tool.tools).map((inner) => ({ ...inner, namespace: name }));
    });
}

/** What was found, as it is declared. @param declared tools as this protocol has them */
function definitionsOf(found: readonly FoundTool[], declared: readonly Fields[], names: ToolNames): Fields[] {
  return declared.flatMap((tool) => {
    if (tool.type === "function" || tool.type === "custom")
      return found.some(({ name, namespace }) => names.flat(name, namespace) === tool.name) ? [tool] : [];
    if (tool.type !== "namespace") return [];
    const tools = listOf(tool.tools).filter(
      (inner) =>
        isRecord(inner) &&
        found.some(({ name, namespace }) => namespace === tool.name && name === inner.name),
    );
    return tools.length > 0 ? [{ ...tool, tools }] : [];
  });
}

/** Another provider's search as items, without ids: the call, what it found, or both. */
export function searchItems(
  part: ProviderToolPart,
  { tools, names }: { readonly tools: readonly Fields[]; readonly names: ToolNames },
): Fields[] {
  const { query, paths } = askedOf(part);
  const found = part.found ?? [];
  const named = paths.length > 0 ? paths : found.map(({ name, namespace }) => namespace ?? name);
  const hosted = { call_id: null, execution: "server" };
  const call = {
    type: "tool_search_call",
    status: "completed",
    arguments: {
      ...(named.length > 0 ? { paths: [...new Set(named)] } : {}),
      ...(query === undefined ? {} : { query }),
    },
    ...hosted,
  };
  const output = {
    type: "tool_search_output",
    status: part.isError ? "incomplete" : "completed",
    tools: definitionsOf(found, tools, names),
    ...hosted,
  };
  return part.phase === "call" ? [call] : part.phase === "result" ? [output] : [call, output];
}
