/** Tool calls and their results: each call exactly one result, at the start of the next turn. */
import { isRecord } from "../../../common/json.ts";
import type { JsonObject } from "../json.ts";
import type { EncodeState } from "./encodeBlocks.ts";
import type { Turn } from "./turns.ts";

const NO_RESULT = "No result was returned for this call.";

function callsOf(turn: Turn | undefined): string[] {
  if (turn?.role !== "assistant") return [];
  return turn.blocks.filter((block) => block.type === "tool_use").map((block) => String(block.id));
}

/** The turns with missing results added and results without a call shown as text; each with a warning. */
export function pairTools(turns: readonly Turn[], state: EncodeState): Turn[] {
  const out: Turn[] = [];
  for (let i = 0; i < turns.length; i++) {
    const turn = turns[i];
    if (turn === undefined) continue;
    const calls = callsOf(out.at(-1));
    if (turn.role === "user") {
      out.push({ ...turn, blocks: answer(turn.blocks, calls, state) });
      continue;
    }
    if (calls.length > 0) out.push({ role: "user", blocks: answer([], calls, state) });
    out.push(turn);
  }
  const open = callsOf(out.at(-1));
  if (open.length > 0) out.push({ role: "user", blocks: answer([], open, state) });
  return out;
}

function answer(blocks: JsonObject[], calls: readonly string[], state: EncodeState): JsonObject[] {
  const missing = new Set(calls);
  const results: JsonObject[] = [];
  const others: JsonObject[] = [];
  for (const block of blocks) {
    if (block.type !== "tool_result") {
      others.push(block);
    } else if (missing.delete(String(block.tool_use_id))) {
      results.push(block);
    } else {
      state.warn("messages", `a result without a call (${String(block.tool_use_id)}) is shown as text`);
      others.push(...asText(block));
    }
  }
  for (const id of missing) {
    state.warn("messages", `the tool call ${id} had no result; one that says so was added`);
    results.push({ type: "tool_result", tool_use_id: id, content: NO_RESULT, is_error: true });
  }
  return [...results, ...others];
}

function asText(result: JsonObject): JsonObject[] {
  const content = result.content;
  const blocks: unknown[] = Array.isArray(content) ? content : [{ type: "text", text: content }];
  return blocks.filter(isRecord).map((block): JsonObject => {
    if (block.type !== "text") return block;
    return { type: "text", text: `[result of an earlier tool call] ${String(block.text ?? "")}` };
  });
}
