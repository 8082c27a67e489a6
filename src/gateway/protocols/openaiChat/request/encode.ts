/** The canonical request as the JSON body of `/v1/chat/completions`, in the target's dialect. */

import { isRecord } from "../../../common/json.ts";
import type { ModelTraits } from "../../../models/traits.ts";
import { traitsOf } from "../../../models/traitsOf.ts";
import type { ChatRequest, Warn } from "../../chat.ts";
import type { EncodeContext } from "../../codec.ts";
import { NOT_COMPACTED, withSummaries } from "../../compaction.ts";
import { opensWithJson } from "../../jsonWord.ts";
import { sharedFields } from "../../openaiShared.ts";
import { shortKey } from "../../shortIds.ts";
import type { Json } from "../values.ts";
import { type Dialect, dialectOf, type Field, takes } from "./dialects.ts";
import { encodeMessages } from "./encodeMessages.ts";
import { encodeReasoning } from "./encodeReasoning.ts";
import { encodeTools } from "./encodeTools.ts";
import { plainSchema } from "./schemaDialect.ts";

/** Fields of the legacy completions endpoint, which chat completions do not have. */
const LEGACY_ONLY = ["suffix", "best_of"];
/** Shown to the client by the legacy reply's encoder. */
const CLIENT_ONLY = new Set([...LEGACY_ONLY, "echo"]);

function clamp(value: number, [min, max]: readonly [number, number], feature: string, warn: Warn): number {
  const clamped = Math.min(max, Math.max(min, value));
  if (clamped !== value) warn(feature, `${value} is out of this target's range; ${clamped} was sent`);
  return clamped;
}

class Fields {
  readonly out: Json = {};
  readonly #dialect: Dialect;
  readonly #warn: Warn;

  constructor(dialect: Dialect, warn: Warn) {
    this.#dialect = dialect;
    this.#warn = warn;
  }

