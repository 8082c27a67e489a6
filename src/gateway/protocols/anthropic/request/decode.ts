/** A client's request as the canonical one. */

import { badRequest } from "../../../common/errors.ts";
import { compact, isRecord, leftover } from "../../../common/json.ts";
import type { ChatRequest, Reasoning, ResponseFormat, Sampling, ToolCallPart } from "../../chat.ts";
import { EFFORTS } from "../../chat.ts";
import type { DecodeContext } from "../../codec.ts";
import { keepsStrictRules } from "../../strictSchema.ts";
import { decodeContextManagement } from "../compaction.ts";
import type { JsonObject } from "../json.ts";
import { check, requestSchema, type WireRequest } from "../schema.ts";
import { decodeMessages, decodeSystem } from "./decodeMessages.ts";
import { changedTools, decodeTool, decodeToolChoice } from "./decodeTools.ts";

/** Fields with a canonical place; all others go to `extra`. */
const KNOWN = new Set(Object.keys(requestSchema.shape));

/**
 * @throws PorticoError `invalid_request` naming the field. `max_tokens` may be missing: Anthropic
 * demands it, other targets do not, and token counting has none.
 */
export function decodeRequest(body: unknown, context: DecodeContext): ChatRequest {
  try {
    return decode(body, context);
  } catch (thrown) {
    // Recursion over JSON that is nested tens of thousands deep.
    if (thrown instanceof RangeError) throw badRequest("The request is nested too deeply.");
    throw thrown;
  }
}

function decode(body: unknown, context: DecodeContext): ChatRequest {
  if (!isRecord(body)) throw badRequest("The body must be a JSON object.");
  const wire = check(requestSchema, body, "");
  const model = context.model || wire.model;
  if (!model) throw badRequest("model: expected a string", "model");

  const declared = (wire.tools ?? []).map((tool, i) => decodeTool(tool, `tools[${i}]`));
  const tools = changedTools(declared, wire.messages, "messages");
  const clientTools = new Map<string, NonNullable<ToolCallPart["clientTool"]>>();
  for (const tool of tools) if (tool.type === "client") clientTools.set(tool.name, tool.kind);
  const blocks = { calls: new Map(), clientTools };
  const { reasoning, fields } = decodeReasoning(wire);
  const { context_management: management, ...others } = withoutDefaults(leftover(body, KNOWN));
  const kept = decodeContextManagement(management);
  const metadata = wire.metadata ? leftover(wire.metadata, new Set(["user_id"])) : undefined;

  const choice = wire.tool_choice;
  const serial = choice?.disable_parallel_tool_use;

  return compact({
    model,
    messages: [...decodeSystem(wire.system ?? []), ...decodeMessages(wire.messages, blocks)],
    tools,
    toolChoice: choice && decodeToolChoice(choice, tools),
    parallelToolCalls: typeof serial === "boolean" ? !serial : undefined,
    responseFormat: decodeFormat(wire),
    reasoning,
    sampling: decodeSampling(wire),
    maxOutputTokens: wire.max_tokens,
    stop: wire.stop_sequences,
    stream: wire.stream ?? context.stream,
    includeUsage: true,
    user: wire.metadata?.user_id,
    metadata,
    serviceTier: wire.service_tier === "standard_only" ? "default" : wire.service_tier || undefined,
    compact: isRecord(body.compaction) ? instructionsOf(body.compaction) : undefined,
    autoCompact: kept.autoCompact,
    extra: { protocol: "anthropic", fields: { ...others, ...kept.fields, ...fields } },
  });
}

/** What is so anyway is no loss elsewhere. */
function withoutDefaults({ speed, ...fields }: JsonObject = {}): JsonObject {
  return speed === undefined || speed === "standard" ? fields : { ...fields, speed };
}

function instructionsOf({ instructions }: JsonObject): { instructions?: string } {
  return typeof instructions === "string" && instructions.trim() !== "" ? { instructions } : {};
}

function decodeSampling(wire: WireRequest): Sampling {
  return {
    ...compact({ temperature: wire.temperature, topP: wire.top_p, topK: wire.top_k }),
  };
}

function decodeFormat(wire: WireRequest): ResponseFormat | undefined {
  const format = wire.output_config?.format ?? wire.output_format;
  if (!format) return undefined;
  const { schema } = format;
  // Anthropic enforces every schema.
  return { type: "json-schema", schema, ...(keepsStrictRules(schema) ? { strict: true } : {}) };
}

const THINKING = new Set(["type", "budget_tokens", "display"]);
const OUTPUT_CONFIG = new Set(["effort", "format"]);

/**
 * `thinking` and `output_config.effort`. `fields`: what of the two has no canonical place, kept
 * under the same names for a target of this protocol.
 */
function decodeReasoning(wire: WireRequest): { reasoning: Reasoning | undefined; fields: JsonObject } {
  const reasoning: Reasoning = {};
  const thinkingRest: JsonObject = wire.thinking ? (leftover(wire.thinking, THINKING) ?? {}) : {};
  const outputRest: JsonObject = wire.output_config
    ? (leftover(wire.output_config, OUTPUT_CONFIG) ?? {})
    : {};
  const wished = EFFORTS.find((effort) => effort === wire.output_config?.effort);
  if (wire.output_config?.effort && !wished) outputRest.effort = wire.output_config.effort;
  const type = wire.thinking?.type;
  if (type === "disabled") {
    reasoning.effort = "none";
    // Effort shapes the whole answer, so it means something also where nothing is thought.
    if (wire.output_config?.effort) outputRest.effort = wire.output_config.effort;
  } else {
    if (wished) reasoning.effort = wished;
    const budget = wire.thinking?.budget_tokens;
    if (type === "enabled" && typeof budget === "number") reasoning.budgetTokens = budget;
    else if (type === "enabled" || type === "adaptive") reasoning.adaptive = true;
    else if (type !== undefined) thinkingRest.type = type;
  }
  const display = wire.thinking?.display;
  if (display === "summarized") reasoning.show = true;
  else if (display === "omitted") reasoning.show = false;
  else if (typeof display === "string") thinkingRest.display = display;
  return {
    reasoning: Object.keys(reasoning).length > 0 ? reasoning : undefined,
    fields: {
      ...(Object.keys(thinkingRest).length > 0 ? { thinking: thinkingRest } : {}),
      ...(Object.keys(outputRest).length > 0 ? { output_config: outputRest } : {}),
    },
  };
}
