/**
 * Searches for tools as Anthropic's blocks: `server_tool_use` of `tool_search_tool_regex` or `tool_search_tool_bm25`, and
 * `tool_search_tool_result`. Sources: `@anthropic-ai/sdk`, `BetaToolSearchToolResultBlock`;
 * https://platform.claude.com/docs/en/agents-and-tools/tool-use/tool-search-tool
 */
import { isRecord, listOf } from "../../common/json.ts";
import type { ChatRequest, FoundTool, ProviderToolPart } from "../chat.ts";
import { type IdRule, shortId } from "../shortIds.ts";
import { askedOf } from "../toolSearch.ts";
import type { JsonObject } from "./json.ts";

const PREFIX = "tool_search_tool_";
const REGEX = `${PREFIX}regex`;
const BM25 = `${PREFIX}bm25`;
export const RESULT = `${PREFIX}result`;

const ID: IdRule = { allowed: /^srvtoolu_[a-zA-Z0-9_]{1,119}$/, length: 24, prefix: "srvtoolu_" };

export const isSearchName = (name: unknown): name is string =>
  typeof name === "string" && name.startsWith(PREFIX);

/** Names among the `tool_references` of a result. */
export function referencesOf(content: unknown): FoundTool[] {
  return listOf(isRecord(content) ? content.tool_references : undefined).flatMap((reference) =>
    isRecord(reference) && typeof reference.tool_name === "string" ? [{ name: reference.tool_name }] : [],
  );
}

/** By which name a client of this protocol knows the search. */
export function searchNameOf({ tools }: Pick<ChatRequest, "tools">): string {
  const own = tools.find((tool) => tool.type === "provider" && isSearchName(tool.name));
  return own?.name ?? BM25;
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function inputOf(part: ProviderToolPart, name: string): JsonObject {
  const { query, paths } = askedOf(part);
  if (name === REGEX) return { pattern: query ?? paths.map(escaped).join("|") };
  return { query: query ?? paths.join(" ") };
}

/** Another provider's search as blocks: the call, what it found, or both. @param flat a tool's name there */
export function searchBlocks(
  part: ProviderToolPart,
  name: string,
  flat: (tool: FoundTool) => string | undefined,
): JsonObject[] {
  const id = shortId(part.id, ID);
  const call = { type: "server_tool_use", id, name, input: inputOf(part, name) };
  const references = (part.found ?? []).flatMap((tool) => {
    const tool_name = flat(tool);
    return tool_name === undefined ? [] : [{ type: "tool_reference", tool_name }];
  });
  const content = part.isError
    ? { type: `${RESULT}_error`, error_code: "unavailable" }
    : { type: `${PREFIX}search_result`, tool_references: references };
  const result = { type: RESULT, tool_use_id: id, content };
  return part.phase === "call" ? [call] : part.phase === "result" ? [result] : [call, result];
}