  /** Sets an optional field, or warns that the target does not have it. */
  set(field: Field, value: unknown): void {
    if (value === undefined) return;
    if (takes(this.#dialect, field)) this.out[field] = value;
    else this.#warn(field, "not supported by this target; left out");
  }
}

/** What is served where nothing is said. */
const ORDINARY_TIERS: ReadonlySet<string> = new Set(["auto", "default"]);

/** `topP` as `top_p`. */
const wireName = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** @param thinks whether the model does on this request */
function encodeSampling(
  request: ChatRequest,
  dialect: Dialect,
  traits: ModelTraits,
  thinks: boolean,
  warn: Warn,
): Json {
  const { sampling } = request;
  const fixed = traits.sampling === "none" || (traits.sampling === "unless-thinking" && thinks);
  const fields = new Fields(dialect, warn);
  if (fixed) {
    const { seed, ...rest } = sampling;
    for (const [name, value] of Object.entries(rest)) {
      if (value === undefined || ((name === "temperature" || name === "topP") && value === 1)) continue;
      warn(wireName(name), "this model's sampling cannot be changed; left out");
    }
    fields.set("seed", seed);
    return fields.out;
  }
  const out: Json = {};
  if (sampling.temperature !== undefined) {
    out.temperature = clamp(sampling.temperature, dialect.temperature, "temperature", warn);
  }
  if (sampling.topP !== undefined) out.top_p = clamp(sampling.topP, dialect.topP, "top_p", warn);
  const penalty = (value: number | undefined, name: string): number | undefined => {
    if (value === undefined) return undefined;
    if (traits.penalties) return clamp(value, [-2, 2], name, warn);
    if (value !== 0) warn(name, "this model takes no penalties; left out");
    return undefined;
  };
  fields.set("frequency_penalty", penalty(sampling.frequencyPenalty, "frequency_penalty"));
  fields.set("presence_penalty", penalty(sampling.presencePenalty, "presence_penalty"));
  if (takes(dialect, "random_seed")) fields.set("random_seed", sampling.seed);
  else fields.set("seed", sampling.seed);
  fields.set("top_k", sampling.topK);
  fields.set("min_p", sampling.minP);
  fields.set("logit_bias", sampling.logitBias);
  if (sampling.logprobs !== undefined) {
    fields.set("logprobs", true);
    if (takes(dialect, "logprobs") && sampling.logprobs.top > 0) {
      out.top_logprobs = clamp(sampling.logprobs.top, [0, 20], "top_logprobs", warn);
    }
  }
  return { ...out, ...fields.out };
}

function encodeStop(request: ChatRequest, dialect: Dialect, traits: ModelTraits, warn: Warn): Json {
  const stops = (request.stop ?? []).filter((stop) => stop !== "");
  if (stops.length === 0) return {};
  if (!traits.stop) {
    warn("stop", "this model takes no stop sequences; left out");
    return {};
  }
  if (stops.length > dialect.maxStops) warn("stop", `only the first ${dialect.maxStops} were sent`);
  return { stop: stops.slice(0, dialect.maxStops) };
}

interface Format {
  fields: Json;
  /** Words for the model where the target cannot enforce the format. */
  instruction?: string;
}

function encodeFormat(request: ChatRequest, dialect: Dialect, warn: Warn): Format {
  const format = request.responseFormat;
  if (format === undefined) return { fields: {} };
  if (format.type === "text") return { fields: { response_format: { type: "text" } } };
  const object = { response_format: { type: "json_object" } };
  if (format.type === "json") {
    if (!dialect.jsonObject) {
      const json_schema = { name: "response", schema: { type: "object" } };
      return { fields: { response_format: { type: "json_schema", json_schema } } };
    }
    // Targets refuse this format when no message speaks of JSON.
    return opensWithJson(request.messages)
      ? { fields: object }
      : { fields: object, instruction: "Answer in JSON." };
  }
  const schema = plainSchema(format.schema);
  if (!dialect.jsonSchema) {
    warn("response_format", "this target enforces no schema; it was put into the system text");
    return {
      fields: object,
      instruction: `Answer in JSON that matches this schema:\n${JSON.stringify(schema)}`,
    };
  }
  const name = (format.name ?? "").replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 64) || "response";
  const json_schema = {
    name,
    ...(format.description === undefined ? {} : { description: format.description }),
    schema,
    ...(format.strict === undefined ? {} : { strict: format.strict }),
  };
  return { fields: { response_format: { type: "json_schema", json_schema } } };
}

/** Puts words for the model behind the system text at the beginning. */
function withInstruction(messages: Json[], instruction: string | undefined): Json[] {
  if (instruction === undefined) return messages;
  const [first] = messages;
  if (first !== undefined && (first.role === "system" || first.role === "developer")) {
    const { content } = first;
    first.content = Array.isArray(content)
      ? [...content, { type: "text", text: instruction }]
      : `${String(content)}\n\n${instruction}`;
    return messages;
  }
  return [{ role: "system", content: instruction }, ...messages];
}

/** OpenAI: at most 16 pairs, keys of 64 and values of 512 characters. */
function encodeMetadata(metadata: ChatRequest["metadata"], warn: Warn): Json | undefined {
  if (metadata === undefined) return undefined;
  const out: Json = {};
  for (const [key, value] of Object.entries(metadata)) {
    if (Object.keys(out).length === 16) {
      warn("metadata", "only the first 16 pairs were sent");
      break;
    }
    const words = typeof value === "string" ? value : JSON.stringify(value);
    if (key.length > 64 || words === undefined)
      warn(`metadata.${key.slice(0, 64)}`, "not a pair this target takes; left out");
    else out[key] = words.slice(0, 512);
  }
  return out;
}

function encodeRest(
  request: ChatRequest,
  context: EncodeContext,
  dialect: Dialect,
  traits: ModelTraits,
): Json {
  const { warn } = context;
  const fields = new Fields(dialect, warn);
  if (request.n !== undefined && request.n !== 1) fields.set("n", request.n);
  if (request.verbosity !== undefined) {
    if (traits.verbosity || dialect.reasoning === "openrouter") fields.set("verbosity", request.verbosity);
    else warn("verbosity", "this model takes no verbosity; left out");
  }
  fields.set("user", request.user === undefined ? undefined : shortKey(request.user));
  // "The 'metadata' parameter is only allowed when 'store' is enabled."
  if (request.metadata !== undefined && takes(dialect, "metadata") && request.store !== true)
    warn("metadata", "only stored replies have it there; left out");
  else fields.set("metadata", encodeMetadata(request.metadata, warn));
  if (request.store !== undefined && (request.store || takes(dialect, "store")))
    fields.set("store", request.store);
  const key = request.cacheKey ?? (context.autoCache ? context.session : undefined);
  if (key !== undefined && takes(dialect, "prompt_cache_key")) fields.out.prompt_cache_key = shortKey(key);
  if (request.cacheRetention !== undefined && takes(dialect, "prompt_cache_retention")) {
    fields.out.prompt_cache_retention = request.cacheRetention;
  }
  const { serviceTier: wanted = "auto" } = request;
  const tier = Object.hasOwn(dialect.serviceTiers, wanted) ? dialect.serviceTiers[wanted] : undefined;
  if (tier !== undefined && request.serviceTier !== undefined) fields.out.service_tier = tier;
  if (tier !== wanted && !ORDINARY_TIERS.has(wanted)) {
    const fate = tier === undefined ? "left out" : `${tier} was sent`;
    warn("service_tier", `this target has no tier ${wanted}; ${fate}`);
  }
  if (request.cachedContent !== undefined) {
    warn("cachedContent", "content cached at another provider cannot be used here");
  }
  return { ...fields.out, ...encodeModalities(request, dialect, warn) };
}

/** OpenAI speaks, OpenRouter's models also draw. Sound needs its `audio` settings beside it. */
function encodeModalities(request: ChatRequest, dialect: Dialect, warn: Warn): Json {
  const wanted = request.modalities ?? [];
  if (wanted.every((kind) => kind === "text")) return {};
  const speakable = dialect.reasoning === "openrouter" ? ["text", "image", "audio"] : ["text", "audio"];
  const kinds = takes(dialect, "modalities") ? wanted.filter((kind) => speakable.includes(kind)) : [];
  if (kinds.length < wanted.length)
    warn("modalities", "this target does not make all kinds of output asked for");
  if (kinds.length === 0) return {};
  const own = request.extra?.protocol === "openai-chat" && "audio" in request.extra.fields;
  const audio = { audio: { voice: "alloy", format: request.stream ? "pcm16" : "mp3" } };
  return { modalities: kinds, ...(kinds.includes("audio") && !own ? audio : {}) };
}

/** What the client's own protocol had beyond the canonical model. */
function encodeExtra(request: ChatRequest, provider: string, warn: Warn): Json {
  const { extra } = request;
  if (extra === undefined) return {};
  if (extra.protocol !== "openai-chat") {
    const { fields, others } = sharedFields(request, provider);
    for (const name of others) warn(name, "chat completions have no such field; left out");
    return { ...fields };
  }
  const out: Json = {};
  for (const [name, value] of Object.entries(extra.fields)) {
    if (!CLIENT_ONLY.has(name)) out[name] = value;
    else if (LEGACY_ONLY.includes(name)) warn(name, "chat completions have no such field; left out");
  }
  return out;
}

function outputLimit(asked: number, { maxOutputTokens: most }: ModelTraits, warn: Warn): number {
  const limit = Math.max(1, Math.min(asked, most ?? Number.MAX_SAFE_INTEGER));
  if (limit < asked) warn("max_tokens", `${limit} is the most that this model writes`);
  return limit;
}

/** The body for the provider. What it cannot say goes to `context.warn`; it never throws. */
export function encodeRequest(asked: ChatRequest, context: EncodeContext): Record<string, unknown> {
  const request = withSummaries(asked);
  const { warn } = context;
  if (request.autoCompact !== undefined) warn("context_management", NOT_COMPACTED);
  const dialect = dialectOf(context.provider);
  const traits = traitsOf(request.model, context.provider, context.known);
  const tools = encodeTools(request, dialect, traits, warn);
  const format = encodeFormat(request, dialect, warn);
  const messages = encodeMessages(request, tools.names, { dialect, traits, warn, markers: { count: 0 } });
  const { fields: reasoning, thinks } = encodeReasoning(request, dialect, traits, tools.fields, warn);
  // OpenAI's reasoning models refuse `max_tokens`, whoever passes the request on.
  const maxTokens = traits.maxTokensField ?? dialect.maxTokens;
  const extra = encodeExtra(request, context.provider, warn);
  const { stream_options: streamOptions, ...extraFields } = extra;
  const body: Json = {
    model: request.model,
    messages: withInstruction(messages, format.instruction),
    ...tools.fields,
    ...format.fields,
    ...reasoning,
    ...encodeSampling(request, dialect, traits, thinks, warn),
    ...encodeStop(request, dialect, traits, warn),
    ...(request.maxOutputTokens === undefined
      ? {}
      : { [maxTokens]: outputLimit(Math.trunc(request.maxOutputTokens), traits, warn) }),
    ...encodeRest(request, context, dialect, traits),
  };
  for (const [name, value] of Object.entries(extraFields)) if (!(name in body)) body[name] = value;
  if (request.stream) {
    body.stream = true;
    // Usage is wanted for the records whether or not the client asked.
    if (takes(dialect, "stream_options")) {
      body.stream_options = { ...(isRecord(streamOptions) ? streamOptions : {}), include_usage: true };
    }
  }
  return body;
}
