/**
 * How compatible providers differ from OpenAI. A provider that is not listed gets `COMMON`: what
 * nearly every server that calls itself compatible accepts. Facts are from the providers' API
 * references (platform.openai.com, api-docs.deepseek.com, console.groq.com/docs/openai,
 * docs.mistral.ai/api, docs.x.ai, docs.z.ai, platform.moonshot.ai, openrouter.ai/docs,
 * ai.google.dev/gemini-api/docs/openai, docs.ollama.com, lmstudio.ai/docs, docs.vllm.ai).
 */

import type { IdRule } from "../../shortIds.ts";

/** Optional request fields; a dialect names those its provider takes. */
export type Field =
  | "frequency_penalty"
  | "presence_penalty"
  | "seed"
  | "random_seed"
  | "logit_bias"
  | "logprobs"
  | "top_k"
  | "min_p"
  | "n"
  | "user"
  | "metadata"
  | "store"
  | "verbosity"
  | "prompt_cache_key"
  | "prompt_cache_retention"
  | "parallel_tool_calls"
  | "stream_options"
  | "modalities"
  | "web_search_options";

export interface Dialect {
  maxTokens: "max_tokens" | "max_completion_tokens";
  /** Takes the `developer` role; elsewhere it is called `system`. */
  developer: boolean;
  /** Where system messages may stand. `first`: one, at the beginning (chat templates of open models). */
  system: "anywhere" | "first";
  /** Text in several parts; else they are joined to one string. */
  textParts: boolean;
  names: boolean;
  fields: ReadonlySet<Field>;
  temperature: readonly [min: number, max: number];
  topP: readonly [min: number, max: number];
  maxStops: number;
  /** Its tiers by what clients call them: none that costs more than what was asked for. */
  serviceTiers: Readonly<Record<string, string>>;
  /** `full`: all of OpenAI's; `named`: no `allowed_tools`; `words`: no naming of a tool; `auto`: only that. */
  toolChoice: "full" | "named" | "words" | "auto";
  /** Tools of type `custom`. */
  customTools: boolean;
  strict: boolean;
  jsonSchema: boolean;
  jsonObject: boolean;
  images: "any" | "inline" | "none";
  audio: boolean;
  files: boolean;
  video: boolean;
  refusal: boolean;
  /** How reasoning is asked for: see `encodeReasoning.ts`. */
  reasoning: "effort" | "openrouter" | "switch" | "none";
  /** Where reasoning of earlier turns goes. */
  replay: "reasoning_content" | "reasoning" | "thinking" | "none";
  /** Refuses calls of earlier turns that come without reasoning. */
  replayRequired?: true;
  details?: true;
  /** Marks the last assistant message as one to continue. */
  prefill?: "prefix" | "partial";
  /** A user message may not follow tool results at once. */
  assistantAfterTool?: true;
  cache?: "breakpoint" | "cache_control";
  callId: IdRule;
}

const ANY_ID = { allowed: /^[\x21-\x7e]{1,40}$/, length: 24, prefix: "call_" };

const COMMON: Dialect = {
  maxTokens: "max_tokens",
  developer: false,
  system: "first",
  textParts: false,
  names: false,
  fields: new Set<Field>([
    "frequency_penalty",
    "presence_penalty",
    "seed",
    "n",
    "logprobs",
    "user",
    "stream_options",
  ]),
  temperature: [0, 2],
  topP: [0, 1],
  maxStops: 4,
  serviceTiers: {},
  toolChoice: "named",
  customTools: false,
  strict: false,
  jsonSchema: true,
  jsonObject: true,
  images: "any",
  audio: false,
  files: false,
  video: false,
  refusal: false,
  reasoning: "effort",
  replay: "none",
  callId: ANY_ID,
};

const OPENAI: Dialect = {
  ...COMMON,
  maxTokens: "max_completion_tokens",
  developer: true,
  system: "anywhere",
  textParts: true,
  names: true,
  fields: new Set<Field>([
    "frequency_penalty",
    "presence_penalty",
    "seed",
    "logit_bias",
    "logprobs",
    "n",
    "user",
    "metadata",
    "store",
    "verbosity",
    "prompt_cache_key",
    "prompt_cache_retention",
    "parallel_tool_calls",
    "stream_options",
    "modalities",
    "web_search_options",
  ]),
  serviceTiers: {
    auto: "auto",
    default: "default",
    flex: "flex",
    scale: "scale",
    priority: "priority",
    fast: "fast",
    // Only the Responses API has it.
    ultrafast: "fast",
  },
  toolChoice: "full",
  customTools: true,
  strict: true,
  audio: true,
  files: true,
  refusal: true,
  cache: "breakpoint",
};

