/** The canonical request as a body for `POST /v1/messages`. */

import { compact, isRecord } from "../../../common/json.ts";
import type { ModelTraits } from "../../../models/traits.ts";
import { once } from "../../chat/warning.ts";
import type { ChatRequest, Warn } from "../../chat.ts";
import type { EncodeContext } from "../../codec.ts";
import { withSummaries } from "../../compaction.ts";
import { ownFields } from "../../extra.ts";
import { ANTHROPIC_PROPERTY, renameProperties } from "../../propertyNames.ts";
import { addMarkers, limitMarkers } from "../cache.ts";
import { encodeContextManagement, isCompaction, keepsSummary } from "../compaction.ts";
import { CallIds } from "../ids.ts";
import { isBlank, type JsonObject } from "../json.ts";
import { anthropicTraits } from "../traits.ts";
import { encodeToolChoice, encodeTools, toolsOfHistory } from "./encodeTools.ts";
import { strictSchema } from "./jsonSchema.ts";
import { planLimits } from "./thinking.ts";
import { buildConversation, type Turn } from "./turns.ts";

/** Anthropic's limit on `metadata.user_id`. */
const MAX_USER_ID = 512;

/** Never throws; what the target cannot say is dropped through `context.warn`. */
export function encodeRequest(asked: ChatRequest, context: EncodeContext): JsonObject {
  const warn = once(context.warn);
  const traits = anthropicTraits(asked.model, context.provider, context.known);
  // Claude itself reads the blocks, and compacts for a client of its own protocol.
  const native = traits.claude && asked.extra?.protocol === "anthropic";
  const request = native ? asked : withSummaries(asked, keepsSummary(traits, asked.model));
  const encoded = encodeTools(request, traits, { ...context, warn });
  let { tools, choice } = encodeToolChoice(request, encoded, traits, warn);
  const declared = new Set(tools.map(({ name }) => name));
  const state = { model: request.model, traits, names: encoded.names, ids: new CallIds(), declared, warn };
  const { system, turns } = buildConversation(request, state);
  if (tools.length === 0) {
    tools = toolsOfHistory(turns);
    if (tools.length > 0) choice = { type: "none" };
  }

  const limits = planLimits(request, turns, traits, warn);
  const thinks = limits.thinking?.type === "enabled" || limits.thinking?.type === "adaptive";
  if (limits.thinking?.type === "enabled") for (const turn of turns) thinkingFirst(turn);
  const own: JsonObject = { ...ownFields("anthropic", request) };
  if (own.fallback_credit_token === undefined) endWithUser(turns, traits.prefill && !thinks, warn);

  const format = encodeFormat(request, traits, system, warn);
  const ownOutput = isRecord(own.output_config) ? own.output_config : {};
  const outputConfig: JsonObject = {
    ...compact({ effort: limits.effort, format }),
    ...Object.fromEntries(Object.entries(ownOutput).filter(([key]) => key !== "effort")),
  };
  delete own.output_config;
  delete own.thinking;

  const prompt = { tools, system, turns };
  const reserved = own.cache_control ? 1 : 0;
  const markers = limitMarkers(prompt, reserved, warn) + reserved;
  if (context.autoCache && markers === 0 && traits.claude) addMarkers(prompt);
  warnUnspeakable(request, context, warn);

  return {
    model: request.model,
    max_tokens: limits.maxTokens,
    ...(system.length > 0 ? { system: contentOf(system) } : {}),
    ...(tools.length > 0 ? { tools } : {}),
    ...compact({ tool_choice: choice, thinking: limits.thinking }),
    ...(Object.keys(outputConfig).length > 0 ? { output_config: outputConfig } : {}),
    messages: turns.map(encodeTurn),
    ...limits.sampling,
    ...stopSequences(request.stop, warn),
    ...metadata(request, warn),
    ...serviceTier(request.serviceTier, warn),
    ...own,
    ...encodeContextManagement(request, traits, own.context_management, warn),
    stream: request.stream,
  };
}

/** A lone text block without a marker is sent as a string. */
function contentOf(blocks: JsonObject[]): string | JsonObject[] {
  const [first] = blocks;
  const plain = blocks.length === 1 && first?.type === "text" && Object.keys(first).length === 2;
  return plain && typeof first?.text === "string" ? first.text : blocks;
}

const encodeTurn = (turn: Turn): JsonObject =>
  turn.raw ?? { role: turn.role, content: contentOf(turn.blocks) };

const isThinking = (block: JsonObject | undefined) =>
  block?.type === "thinking" || block?.type === "redacted_thinking";

/** With a budget, an assistant's turn that calls tools has to begin with its thinking, but for a summary. */
function thinkingFirst(turn: Turn): void {
  const start = isCompaction(turn.blocks[0]) ? 1 : 0;
  if (turn.role !== "assistant" || isThinking(turn.blocks[start])) return;
  if (!turn.blocks.some((block) => block.type === "tool_use")) return;
  const from = turn.blocks.findIndex(isThinking);
  if (from < 0) return;
  let to = from;
  while (isThinking(turn.blocks[to])) to++;
  turn.blocks.splice(start, 0, ...turn.blocks.splice(from, to - from));
}

