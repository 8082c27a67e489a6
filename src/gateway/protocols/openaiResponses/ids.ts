/**
 * Ids of responses and their items. Those we make carry a mark, so that a replayed one is not sent
 * to a provider that never heard of it (OpenAI looks some of them up).
 */
import { type IdRule, shortId } from "../shortIds.ts";

/** The prefix an item's id has, by item type (as seen in replies of the API). */
export const ID_PREFIX: Readonly<Record<string, string>> = {
  message: "msg",
  reasoning: "rs",
  function_call: "fc",
  function_call_output: "fco",
  custom_tool_call: "ctc",
  custom_tool_call_output: "ctco",
  local_shell_call: "lsh",
  local_shell_call_output: "lsho",
  shell_call: "sh",
  shell_call_output: "sho",
  apply_patch_call: "apc",
  apply_patch_call_output: "apco",
  computer_call: "cu",
  computer_call_output: "cuo",
  tool_search_call: "tsc",
  tool_search_output: "tso",
  web_search_call: "ws",
  file_search_call: "fs",
  code_interpreter_call: "ci",
  image_generation_call: "ig",
  mcp_call: "mcp",
  mcp_list_tools: "mcpl",
  mcp_approval_request: "mcpr",
  mcp_approval_response: "mcpa",
  compaction: "cmp",
};

const MARK = "pt";
const OWN = /^[a-z]+_pt[A-Za-z0-9]{24}$/;
const ID_LIMIT = 64;

/** A new id of ours. `random`: 24 letters and digits. */
export function ownId(prefix: string, random: string): string {
  return `${prefix}_${MARK}${random}`;
}

export function isOwnId(id: string): boolean {
  return OWN.test(id);
}

/** An item id that the provider may have made: the right prefix, not one of ours. */
export function providerItemId(type: string, id: string | undefined): string | undefined {
  const prefix = ID_PREFIX[type];
  if (id === undefined || prefix === undefined || id.length > ID_LIMIT || isOwnId(id)) return undefined;
  return id.startsWith(`${prefix}_`) ? id : undefined;
}

/** The API takes 1 to 64 characters. */
const CALL_ID: IdRule = { allowed: /^[\s\S]{1,64}$/, length: 24, prefix: "call_" };

/** A call id within the API's limit; the same for a call and its result. */
export const callIdOf = (id: string): string => shortId(id, CALL_ID);
