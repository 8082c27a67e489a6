/** `/v1/chat/completions` as a client sends it, to the canonical request. */
import { compact, isRecord, leftover } from "../../../common/json.ts";
import {
  type ChatRequest,
  isModality,
  type Reasoning,
  type ResponseFormat,
  type Sampling,
} from "../../chat.ts";
import type { DecodeContext } from "../../codec.ts";
import { extraWith } from "../../extra.ts";
import { type ChatCompletionsRequest, request as requestSchema } from "../schema.ts";
import { parse } from "../validate.ts";
import { decodeMessages } from "./decodeMessages.ts";
import { decodeToolChoice, decodeTools } from "./decodeTools.ts";

/** Fields with a canonical place; all others go to `extra`. */
const KNOWN = new Set(Object.keys(requestSchema.shape));

function decodeSampling(body: ChatCompletionsRequest): Sampling {
  return compact({
    temperature: body.temperature,
    topP: body.top_p,
    topK: body.top_k,
    minP: body.min_p,
    frequencyPenalty: body.frequency_penalty,
    presencePenalty: body.presence_penalty,
    seed: body.seed,
    logitBias: body.logit_bias,
    logprobs: body.logprobs ? { top: body.top_logprobs ?? 0 } : undefined,
  });
}

/**
 * OpenAI's `reasoning_effort`, OpenRouter's `reasoning` and the `thinking` of DeepSeek, z.ai and
 * Moonshot. Whoever asks for reasoning is shown it.
 */
function decodeReasoning(body: ChatCompletionsRequest): Reasoning | undefined {
  const { reasoning, thinking } = body;
  const switchedOff = thinking?.type === "disabled" || reasoning?.enabled === false;
  const effort = body.reasoning_effort ?? reasoning?.effort ?? (switchedOff ? "none" : undefined);
  const budgetTokens = reasoning?.max_tokens ?? thinking?.budget_tokens;
  const adaptive =
    thinking?.type === "enabled" || thinking?.type === "adaptive" || reasoning?.enabled === true;
  const on = effort !== undefined ? effort !== "none" : budgetTokens != null || adaptive;
  if (effort === undefined && budgetTokens == null && !adaptive && reasoning?.exclude == null)
    return undefined;
  return compact({
    effort,
    budgetTokens,
    adaptive: adaptive && budgetTokens == null && effort === undefined ? true : undefined,
    show: reasoning?.exclude == null ? (on ? true : undefined) : !reasoning.exclude,
  });
}

function decodeResponseFormat(body: ChatCompletionsRequest): ResponseFormat | undefined {
  const format = body.response_format;
  if (format == null) return undefined;
  if (format.type !== "json_schema") return { type: format.type === "text" ? "text" : "json" };
  const { schema, name, description, strict } = format.json_schema;
  return compact({ type: "json-schema", schema: schema ?? {}, name, description, strict });
}

function decodeModalities(body: ChatCompletionsRequest): ChatRequest["modalities"] {
  const kinds = (body.modalities ?? []).filter(isModality);
  return kinds.length > 0 ? kinds : undefined;
}

function decodeExtra(body: ChatCompletionsRequest): Pick<ChatRequest, "extra"> {
  const { include_usage: _, ...options } = body.stream_options ?? {};
  const left = Object.keys(options).length > 0 ? { stream_options: options } : {};
  return extraWith("openai-chat", { ...leftover(body, KNOWN), ...left });
}

/** @throws PorticoError `invalid_request` naming the field. */
export function decodeRequest(input: unknown, context: DecodeContext): ChatRequest {
  const body = parse(requestSchema, isRecord(input) ? { model: context.model, ...input } : input);
  const stop = typeof body.stop === "string" ? [body.stop] : (body.stop ?? undefined);
  return {
    model: body.model,
    messages: decodeMessages(body.messages),
    tools: decodeTools(body),
    sampling: decodeSampling(body),
    stream: body.stream ?? context.stream,
    ...compact({
      toolChoice: decodeToolChoice(body),
      parallelToolCalls: body.parallel_tool_calls,
      responseFormat: decodeResponseFormat(body),
      reasoning: decodeReasoning(body),
      verbosity: body.verbosity,
      maxOutputTokens: body.max_completion_tokens ?? body.max_tokens,
      stop: stop?.length ? stop : undefined,
      n: body.n,
      includeUsage: body.stream_options?.include_usage ? true : undefined,
      user: body.user,
      metadata: body.metadata,
      serviceTier: body.service_tier,
      cacheKey: body.prompt_cache_key,
      cacheRetention: body.prompt_cache_retention,
      store: body.store,
      modalities: decodeModalities(body),
      legacyFunctions: body.functions?.length && !body.tools?.length ? true : undefined,
    }),
    ...decodeExtra(body),
  };
}
