/** A canonical request as the body for a provider that speaks the Responses API. */

import { compact, type Fields, fieldsOf, listOf } from "../../../common/json.ts";
import { type Effort, nearestEffort } from "../../../models/effort.ts";
import type { ModelTraits } from "../../../models/traits.ts";
import { traitsOf } from "../../../models/traitsOf.ts";
import { forcesCall } from "../../attainableChoice.ts";
import type { ChatRequest, Message, ResponseFormat, Warn } from "../../chat.ts";
import { flatName } from "../../clientTools.ts";
import type { EncodeContext } from "../../codec.ts";
import { sinceLastSummary, withSummaries } from "../../compaction.ts";
import { ownFields } from "../../extra.ts";
import { opensWithJson } from "../../jsonWord.ts";
import { isOpenai, sharedFields } from "../../openaiShared.ts";
import { resolveEffort } from "../../reasoning.ts";
import { shortKey } from "../../shortIds.ts";
import { encodeContextManagement } from "../compaction.ts";
import { InputWriter } from "./encodeInput.ts";
import { clamp, encodeToolChoice, encodeTools, offersSearch, possibleChoice } from "./encodeTools.ts";
import { answerSchema } from "./jsonSchema.ts";
import { repairCalls } from "./repairCalls.ts";

const PROTOCOL = "openai-responses" as const;
const METADATA = { pairs: 16, key: 64, value: 512 };
const LEAST_OUTPUT = 16;
/** State that the provider holds: the calls of outputs in `input` may be there. */
const STATEFUL = ["previous_response_id", "conversation", "prompt"] as const;

function encodeMetadata(metadata: Fields, warn: Warn): Fields {
  const out: Record<string, string> = {};
  let cut = false;
  for (const [key, value] of Object.entries(metadata)) {
    if (Object.keys(out).length === METADATA.pairs) {
      cut = true;
      break;
    }
    const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
    if (key.length > METADATA.key || text.length > METADATA.value) cut = true;
    out[key.slice(0, METADATA.key)] = text.slice(0, METADATA.value);
  }
  if (cut) warn("metadata", "at most 16 pairs of 64 and 512 characters were sent");
  return out;
}

export function encodeFormat(format: ResponseFormat): Fields {
  if (format.type === "text") return { type: "text" };
  if (format.type === "json") return { type: "json_object" };
  return compact({
    type: "json_schema" as const,
    name: flatName(format.name ?? "response"),
    description: format.description,
    schema: answerSchema(format.schema),
    strict: format.strict,
  });
}

/** The effort that the model takes; one that nothing is known of is trusted to take any. */
function possibleEffort(
  wanted: Effort,
  { efforts, off, encryptsReasoning: known }: ModelTraits,
): Effort | undefined {
  if (efforts.length === 0 && !known) return wanted;
  // However a model is told elsewhere not to think, here the word is `none`.
  const stoppable = off !== "never" && efforts.length > 0;
  return nearestEffort(wanted, stoppable ? ["none", ...efforts] : efforts);
}

function encodeReasoning(
  request: ChatRequest,
  own: boolean,
  traits: ModelTraits,
  warn: Warn,
): Fields | undefined {
  const { reasoning, model } = request;
  if (reasoning === undefined) return undefined;
  if (!own && !traits.reasons) {
    if (resolveEffort(reasoning) !== "none") warn("reasoning", `${model} does not reason`);
    return undefined;
  }
  const asked = resolveEffort(reasoning);
  const stops =
    !own &&
    traits.forcedToolChoice === "without-thinking" &&
    traits.off !== "never" &&
    forcesCall(request.toolChoice);
  if (stops && asked !== "none") warn("reasoning", "switched off, as a tool call is demanded");
  const wanted = stops ? "none" : asked;
  const effort = wanted === undefined || own ? wanted : possibleEffort(wanted, traits);
  if (effort !== wanted) {
    const instead = effort === undefined ? "its default is used" : `${effort} was sent`;
    warn("reasoning.effort", `${model} has no ${wanted}; ${instead}`);
  }
  const summary = reasoning.summary ?? (!own && reasoning.show ? "auto" : undefined);
  const out = compact({ effort, summary });
  return Object.keys(out).length ? out : undefined;
}

