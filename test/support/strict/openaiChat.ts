/**
 * What OpenAI would refuse in a chat completions request, after the official SDK's types and the
 * API's documented limits. Compatible providers differ; `allow` names further fields of theirs.
 */
import type OpenAI from "openai";
import * as z from "zod";
import { openaiChatRefusals } from "./modelRefusals.ts";
import { arraysWithoutItems } from "./schemas.ts";

type Params = OpenAI.Chat.ChatCompletionCreateParamsNonStreaming;
type Shape<T> = { [K in keyof Required<T>]: z.ZodType };

const nullableNumber = (min: number, max: number) => z.number().min(min).max(max).nullish();
const breakpoint = z
  .strictObject({ mode: z.literal("explicit"), ttl: z.enum(["30m", "12h"]).optional() })
  .optional();

const textPart = z.strictObject({
  type: z.literal("text"),
  text: z.string().min(1),
  prompt_cache_breakpoint: breakpoint,
} satisfies Shape<OpenAI.Chat.ChatCompletionContentPartText>);
const imagePart = z.strictObject({
  type: z.literal("image_url"),
  image_url: z.strictObject({
    url: z.string().regex(/^(https?:\/\/|data:image\/[a-z+.-]+;base64,)/),
    detail: z.enum(["auto", "low", "high", "original"]).optional(),
  }),
  prompt_cache_breakpoint: breakpoint,
} satisfies Shape<OpenAI.Chat.ChatCompletionContentPartImage>);
const audioPart = z.strictObject({
  type: z.literal("input_audio"),
  input_audio: z.strictObject({ data: z.string().min(1), format: z.enum(["wav", "mp3"]) }),
  prompt_cache_breakpoint: breakpoint,
} satisfies Shape<OpenAI.Chat.ChatCompletionContentPartInputAudio>);
const filePart = z.strictObject({
  type: z.literal("file"),
  file: z.strictObject({
    file_data: z.string().startsWith("data:").optional(),
    file_id: z.string().optional(),
    filename: z.string().optional(),
  }),
  prompt_cache_breakpoint: breakpoint,
} satisfies Shape<OpenAI.Chat.ChatCompletionContentPart.File>);
const refusalPart = z.strictObject({
  type: z.literal("refusal"),
  refusal: z.string(),
} satisfies Shape<OpenAI.Chat.ChatCompletionContentPartRefusal>);

const name = z
  .string()
  .max(64)
  .regex(/^[^\s<|\\/>]+$/)
  .optional();
const toolName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/);
const callId = z.string().min(1).max(40);
const texts = z.union([z.string(), z.array(textPart).min(1)]);

const toolCall = z.discriminatedUnion("type", [
  z.strictObject({
    id: callId,
    type: z.literal("function"),
    function: z.strictObject({ name: toolName, arguments: z.string() }),
  } satisfies Shape<OpenAI.Chat.ChatCompletionMessageFunctionToolCall>),
  z.strictObject({
    id: callId,
    type: z.literal("custom"),
    custom: z.strictObject({ name: toolName, input: z.string() }),
  } satisfies Shape<OpenAI.Chat.ChatCompletionMessageCustomToolCall>),
]);

const message = z.discriminatedUnion("role", [
  z.strictObject({
    role: z.literal("developer"),
    content: texts,
    name,
  } satisfies Shape<OpenAI.Chat.ChatCompletionDeveloperMessageParam>),
  z.strictObject({
    role: z.literal("system"),
    content: texts,
    name,
  } satisfies Shape<OpenAI.Chat.ChatCompletionSystemMessageParam>),
  z.strictObject({
    role: z.literal("user"),
    content: z.union([
      z.string(),
      z.array(z.discriminatedUnion("type", [textPart, imagePart, audioPart, filePart])).min(1),
    ]),
    name,
  } satisfies Shape<OpenAI.Chat.ChatCompletionUserMessageParam>),
  z.strictObject({
    role: z.literal("assistant"),
    content: z
      .union([z.string(), z.array(z.discriminatedUnion("type", [textPart, refusalPart])).min(1)])
      .nullish(),
    refusal: z.string().nullish(),
    name,
    audio: z.strictObject({ id: z.string() }).nullish(),
    function_call: z.strictObject({ name: toolName, arguments: z.string() }).nullish(),
    tool_calls: z.array(toolCall).min(1).max(128).optional(),
  } satisfies Shape<OpenAI.Chat.ChatCompletionAssistantMessageParam>),
  z.strictObject({
    role: z.literal("tool"),
    content: texts,
    tool_call_id: callId,
  } satisfies Shape<OpenAI.Chat.ChatCompletionToolMessageParam>),
]);