/**
 * A last turn of the assistant is a prefill: its text may not end in white space, its last block
 * may not be thinking, and newer models refuse it. A turn that was paused in a server-run tool
 * goes on as it is.
 */
function endWithUser(turns: Turn[], prefill: boolean, warn: Warn): void {
  const last = turns.at(-1);
  if (last?.role !== "assistant") return;
  const type = String(last.blocks.at(-1)?.type);
  if (type === "server_tool_use" || type === "mcp_tool_use" || type.endsWith("_tool_result")) return;
  if (prefill) {
    while (isThinking(last.blocks.at(-1))) last.blocks.pop();
    const text = last.blocks.at(-1);
    if (text?.type === "text" && typeof text.text === "string") {
      text.text = text.text.trimEnd();
      if (isBlank(String(text.text))) last.blocks.pop();
    }
    if (last.blocks.length === 0) turns.pop();
    return;
  }
  warn("messages", "the model takes no prefilled answer; a user message that asks to go on was added");
  turns.push({ role: "user", blocks: [{ type: "text", text: "Continue from where you left off." }] });
}

/** A JSON schema as `output_config.format`, else as words at the end of the system text. */
function encodeFormat(
  request: ChatRequest,
  traits: ModelTraits,
  system: JsonObject[],
  warn: Warn,
): JsonObject | undefined {
  const format = request.responseFormat;
  if (format === undefined || format.type === "text") return undefined;
  if (format.type === "json-schema" && traits.jsonSchema) {
    if (request.extra?.protocol === "anthropic" && isRecord(format.schema)) {
      return { type: "json_schema", schema: format.schema };
    }
    const renamed = renameProperties(format.schema, ANTHROPIC_PROPERTY);
    const strict = strictSchema(renamed?.schema ?? format.schema);
    if (strict !== undefined) {
      if (strict.changed)
        warn("response_format", "limits that Anthropic does not enforce became descriptions");
      return { type: "json_schema", schema: strict.schema };
    }
  }
  warn("response_format", "asked for in words; this model does not enforce it");
  const wanted =
    format.type === "json"
      ? "Answer with one valid JSON object and nothing else: no prose, no code fence."
      : `Answer with one JSON value that matches this JSON Schema and nothing else: no prose, no code fence.\n${JSON.stringify(format.schema)}`;
  system.push({ type: "text", text: wanted });
  return undefined;
}

function stopSequences(stop: string[] | undefined, warn: Warn): { stop_sequences?: string[] } {
  if (stop === undefined) return {};
  const kept = stop.filter((sequence) => !isBlank(sequence));
  if (kept.length < stop.length) warn("stop", "sequences of white space only were left out");
  return kept.length > 0 ? { stop_sequences: kept } : {};
}

function metadata(request: ChatRequest, warn: Warn): { metadata?: JsonObject } {
  const own = request.extra?.protocol === "anthropic";
  let user = request.user;
  if (user !== undefined && !own && user.length > MAX_USER_ID) {
    warn("user", `left out: longer than ${MAX_USER_ID} characters`);
    user = undefined;
  }
  if (request.metadata !== undefined && !own && Object.keys(request.metadata).length > 0) {
    warn("metadata", "Anthropic has no free metadata");
  }
  const fields = { ...(user === undefined ? {} : { user_id: user }), ...(own ? request.metadata : {}) };
  return Object.keys(fields).length > 0 ? { metadata: fields } : {};
}

const TIERS = new Map([
  ["auto", "auto"],
  ["priority", "auto"],
  ["default", "standard_only"],
]);

function serviceTier(tier: string | undefined, warn: Warn): { service_tier?: string } {
  if (tier === undefined) return {};
  const wire = TIERS.get(tier);
  if (wire !== undefined) return { service_tier: wire };
  warn("service_tier", `Anthropic has no tier ${tier}`);
  return {};
}

function warnUnspeakable(request: ChatRequest, context: EncodeContext, warn: Warn): void {
  const no = (feature: string, said: boolean, message = "Anthropic has no such parameter") => {
    if (said) warn(feature, message);
  };
  no("n", (request.n ?? 1) > 1, "one choice is asked for");
  no("verbosity", request.verbosity !== undefined && request.verbosity !== "medium");
  no("cached_content", request.cachedContent !== undefined);
  no("prompt_cache_key", request.cacheKey !== undefined && !context.autoCache);
  no("prompt_cache_retention", request.cacheRetention !== undefined);
  no("store", request.store === true);
  const modalities = request.modalities?.filter((kind) => kind !== "text") ?? [];
  no("modalities", modalities.length > 0, `${modalities.join(" and ")} cannot be made by this model`);
  if (request.extra !== undefined && request.extra.protocol !== "anthropic") {
    for (const field of Object.keys(request.extra.fields)) no(field, true);
  }
}
