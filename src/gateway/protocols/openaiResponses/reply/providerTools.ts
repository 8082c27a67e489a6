/** How items of provider-run tools are shown to the client. */

import { type Fields, fieldsOf, parseJson, textOf } from "../../../common/json.ts";
import type { ProviderToolPart } from "../../chat.ts";
import { sourcesField } from "../../webSearch.ts";

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
  mcp_call: { before: { ...running, output: null }, steps: ["in_progress", "completed"], fails: true },
  mcp_list_tools: { before: { tools: [] }, steps: ["in_progress", "completed"], fails: true },
};

/** Another provider's web search as an item of this protocol, without its id. */
export function webSearchItem(part: ProviderToolPart): Fields | undefined {
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