const objectSchema = z
  .looseObject({ type: z.literal("object") })
  .refine((schema) => !["anyOf", "oneOf", "allOf", "enum", "not"].some((key) => key in schema), {
    message: "must not have anyOf, oneOf, allOf, enum or not at the top",
  })
  .refine((schema) => !arraysWithoutItems(schema), { message: "array schema missing items" });
const tool = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("function"),
    function: z.strictObject({
      name: toolName,
      description: z.string().optional(),
      parameters: objectSchema.optional(),
      strict: z.boolean().nullish(),
    }),
  } satisfies Shape<OpenAI.Chat.ChatCompletionFunctionTool>),
  z.strictObject({
    type: z.literal("custom"),
    custom: z.strictObject({
      name: toolName,
      description: z.string().optional(),
      format: z
        .discriminatedUnion("type", [
          z.strictObject({ type: z.literal("text") }),
          z.strictObject({
            type: z.literal("grammar"),
            grammar: z.strictObject({ definition: z.string(), syntax: z.enum(["lark", "regex"]) }),
          }),
        ])
        .optional(),
    }),
  } satisfies Shape<OpenAI.Chat.ChatCompletionCustomTool>),
]);
const namedChoice = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("function"), function: z.strictObject({ name: toolName }) }),
  z.strictObject({ type: z.literal("custom"), custom: z.strictObject({ name: toolName }) }),
]);
const toolChoice = z.union([
  z.enum(["none", "auto", "required"]),
  namedChoice,
  z.strictObject({
    type: z.literal("allowed_tools"),
    allowed_tools: z.strictObject({ mode: z.enum(["auto", "required"]), tools: z.array(namedChoice).min(1) }),
  }),
]);

