/**
 * What a client may send to `/v1/chat/completions`, after the official SDK's types and the fields
 * that clients of compatible providers add. Loose throughout: unknown fields are kept.
 */
import * as z from "zod";
import { EFFORTS } from "../chat.ts";

const number = z.number().nullish();
const integer = z.int().nullish();
const string = z.string().nullish();
const boolean = z.boolean().nullish();

const cacheBreakpoint = z.looseObject({ mode: z.string().optional(), ttl: z.string().optional() }).nullish();
const cacheControl = z.looseObject({ type: z.string().optional(), ttl: z.string().optional() }).nullish();
const cacheFields = { prompt_cache_breakpoint: cacheBreakpoint, cache_control: cacheControl };

export const textPart = z.looseObject({ type: z.literal("text"), text: z.string(), ...cacheFields });
export const refusalPart = z.looseObject({ type: z.literal("refusal"), refusal: z.string() });
export const imagePart = z.looseObject({
  type: z.literal("image_url"),
  image_url: z.union([
    z.string(),
    z.looseObject({ url: z.string(), detail: z.enum(["auto", "low", "high", "original"]).nullish() }),
  ]),
  ...cacheFields,
});
export const audioPart = z.looseObject({
  type: z.literal("input_audio"),
  input_audio: z.looseObject({ data: z.string(), format: z.string() }),
  ...cacheFields,
});
export const filePart = z.looseObject({
  type: z.literal("file"),
  file: z.looseObject({ file_data: string, file_id: string, filename: string }),
  ...cacheFields,
});
export const videoPart = z.looseObject({
  type: z.literal("video_url"),
  video_url: z.union([z.string(), z.looseObject({ url: z.string() })]),
  ...cacheFields,
});

const part = z.looseObject({ type: z.string() });
const content = z.union([z.string(), z.array(part)]);

export const toolCall = z.looseObject({
  id: string,
  type: string,
  function: z
    .looseObject({ name: z.string(), arguments: z.union([z.string(), z.looseObject({})]).nullish() })
    .nullish(),
  custom: z.looseObject({ name: z.string(), input: z.string() }).nullish(),
  extra_content: z.unknown().optional(),
});

const named = { name: string };
export const systemMessage = z.looseObject({ role: z.enum(["system", "developer"]), content, ...named });
export const userMessage = z.looseObject({ role: z.literal("user"), content, ...named });
export const assistantMessage = z.looseObject({
  role: z.literal("assistant"),
  content: content.nullish(),
  refusal: string,
  reasoning_content: string,
  reasoning: z.unknown().optional(),
  reasoning_details: z.unknown().optional(),
  audio: z.looseObject({ id: z.string() }).nullish(),
  function_call: z.looseObject({ name: z.string(), arguments: z.string() }).nullish(),
  tool_calls: z.array(toolCall).nullish(),
  extra_content: z.unknown().optional(),
  ...named,
});
export const toolMessage = z.looseObject({
  role: z.literal("tool"),
  content: content.nullish(),
  tool_call_id: z.string(),
  ...named,
});
export const functionMessage = z.looseObject({
  role: z.literal("function"),
  content: content.nullish(),
  name: z.string(),
});

const jsonSchema = z.union([z.looseObject({}), z.boolean()]);
const functionShape = z.looseObject({
  name: z.string().min(1),
  description: string,
  parameters: jsonSchema.nullish(),
  strict: boolean,
});
export const functionTool = z.looseObject({
  type: z.literal("function"),
  function: functionShape,
  cache_control: cacheControl,
});
export const customTool = z.looseObject({
  type: z.literal("custom"),
  custom: z.looseObject({
    name: z.string().min(1),
    description: string,
    format: z
      .union([
        z.looseObject({ type: z.literal("text") }),
        z.looseObject({
          type: z.literal("grammar"),
          grammar: z.looseObject({ syntax: z.enum(["lark", "regex"]), definition: z.string() }),
        }),
      ])
      .nullish(),
  }),
});

export const toolChoice = z.union([
  z.enum(["none", "auto", "required", "any"]),
  z.looseObject({ type: z.literal("function"), function: z.looseObject({ name: z.string() }) }),
  z.looseObject({ type: z.literal("custom"), custom: z.looseObject({ name: z.string() }) }),
  z.looseObject({
    type: z.literal("allowed_tools"),
    allowed_tools: z.looseObject({ mode: z.enum(["auto", "required"]), tools: z.array(z.looseObject({})) }),
  }),
]);

export const responseFormat = z.union([
  z.looseObject({ type: z.literal("text") }),
  z.looseObject({ type: z.literal("json_object") }),
  z.looseObject({
    type: z.literal("json_schema"),
    json_schema: z.looseObject({
      name: string,
      description: string,
      schema: jsonSchema.nullish(),
      strict: boolean,
    }),
  }),
]);

export const request = z.looseObject({
  model: z.string().min(1),
  messages: z.array(z.looseObject({ role: z.string() })).min(1),
  tools: z.array(z.looseObject({ type: string })).nullish(),
  functions: z.array(functionShape).nullish(),
  tool_choice: toolChoice.nullish(),
  function_call: z.union([z.enum(["none", "auto"]), z.looseObject({ name: z.string() })]).nullish(),
  parallel_tool_calls: boolean,
  response_format: responseFormat.nullish(),
  reasoning_effort: z.enum(EFFORTS).nullish(),
  reasoning: z
    .looseObject({
      effort: z.enum(EFFORTS).nullish(),
      max_tokens: integer,
      enabled: boolean,
      exclude: boolean,
    })
    .nullish(),
  thinking: z.looseObject({ type: z.string(), budget_tokens: integer }).nullish(),
  verbosity: z.enum(["low", "medium", "high"]).nullish(),
  temperature: number,
  top_p: number,
  top_k: integer,
  min_p: number,
  frequency_penalty: number,
  presence_penalty: number,
  seed: integer,
  logit_bias: z.record(z.string(), z.number()).nullish(),
  logprobs: boolean,
  top_logprobs: z.int().min(0).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  max_tokens: z.int().min(1).nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  n: z.int().min(1).max(128).nullish(),
  stream: boolean,
  stream_options: z.looseObject({ include_usage: boolean }).nullish(),
  user: string,
  metadata: z.record(z.string(), z.unknown()).nullish(),
  service_tier: string,
  prompt_cache_key: string,
  prompt_cache_retention: string,
  store: boolean,
  modalities: z.array(z.string()).nullish(),
  web_search_options: z.looseObject({}).nullish(),
});

export type ChatCompletionsRequest = z.infer<typeof request>;
