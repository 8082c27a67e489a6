/** Prompt-cache breakpoints (`cache_control`): at most four in a request. */
import { isRecord } from "../../common/json.ts";
import type { Warn } from "../chat.ts";
import type { JsonObject } from "./json.ts";
import type { Turn } from "./request/turns.ts";

/** Anthropic refuses a request with more. */
export const MAX_BREAKPOINTS = 4;

interface Cacheable {
  tools: JsonObject[];
  system: JsonObject[];
  turns: readonly Turn[];
}

/** Every block that carries a marker, in the order of the prompt. */
function marked({ tools, system, turns }: Cacheable): JsonObject[] {
  const at: JsonObject[] = [];
  const visit = (block: unknown) => {
    if (!isRecord(block)) return;
    if (block.type === "tool_result" && Array.isArray(block.content)) block.content.forEach(visit);
    if (block.cache_control) at.push(block);
  };
  for (const tool of tools) visit(tool);
  for (const block of system) visit(block);
  for (const turn of turns) {
    for (const block of turn.blocks) visit(block);
    if (Array.isArray(turn.raw?.content)) turn.raw.content.forEach(visit);
  }
  return at;
}

/** Drops the client's markers beyond the limit, the earliest in the prompt first: later ones cover them. */
export function limitMarkers(prompt: Cacheable, reserved: number, warn: Warn): number {
  const at = marked(prompt);
  const excess = at.length + reserved - MAX_BREAKPOINTS;
  if (excess <= 0) return at.length;
  warn(
    "cache_control",
    `${excess} of ${at.length} cache markers dropped; Anthropic takes ${MAX_BREAKPOINTS}`,
  );
  for (const block of at.slice(0, excess)) delete block.cache_control;
  return at.length - excess;
}

/** Only these are sure to take a marker. */
const MARKABLE = new Set(["text", "image", "document", "tool_use", "tool_result", "search_result"]);

/** Marks the ends of what stays the same from turn to turn: tools, system, the last two user turns. */
export function addMarkers({ tools, system, turns }: Cacheable): void {
  const mark = (block: JsonObject | undefined) => {
    if (block !== undefined) block.cache_control = { type: "ephemeral" };
  };
  mark(tools.findLast((tool) => tool.defer_loading !== true));
  mark(system.at(-1));
  const users = turns.filter((turn) => turn.role === "user");
  for (const turn of users.slice(-2)) {
    mark(turn.blocks.findLast((block) => MARKABLE.has(String(block.type))));
  }
}
