/** How items of provider-run tools are shown to the client. */

import { type Fields, fieldsOf, parseJson, textOf } from "../../../common/json.ts";
import type { ChatRequest, ProviderPart, ProviderToolPart } from "../../chat.ts";
import { isToolSearch } from "../../toolSearch.ts";
import { sourcesField } from "../../webSearch.ts";
import { blockItem } from "../compaction.ts";
import { encodeTools } from "../request/encodeTools.ts";
import { searchItems } from "../toolSearch.ts";

interface Progress {
  /** What the item looks like before it has run. */
  before: Fields;
  steps: readonly string[];
  /** The type has a `failed` event. */
  fails?: true;
}

const running = { status: "in_progress" };

/** The progress events of each item type, from `ResponseStreamEvent` of the official SDK. */
export const PROVIDER_PROGRESS: Readonly<Record<string, Progress>> = {
  web_search_call: { before: running, steps: ["in_progress", "searching", "completed"] },
  file_search_call: {
    before: { ...running, results: null },
    steps: ["in_progress", "searching", "completed"],
  },
  code_interpreter_call: {
    before: { ...running, outputs: [] },
    steps: ["in_progress", "interpreting", "completed"],
  },
  image_generation_call: {
    before: { ...running, result: null },
    steps: ["in_progress", "generating", "completed"],
  },
  tool_search_call: { before: { ...running, arguments: {} }, steps: [] },
  tool_search_output: { before: running, steps: [] },
  mcp_call: { before: { ...running, output: null }, steps: ["in_progress", "completed"], fails: true },
  mcp_list_tools: { before: { tools: [] }, steps: ["in_progress", "completed"], fails: true },
};

/** What another provider did by itself, as items of this protocol without their ids; empty: it has none. */
export function foreignItems(part: ProviderToolPart | ProviderPart, { tools }: ChatRequest): Fields[] {
  if (isToolSearch(part))
    return searchItems(
      part,
      encodeTools(tools, true, { searchesTools: true }, () => {}),
    );
  const item = part.type === "provider" ? blockItem(part) : webSearchItem(part);
  return item === undefined ? [] : [item];
}

/** A web search. */
function webSearchItem(part: ProviderToolPart): Fields | undefined {
  if (part.tool !== "web_search") return undefined;
  const input = fieldsOf(parseJson(part.input ?? ""));
  const queries = Array.isArray(input.queries) ? input.queries : undefined;
  const query = textOf(input.query) ?? textOf(queries?.[0]) ?? "";
  return {
    type: "web_search_call",
    status: part.isError ? "failed" : "completed",
    action: { type: "search", query, ...(queries ? { queries } : {}), ...sourcesField(part) },
  };
}