const LOCAL: Dialect = {
  ...COMMON,
  fields: new Set<Field>([...COMMON.fields, "top_k", "min_p"]),
};

const DIALECTS: Readonly<Record<string, Dialect>> = {
  openai: OPENAI,
  "azure-openai": OPENAI,
  openrouter: {
    ...COMMON,
    system: "anywhere",
    textParts: true,
    names: true,
    fields: new Set<Field>([
      ...COMMON.fields,
      "logit_bias",
      "top_k",
      "min_p",
      "verbosity",
      "parallel_tool_calls",
      "modalities",
    ]),
    strict: true,
    audio: true,
    files: true,
    video: true,
    reasoning: "openrouter",
    replay: "reasoning",
    details: true,
    cache: "cache_control",
  },
  deepseek: {
    ...COMMON,
    system: "anywhere",
    names: true,
    fields: new Set<Field>(["frequency_penalty", "presence_penalty", "logprobs", "stream_options"]),
    maxStops: 16,
    jsonSchema: false,
    images: "none",
    reasoning: "switch",
    replay: "reasoning_content",
    replayRequired: true,
  },
  groq: {
    ...COMMON,
    maxTokens: "max_completion_tokens",
    system: "anywhere",
    textParts: true,
    fields: new Set<Field>([
      "frequency_penalty",
      "presence_penalty",
      "seed",
      "user",
      "parallel_tool_calls",
      "stream_options",
    ]),
    serviceTiers: {
      auto: "auto",
      default: "on_demand",
      on_demand: "on_demand",
      flex: "flex",
      performance: "performance",
    },
    strict: true,
    replay: "reasoning",
  },
  mistral: {
    ...COMMON,
    system: "anywhere",
    textParts: true,
    fields: new Set<Field>([
      "frequency_penalty",
      "presence_penalty",
      "random_seed",
      "n",
      "parallel_tool_calls",
    ]),
    temperature: [0, 1.5],
    strict: true,
    replay: "thinking",
    prefill: "prefix",
    assistantAfterTool: true,
    callId: { allowed: /^[A-Za-z0-9]{9}$/, length: 9, prefix: "" },
  },
  xai: {
    ...COMMON,
    maxTokens: "max_completion_tokens",
    system: "anywhere",
    textParts: true,
    names: true,
    fields: new Set<Field>([
      "frequency_penalty",
      "presence_penalty",
      "seed",
      "n",
      "logprobs",
      "user",
      "parallel_tool_calls",
      "stream_options",
    ]),
    strict: true,
    replay: "reasoning_content",
  },
  zai: {
    ...COMMON,
    system: "anywhere",
    textParts: true,
    fields: new Set<Field>([]),
    temperature: [0, 1],
    topP: [0.01, 1],
    maxStops: 1,
    toolChoice: "auto",
    jsonSchema: false,
    video: true,
    reasoning: "switch",
    replay: "reasoning_content",
  },
  moonshot: {
    ...COMMON,
    maxTokens: "max_completion_tokens",
    system: "anywhere",
    textParts: true,
    names: true,
    fields: new Set<Field>([
      "frequency_penalty",
      "presence_penalty",
      "n",
      "prompt_cache_key",
      "stream_options",
    ]),
    temperature: [0, 1],
    maxStops: 5,
    images: "inline",
    video: true,
    reasoning: "switch",
    replay: "reasoning_content",
    replayRequired: true,
    prefill: "partial",
  },
  gemini: {
    ...COMMON,
    system: "anywhere",
    textParts: true,
    fields: new Set<Field>(["frequency_penalty", "presence_penalty", "seed", "n", "stream_options"]),
    maxStops: 5,
    images: "inline",
    audio: true,
  },
  ollama: { ...LOCAL, images: "inline" },
  lmstudio: { ...LOCAL, images: "inline", toolChoice: "words", jsonObject: false },
  vllm: {
    ...LOCAL,
    fields: new Set<Field>([...LOCAL.fields, "logit_bias", "parallel_tool_calls"]),
    replay: "reasoning_content",
  },
};

/** The dialect of a provider id; `vertex` speaks that of `gemini`. */
export function dialectOf(provider: string): Dialect {
  const key = provider === "vertex" ? "gemini" : provider;
  return (Object.hasOwn(DIALECTS, key) ? DIALECTS[key] : undefined) ?? COMMON;
}

/** Whether a field may be sent. */
export const takes = (dialect: Dialect, field: Field): boolean => dialect.fields.has(field);
