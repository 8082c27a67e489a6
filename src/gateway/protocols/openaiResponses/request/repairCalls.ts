/** Every call has its output and every output its call, as the API demands of a stateless request. */

import { type Fields, textOf } from "../../../common/json.ts";
import type { Warn } from "../../chat.ts";

const OUTPUT_OF: Readonly<Record<string, string>> = {
  function_call: "function_call_output",
  custom_tool_call: "custom_tool_call_output",
};
const ANY_CALL = /_call$/;
const ANY_OUTPUT = /_output$/;
const MISSING = "[no result: the call was not carried out]";

/** The items, with what is missing made up and what is orphaned shown as a user's words. */
export function repairCalls(items: readonly Fields[], warn: Warn): Fields[] {
  const calls = new Set<string>();
  const outputs = new Set<string>();
  for (const item of items) {
    const id = textOf(item.call_id);
    if (id === undefined) continue;
    const type = String(item.type);
    if (ANY_CALL.test(type)) calls.add(id);
    else if (ANY_OUTPUT.test(type)) outputs.add(id);
  }
  const missing = [...calls].some((id) => !outputs.has(id));
  const orphaned = [...outputs].some((id) => !calls.has(id));
  if (!missing && !orphaned) return [...items];
  const out: Fields[] = [];
  for (const item of items) {
    const type = String(item.type);
    const id = textOf(item.call_id);
    const orphan = id !== undefined && !calls.has(id);
    if (orphan && (type === "function_call_output" || type === "custom_tool_call_output")) {
      warn(`input.${id}`, "a tool result without its call was sent as text");
      out.push({ type: "message", role: "user", content: orphanContent(item.output) });
      continue;
    }
    out.push(item);
    const wanted = OUTPUT_OF[type];
    if (wanted === undefined || id === undefined || outputs.has(id)) continue;
    warn(`input.${id}`, "a tool call without a result was given one");
    outputs.add(id);
    out.push({ type: wanted, call_id: id, output: MISSING });
  }
  return out;
}

function orphanContent(output: unknown): unknown[] {
  const head = { type: "input_text", text: "[result of an earlier tool call]" };
  return Array.isArray(output)
    ? [head, ...output]
    : [head, { type: "input_text", text: String(output ?? "") }];
}