const body = z.strictObject({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  audio: z
    .strictObject({
      format: z.enum(["wav", "aac", "mp3", "flac", "opus", "pcm16"]),
      voice: z.union([z.string(), z.strictObject({ id: z.string() })]),
    })
    .nullish(),
  frequency_penalty: nullableNumber(-2, 2),
  function_call: z.unknown().optional(),
  functions: z.unknown().optional(),
  logit_bias: z.record(z.string(), z.number().min(-100).max(100)).nullish(),
  logprobs: z.boolean().nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  max_tokens: z.int().min(1).nullish(),
  metadata: z.record(z.string().max(64), z.string().max(512)).nullish(),
  modalities: z.array(z.enum(["text", "audio"])).nullish(),
  moderation: z.looseObject({ model: z.string() }).nullish(),
  n: z.int().min(1).max(128).nullish(),
  parallel_tool_calls: z.boolean().optional(),
  prediction: z.strictObject({ type: z.literal("content"), content: texts }).nullish(),
  presence_penalty: nullableNumber(-2, 2),
  prompt_cache_key: z.string().max(64).nullish(),
  prompt_cache_options: z
    .strictObject({ mode: z.enum(["implicit", "explicit"]).optional(), ttl: z.literal("30m").optional() })
    .optional(),
  prompt_cache_retention: z.enum(["in_memory", "24h"]).nullish(),
  reasoning_effort: z.enum(["none", "minimal", "low", "medium", "high", "xhigh", "max"]).nullish(),
  response_format: z
    .discriminatedUnion("type", [
      z.strictObject({ type: z.literal("text") }),
      z.strictObject({ type: z.literal("json_object") }),
      z.strictObject({
        type: z.literal("json_schema"),
        json_schema: z.strictObject({
          name: toolName,
          description: z.string().optional(),
          schema: z.looseObject({}).optional(),
          strict: z.boolean().nullish(),
        }),
      }),
    ])
    .optional(),
  safety_identifier: z.string().max(128).nullish(),
  seed: z.int().nullish(),
  service_tier: z.enum(["auto", "default", "flex", "scale", "priority", "fast"]).nullish(),
  stop: z.union([z.string(), z.array(z.string()).min(1).max(4)]).nullish(),
  store: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z
    .strictObject({ include_obfuscation: z.boolean().optional(), include_usage: z.boolean().optional() })
    .nullish(),
  temperature: nullableNumber(0, 2),
  tool_choice: toolChoice.optional(),
  tools: z.array(tool).min(1).max(128).optional(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  top_p: nullableNumber(0, 1),
  user: z.string().max(64).optional(),
  verbosity: z.enum(["low", "medium", "high"]).nullish(),
  web_search_options: z
    .strictObject({
      search_context_size: z.enum(["low", "medium", "high"]).optional(),
      user_location: z.looseObject({}).nullish(),
    })
    .optional(),
} satisfies Shape<Params>);

type Body = z.infer<typeof body>;

function checkConversation(messages: Body["messages"], problems: string[]): void {
  let waiting = new Set<string>();
  for (const [i, one] of messages.entries()) {
    const path = `messages[${i}]`;
    if (one.role === "tool") {
      if (!waiting.delete(one.tool_call_id))
        problems.push(`${path}: no call ${one.tool_call_id} right before`);
      continue;
    }
    if (waiting.size > 0) problems.push(`${path}: calls without results: ${[...waiting].join(", ")}`);
    waiting = new Set();
    if (one.role !== "assistant") continue;
    const calls = one.tool_calls ?? [];
    if (one.content == null && calls.length === 0 && one.audio == null && one.refusal == null) {
      problems.push(`${path}: an assistant message needs content or tool_calls`);
    }
    for (const call of calls) {
      if (waiting.has(call.id)) problems.push(`${path}: the call id ${call.id} is there twice`);
      waiting.add(call.id);
    }
  }
  if (waiting.size > 0) problems.push(`messages: calls without results: ${[...waiting].join(", ")}`);
}

function checkTools(request: Body, problems: string[]): void {
  const names = (request.tools ?? []).map((one) =>
    one.type === "function" ? one.function.name : one.custom.name,
  );
  if (new Set(names).size !== names.length) problems.push("tools: a name is there twice");
  const { tool_choice: choice } = request;
  if (names.length === 0) {
    if (choice !== undefined) problems.push("tool_choice: only allowed with tools");
    if (request.parallel_tool_calls !== undefined)
      problems.push("parallel_tool_calls: only allowed with tools");
    return;
  }
  if (choice === undefined || typeof choice === "string") return;
  const named = choice.type === "allowed_tools" ? choice.allowed_tools.tools : [choice];
  for (const one of named) {
    const wanted = one.type === "function" ? one.function.name : one.custom.name;
    if (!names.includes(wanted)) problems.push(`tool_choice: there is no tool ${wanted}`);
  }
}

/** What the model's own page refuses. */
function checkModel(request: Body, problems: string[]): void {
  problems.push(...openaiChatRefusals(request.model, request).map(({ message }) => message));
}

function checkRest(request: Body, problems: string[]): void {
  if (request.top_logprobs != null && !request.logprobs) problems.push("top_logprobs: needs logprobs");
  if (request.stream_options != null && !request.stream) problems.push("stream_options: only with stream");
  if (request.metadata != null && Object.keys(request.metadata).length > 16)
    problems.push("metadata: at most 16 pairs");
  if (request.modalities?.includes("audio") && request.audio == null)
    problems.push("audio: missing beside modalities");
  if (request.response_format?.type === "json_object" && !/json/i.test(JSON.stringify(request.messages))) {
    problems.push("messages: must contain the word json");
  }
  const markers = JSON.stringify(request.messages).split('"prompt_cache_breakpoint"').length - 1;
  if (markers > 4) problems.push("prompt_cache_breakpoint: at most 4");
}

/** Takes off the fields that a compatible provider has beyond OpenAI's. */
function without(value: unknown, allow: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((one) => without(one, allow));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (allow.has(key) ? [] : [[key, without(inner, allow)]])),
  );
}

function issueText(issue: z.core.$ZodIssue): string {
  const detail =
    issue.code === "invalid_union"
      ? issue.errors.flatMap((branch) => branch.slice(0, 2).map(issueText)).join(" | ") || issue.message
      : issue.message;
  return `${issue.path.map(String).join(".")}: ${detail}`;
}

/** Problems a strict provider would refuse the request for; none: accepted. */
export function checkRequest(
  input: unknown,
  headers: Readonly<Record<string, string | undefined>> = {},
  path = "/v1/chat/completions",
  allow: readonly string[] = [],
): string[] {
  const problems: string[] = [];
  if (!path.split("?")[0]?.endsWith("/chat/completions"))
    problems.push(`path: ${path} is not chat completions`);
  if (headers["x-api-key"] !== undefined || headers["x-goog-api-key"] !== undefined) {
    problems.push("headers: a credential of another protocol");
  }
  const result = body.safeParse(allow.length > 0 ? without(input, new Set(allow)) : input);
  if (!result.success) return [...problems, ...result.error.issues.map(issueText)];
  checkConversation(result.data.messages, problems);
  checkTools(result.data, problems);
  checkModel(result.data, problems);
  checkRest(result.data, problems);
  return problems;
}
