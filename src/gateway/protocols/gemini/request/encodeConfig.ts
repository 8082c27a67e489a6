/** Canonical settings as `generationConfig`. */

import type { ModelTraits } from "../../../models/traits.ts";
import type { ChatRequest, Sampling, Warn } from "../../chat.ts";
import { resolvedTop } from "../../jsonSchema.ts";
import { toGeminiJsonSchema, toOpenApi } from "../schemaDialect.ts";
import type { Json } from "../values.ts";
import { thinkingConfig } from "./thinking.ts";

const MAX_STOPS = 5;
const MAX_CANDIDATES = 8;
const MAX_LOGPROBS = 20;
const INT32 = 2 ** 31;

function clamp(
  value: number | undefined,
  least: number,
  most: number,
  field: string,
  warn: Warn,
): number | undefined {
  if (value === undefined) return undefined;
  const clamped = Math.min(Math.max(value, least), most);
  if (clamped !== value) warn(field, `${value} is out of range; ${clamped} was sent`);
  return clamped;
}

/** @param kept what a Gemini client's own `generationConfig` said beside the fields below. */
export function encodeConfig(
  request: ChatRequest,
  traits: ModelTraits,
  kept: Json,
  warn: Warn,
): Record<string, unknown> {
  const sampling = possibleSampling(request, traits, warn);
  if (sampling.minP !== undefined) warn("min_p", "Gemini has no such setting; left out");
  if (sampling.logitBias !== undefined && Object.keys(sampling.logitBias).length > 0)
    warn("logit_bias", "Gemini has no such setting; left out");
  if (request.verbosity !== undefined) warn("verbosity", "Gemini has no such setting; left out");
  const thinking = thinkingConfig(request.reasoning, request.model, traits, warn);
  const { thinkingConfig: keptThinking, ...rest } = kept;
  const fields = {
    temperature: clamp(sampling.temperature, 0, 2, "temperature", warn),
    topP: clamp(sampling.topP, 0, 1, "top_p", warn),
    topK: topK(sampling.topK, warn),
    candidateCount: clamp(whole(request.n), 1, MAX_CANDIDATES, "n", warn),
    maxOutputTokens: maxTokens(request, traits, warn),
    stopSequences: stops(request.stop, warn),
    presencePenalty: penalty(sampling.presencePenalty, "presence_penalty", warn),
    frequencyPenalty: penalty(sampling.frequencyPenalty, "frequency_penalty", warn),
    seed: seed(sampling.seed, warn),
    ...(sampling.logprobs === undefined
      ? {}
      : {
          responseLogprobs: true,
          logprobs: clamp(whole(sampling.logprobs.top), 0, MAX_LOGPROBS, "top_logprobs", warn),
        }),
    ...responseFormat(request, traits, warn),
    responseModalities: modalities(request, traits, warn),
    thinkingConfig:
      thinking === undefined && keptThinking === undefined
        ? undefined
        : { ...thinking, ...(typeof keptThinking === "object" ? keptThinking : {}) },
    ...rest,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Some of the newest models sample in their own way alone. */
function possibleSampling(request: ChatRequest, traits: ModelTraits, warn: Warn): Sampling {
  const { sampling } = request;
  if (traits.sampling !== "none") return sampling;
  const { temperature, topP, topK, ...rest } = sampling;
  for (const [name, value] of [
    ["temperature", temperature],
    ["top_p", topP],
    ["top_k", topK],
  ] as const) {
    if (value !== undefined && value !== 1) warn(name, "this model's sampling cannot be changed; left out");
  }
  return rest;
}

function whole(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.trunc(value);
}

function topK(value: number | undefined, warn: Warn): number | undefined {
  if (value === undefined) return undefined;
  if (value >= 1) return Math.trunc(value);
  warn("top_k", `${value} means no limit elsewhere; left out`);
  return undefined;
}

/** From -2 to just under 2. */
function penalty(value: number | undefined, field: string, warn: Warn): number | undefined {
  return clamp(value, -2, 1.99, field, warn);
}

function seed(value: number | undefined, warn: Warn): number | undefined {
  if (value === undefined) return undefined;
  const whole = Math.trunc(value);
  const fitting = whole >= -INT32 && whole < INT32 ? whole : whole % INT32;
  if (fitting !== value) warn("seed", `seeds have 32 bits; ${fitting} was sent`);
  return fitting;
}

function maxTokens(request: ChatRequest, traits: ModelTraits, warn: Warn): number | undefined {
  const most = traits.maxOutputTokens ?? INT32 - 1;
  return clamp(whole(request.maxOutputTokens), 1, most, "max_tokens", warn);
}

function stops(stop: readonly string[] | undefined, warn: Warn): string[] | undefined {
  const usable = (stop ?? []).filter((text) => text !== "");
  if (usable.length > MAX_STOPS)
    warn("stop", `Gemini takes ${MAX_STOPS} stop sequences; the first ${MAX_STOPS} were sent`);
  return usable.length === 0 ? undefined : usable.slice(0, MAX_STOPS);
}

/** Gemini 2 refuses structured output beside functions. */
export function formatInWords(request: ChatRequest, traits: ModelTraits): boolean {
  return (
    (request.responseFormat?.type === "json" || request.responseFormat?.type === "json-schema") &&
    !traits.mixesTools &&
    request.tools.some((tool) => tool.type !== "provider")
  );
}

function responseFormat(request: ChatRequest, traits: ModelTraits, warn: Warn): Json {
  const format = request.responseFormat;
  if (format === undefined) return {};
  if (formatInWords(request, traits)) {
    warn("response_format", "this model cannot have it beside tools; it was asked for in words");
    return {};
  }
  if (format.type === "text") return { responseMimeType: "text/plain" };
  const json = { responseMimeType: "application/json" };
  if (format.type === "json") return json;
  if (traits.plainSchemas)
    return { ...json, responseJsonSchema: toGeminiJsonSchema(resolvedTop(format.schema)) };
  const { schema, dropped } = toOpenApi(resolvedTop(format.schema));
  if (dropped.length > 0)
    warn("response_format", `schema keywords without a place in Gemini's dialect: ${dropped.join(", ")}`);
  return { ...json, responseSchema: schema };
}

function modalities(request: ChatRequest, traits: ModelTraits, warn: Warn): string[] | undefined {
  if (request.modalities === undefined) return undefined;
  const able = request.modalities.filter((kind) => {
    // Audio is asked for beside text elsewhere; here only a few models have it.
    const can = kind !== "audio" || traits.output.audio;
    if (!can) warn("modalities", `${request.model} does not write ${kind}; left out`);
    return can;
  });
  return able.length === 0 ? undefined : able.map((kind) => kind.toUpperCase());
}
