/** `/v1/chat/completions` as a client sends it, to the canonical request. */
import { isRecord } from "../../../common/json.ts";
import type { ChatRequest, Reasoning, ResponseFormat, Sampling } from "../../chat.ts";
import type { DecodeContext } from "../../codec.ts";
import { type ChatCompletionsRequest, request as requestSchema } from "../schema.ts";
import { parse } from "../validate.ts";
import { decodeMessages } from "./decodeMessages.ts";
import { decodeToolChoice, decodeTools } from "./decodeTools.ts";

/** Fields with a canonical place; all others go to `extra`. */
const CANONICAL: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "tools",
  "functions",
  "tool_choice",
  "function_call",
  "parallel_tool_calls",
  "response_format",
  "reasoning_effort",
  "reasoning",
  "thinking",
  "verbosity",
  "temperature",
  "top_p",
  "top_k",
  "min_p",
  "frequency_penalty",
  "presence_penalty",
  "seed",
  "logit_bias",
  "logprobs",
  "top_logprobs",
  "max_completion_tokens",
  "max_tokens",
  "stop",
  "n",
  "stream",
  "user",
  "metadata",
  "service_tier",
  "prompt_cache_key",
  "prompt_cache_retention",
  "store",
  "modalities",
  "web_search_options",
]);

/** Leaves out what is absent, so that optional fields stay truly optional. */
export function present<T extends object>(
  fields: {
    [K in keyof T]?: T[K] | null | undefined;
  },
): { [K in keyof T]?: NonNullable<T[K]> } {
  const out: { [K in keyof T]?: NonNullable<T[K]> } = {};
  for (const key in fields) {
    const value = fields[key];
    if (value !== undefined && value !== null) out[key] = value as NonNullable<T[typeof key]>;
  }
  return out;
}

function decodeSampling(body: ChatCompletionsRequest): Sampling {
  return present<Required<Sampling>>({
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
  return present<Required<Reasoning>>({
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
  return {
    type: "json-schema",
    schema: schema ?? {},
    ...present<{ name: string; description: string; strict: boolean }>({ name, description, strict }),
  };
}

function decodeModalities(body: ChatCompletionsRequest): ChatRequest["modalities"] {
  const kinds = (body.modalities ?? []).filter(
    (kind): kind is "text" | "image" | "audio" => kind === "text" || kind === "image" || kind === "audio",
  );
  return kinds.length > 0 ? kinds : undefined;
}

function decodeExtra(body: ChatCompletionsRequest): ChatRequest["extra"] {
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(body)) {
    if (value === null || value === undefined || CANONICAL.has(key)) continue;
    if (key === "stream_options" && isRecord(value)) {
      const { include_usage: _, ...rest } = value;
      if (Object.keys(rest).length > 0) fields[key] = rest;
    } else fields[key] = value;
  }
  return Object.keys(fields).length > 0 ? { protocol: "openai-chat", fields } : undefined;
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
    ...present<
      Pick<
        Required<ChatRequest>,
        | "toolChoice"
        | "parallelToolCalls"
        | "responseFormat"
        | "reasoning"
        | "verbosity"
        | "maxOutputTokens"
        | "stop"
        | "n"
        | "includeUsage"
        | "user"
        | "metadata"
        | "serviceTier"
        | "cacheKey"
        | "cacheRetention"
        | "store"
        | "modalities"
        | "legacyFunctions"
        | "extra"
      >
    >({
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
      extra: decodeExtra(body),
    }),
  };
}
