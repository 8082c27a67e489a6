/**
 * The conversation as Anthropic wants it: turns of user and assistant in alternation (messages of
 * one role are joined), system text ahead of them, each tool call answered at the start of the turn
 * right after it.
 */
import { isRecord } from "../../../common/json.ts";
import type { ChatRequest, Message, Part } from "../../chat.ts";
import { isToolSearch, joinToolSearches } from "../../toolSearch.ts";
import { isCompaction } from "../compaction.ts";
import type { JsonObject } from "../json.ts";
import { isSearchName, searchBlocks } from "../toolSearch.ts";
import { type EncodeState, encodePart, textBlock } from "./encodeBlocks.ts";
import { pairTools } from "./pairTools.ts";

export interface Turn {
  role: "user" | "assistant" | "system";
  blocks: JsonObject[];
  /** A system message to be sent as the client had it. */
  raw?: JsonObject;
}

export interface Conversation {
  system: JsonObject[];
  turns: Turn[];
}

/** Stands where Anthropic demands a user's turn and the client had none. */
const OPENING = "(The conversation begins here.)";

export function buildConversation(request: ChatRequest, state: EncodeState): Conversation {
  const system: JsonObject[] = [];
  const turns: Turn[] = [];
  request.messages.forEach((message, i) => {
    const path = `messages[${i}]`;
    if ("name" in message && message.name) {
      state.warn(`${path}.name`, "Anthropic has no names of participants");
    }
    const blocks = encodeParts(message, path, state);
    if (message.role === "system" || message.role === "developer") {
      if (turns.length === 0) system.push(...blocks);
      else append(turns, { role: "system", blocks });
      return;
    }
    const raw = wholeSystemMessage(message);
    if (raw !== undefined) {
      if (turns.at(-1)?.role === "system") turns.pop();
      turns.push({ role: "system", blocks: [], raw });
      return;
    }
    append(turns, { role: message.role === "assistant" ? "assistant" : "user", blocks });
  });
  const placed = placeSystem(turns, state);
  // A summary may come first: it stands for the turns before it.
  if (placed[0]?.role !== "user" && !isCompaction(placed[0]?.blocks[0])) {
    state.warn("messages", "the conversation did not begin with a user message; one was put first");
    placed.unshift({ role: "user", blocks: [{ type: "text", text: OPENING }] });
  }
  return { system, turns: pairTools(placed, state) };
}

function encodeParts(message: Message, path: string, state: EncodeState): JsonObject[] {
  const out: JsonObject[] = [];
  joinToolSearches<Part>(message.parts, "anthropic").forEach((part, j) => {
    const at = `${path}.content[${j}]`;
    const search = foreignSearch(part, state);
    if (search !== undefined) {
      out.push(...search);
      return;
    }
    if (message.role === "assistant" && part.type === "image") {
      state.warn(at, "an image in an assistant message was left out");
      out.push({ type: "text", text: "[image omitted]" });
      return;
    }
    const block = encodePart(part, at, state);
    if (block !== undefined) out.push(block);
  });
  return out;
}

/** A search that another provider ran, where this one can be told of it: Anthropic refuses names that are not declared. */
function foreignSearch(part: Part, { declared, names }: EncodeState): JsonObject[] | undefined {
  if (!isToolSearch(part) || part.protocol === "anthropic" || part.phase !== "both") return undefined;
  const name = [...declared].find(isSearchName);
  if (name === undefined) return undefined;
  return searchBlocks(part, name, (tool) => {
    const flat = names.flat(tool.name, tool.namespace);
    return declared.has(flat) ? flat : undefined;
  });
}

/** See `decodeSystemMessage`. */
function wholeSystemMessage(message: Message): JsonObject | undefined {
  const [part] = message.parts;
  if (message.role !== "user" || message.parts.length !== 1 || part?.type !== "provider") return undefined;
  if (part.protocol !== "anthropic" || !isRecord(part.raw)) return undefined;
  const { raw } = part;
  if (raw.role !== "system") return undefined;
  // Copied, because markers may be taken off its blocks.
  const copy = (block: unknown) => (isRecord(block) ? { ...block } : block);
  return { ...raw, ...(Array.isArray(raw.content) ? { content: raw.content.map(copy) } : {}) };
}

function append(turns: Turn[], turn: Turn): void {
  if (turn.blocks.length === 0 && turn.raw === undefined) return;
  const last = turns.at(-1);
  if (last?.role === turn.role && last.raw === undefined && turn.raw === undefined) {
    last.blocks.push(...turn.blocks);
  } else {
    turns.push(turn);
  }
}

/**
 * A system message may stand behind a user's turn and before an assistant's, on models that know
 * it. Anywhere else its text joins the user's turn, marked as what it is.
 */
function placeSystem(turns: Turn[], state: EncodeState): Turn[] {
  const out: Turn[] = [];
  turns.forEach((turn, i) => {
    if (turn.role !== "system") {
      append(out, turn);
      return;
    }
    const next = turns.slice(i + 1).find((other) => other.role !== "system");
    const fits = out.at(-1)?.role === "user" && next?.role !== "user";
    if (state.traits.systemMessages && (fits || turn.raw !== undefined)) {
      append(out, turn);
      return;
    }
    state.warn("messages", "a system message within the conversation was given as text of the user's turn");
    append(out, { role: "user", blocks: asUserText(turn) });
  });
  return out;
}

function asUserText(turn: Turn): JsonObject[] {
  const content = turn.raw?.content;
  const blocks =
    turn.raw === undefined ? turn.blocks : Array.isArray(content) ? content : [{ text: content }];
  const texts = blocks.map((block) => (isRecord(block) && typeof block.text === "string" ? block.text : ""));
  const text = texts.filter((line) => line !== "").join("\n\n");
  const block = text === "" ? undefined : textBlock(`<system>\n${text}\n</system>`);
  return block === undefined ? [] : [block];
}