function warnUnsayable(request: ChatRequest, fields: readonly string[], warn: Warn): void {
  const { sampling } = request;
  const dropped: [string, unknown][] = [
    ["top_k", sampling.topK],
    ["min_p", sampling.minP],
    ["frequency_penalty", sampling.frequencyPenalty],
    ["presence_penalty", sampling.presencePenalty],
    ["seed", sampling.seed],
    ["logit_bias", sampling.logitBias],
    ["stop", request.stop?.length ? request.stop : undefined],
    ["n", request.n !== undefined && request.n > 1 ? request.n : undefined],
    ["cachedContent", request.cachedContent],
    ["modalities", request.modalities?.some((kind) => kind !== "text") ? request.modalities : undefined],
  ];
  for (const [name, value] of dropped) {
    if (value !== undefined) warn(name, "the Responses API has no such parameter");
  }
  for (const name of fields) warn(name, "this field has no counterpart in the Responses API");
}

/** The text of `instructions`, and the messages that are left. */
function splitInstructions(messages: readonly Message[]): {
  instructions?: string;
  rest: readonly Message[];
} {
  const [first, ...rest] = messages;
  if (first?.role !== "system" || first.parts.length !== 1 || first.parts[0]?.cache)
    return { rest: messages };
  const text = first.parts[0]?.text;
  return text ? { instructions: text, rest } : { rest: messages };
}

/** Does the model sample in its own way on this request? */
function samplesItself(request: ChatRequest, { sampling, thinksByDefault }: ModelTraits): boolean {
  const effort = resolveEffort(request.reasoning);
  const thinks = effort === undefined ? thinksByDefault : effort !== "none";
  return sampling === "none" || (sampling === "unless-thinking" && thinks);
}

function samplingFields(request: ChatRequest, own: boolean, traits: ModelTraits, warn: Warn): Fields {
  const { temperature, topP, logprobs } = request.sampling;
  if (!own && samplesItself(request, traits)) {
    for (const [name, value] of Object.entries({ temperature, top_p: topP, logprobs })) {
      // 1 is what it does anyway.
      if (value !== undefined && value !== 1)
        warn(name, `${request.model} does not take it while it reasons`);
    }
    return {};
  }
  return compact({
    temperature: temperature === undefined ? undefined : clamp(temperature, 0, 2, "temperature", warn),
    top_p: topP === undefined ? undefined : clamp(topP, 0, 1, "top_p", warn),
    top_logprobs:
      logprobs === undefined ? undefined : clamp(Math.trunc(logprobs.top), 0, 20, "logprobs", warn),
  });
}

const TIERS = new Set(["auto", "default", "flex", "scale", "priority", "fast", "ultrafast"]);

function serviceTier({ serviceTier: tier }: ChatRequest, own: boolean, warn: Warn): string | undefined {
  if (tier === undefined || own || TIERS.has(tier)) return tier;
  warn("service_tier", `${tier} is not a tier there`);
  return undefined;
}

/** Whether encrypted reasoning is asked for on behalf of a client that cannot ask. */
function wantsEncrypted(request: ChatRequest, own: boolean, traits: ModelTraits): boolean {
  if (own) return request.reasoning?.includeEncrypted === true;
  return request.store !== true && traits.encryptsReasoning;
}

function includes(
  request: ChatRequest,
  own: boolean,
  traits: ModelTraits,
  sampling: Fields,
  extra: Fields,
): string[] {
  const names = listOf(extra.include).filter((name): name is string => typeof name === "string");
  if (wantsEncrypted(request, own, traits)) names.unshift("reasoning.encrypted_content");
  if (sampling.top_logprobs !== undefined) names.push("message.output_text.logprobs");
  return [...new Set(names)];
}

/** OpenAI refuses `json_object` where no message speaks of JSON; `instructions` do not count. */
function withJsonWord(input: Fields[], request: ChatRequest, messages: readonly Message[]): Fields[] {
  if (request.responseFormat?.type !== "json" || opensWithJson(messages)) return input;
  const content = [{ type: "input_text", text: "Answer in JSON." }];
  return [{ type: "message", role: "developer", content }, ...input];
}

/** The API has no prefill: after a last message of the assistant it begins a new one. */
function warnOfPrefill(messages: readonly Message[], warn: Warn): void {
  const last = messages.at(-1);
  if (last?.role !== "assistant" || !last.parts.some((part) => part.type === "text")) return;
  if (last.parts.some((part) => part.type === "tool-call")) return;
  warn("messages", "this target may not continue the last assistant message");
}

/** The JSON body, with fields in a fixed order. Never throws; what cannot be said is warned about. */
export function encodeRequest(asked: ChatRequest, context: EncodeContext): Record<string, unknown> {
  const { warn, provider } = context;
  // Others than OpenAI speak the protocol, but compact nothing.
  const native = asked.extra?.protocol === PROTOCOL && (asked.compact === undefined || isOpenai(provider));
  const request = native ? sinceLastSummary(asked) : withSummaries(asked);
  const traits = traitsOf(request.model, provider, context.known);
  const own = request.extra?.protocol === PROTOCOL;
  const extra = ownFields(PROTOCOL, request);
  const store = request.store ?? (own ? undefined : false);
  const { tools, names } = encodeTools(request.tools, own, traits, warn);
  const { instructions, rest } = splitInstructions(request.messages);
  const found = offersSearch(request.tools, traits) ? tools : undefined;
  const breakpoints = traits.cacheBreakpoints;
  const writer = new InputWriter({ provider, own, store, names, found, breakpoints, warn });
  const offset = request.messages.length - rest.length;
  for (const [index, message] of rest.entries()) writer.write(message, index + offset);
  const stateful = STATEFUL.some((name) => extra[name] !== undefined);
  const items = stateful ? writer.items : repairCalls(writer.items, warn);
  const input = own ? items : withJsonWord(items, request, rest);
  if (!own) warnOfPrefill(rest, warn);

  const sampling = samplingFields(request, own, traits, warn);
  const include = includes(request, own, traits, sampling, extra);
  const reasoning = { ...encodeReasoning(request, own, traits, warn), ...fieldsOf(extra.reasoning) };
  const text = {
    ...(request.responseFormat ? { format: encodeFormat(request.responseFormat) } : {}),
    ...(request.verbosity ? { verbosity: request.verbosity } : {}),
    ...fieldsOf(extra.text),
  };
  const wanted =
    request.toolChoice && !own
      ? possibleChoice(request.toolChoice, request.tools, traits, warn)
      : request.toolChoice;
  const choice = wanted && encodeToolChoice(wanted, request.tools, names);
  const cacheKey = request.cacheKey ?? (context.autoCache ? context.session : undefined);
  const shared = own ? undefined : sharedFields(request, provider);
  warnUnsayable(request, shared?.others ?? [], warn);

  const { include: _, reasoning: __, text: ___, tool_choice: rawChoice, ...others } = extra;
  return compact({
    model: request.model,
    instructions,
    input,
    tools: tools.length || own ? tools : undefined,
    tool_choice: rawChoice ?? (tools.length || choice === "none" || choice === "auto" ? choice : undefined),
    parallel_tool_calls: request.parallelToolCalls,
    text: Object.keys(text).length ? text : undefined,
    reasoning: Object.keys(reasoning).length ? reasoning : undefined,
    include: include.length ? include : undefined,
    ...sampling,
    max_output_tokens:
      request.maxOutputTokens === undefined
        ? undefined
        : clamp(
            request.maxOutputTokens,
            LEAST_OUTPUT,
            traits.maxOutputTokens ?? Number.MAX_SAFE_INTEGER,
            "max_output_tokens",
            warn,
          ),
    metadata: request.metadata && encodeMetadata(request.metadata, warn),
    user: request.user === undefined ? undefined : shortKey(request.user),
    service_tier: serviceTier(request, own, warn),
    prompt_cache_key: cacheKey === undefined ? undefined : shortKey(cacheKey),
    prompt_cache_retention: request.cacheRetention,
    store,
    stream: request.stream,
    ...others,
    ...compact({ context_management: encodeContextManagement(request, others.context_management, warn) }),
    ...shared?.fields,
  });
}
