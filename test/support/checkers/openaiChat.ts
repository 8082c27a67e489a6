/** Is a reply or a stream what the official SDK expects of chat completions? */
import type OpenAI from "openai";
import * as z from "zod";
import type { WireEvent } from "../../../src/gateway/protocols/codec.ts";

type Shape<T> = { [K in keyof Required<T>]: z.ZodType };

const logprob = z.strictObject({
  token: z.string(),
  logprob: z.number(),
  bytes: z.array(z.int()).nullable(),
  top_logprobs: z.array(
    z.strictObject({ token: z.string(), logprob: z.number(), bytes: z.array(z.int()).nullable() }),
  ),
} satisfies Shape<OpenAI.Chat.ChatCompletionTokenLogprob>);
const logprobs = z.strictObject({
  content: z.array(logprob).nullable(),
  refusal: z.array(logprob).nullable(),
});
const tokens = z.int().min(0);
const usage = z
  .strictObject({
    prompt_tokens: tokens,
    completion_tokens: tokens,
    total_tokens: tokens,
    prompt_tokens_details: z
      .strictObject({
        cached_tokens: tokens.optional(),
        cache_write_tokens: tokens.optional(),
        audio_tokens: tokens.optional(),
      })
      .optional(),
    completion_tokens_details: z
      .strictObject({
        reasoning_tokens: tokens.optional(),
        audio_tokens: tokens.optional(),
        accepted_prediction_tokens: tokens.optional(),
        rejected_prediction_tokens: tokens.optional(),
      })
      .optional(),
  })
  .refine((one) => one.total_tokens === one.prompt_tokens + one.completion_tokens, "total is not the sum");

const annotation = z.strictObject({
  type: z.literal("url_citation"),
  url_citation: z.strictObject({
    start_index: tokens,
    end_index: tokens,
    title: z.string(),
    url: z.string(),
  } satisfies Shape<OpenAI.Chat.ChatCompletionMessage.Annotation.URLCitation>),
});
/** Fields beyond OpenAI's that clients of compatible providers read. */
const additions = {
  reasoning_content: z.string().min(1).optional(),
  reasoning_details: z.array(z.looseObject({ type: z.string() })).optional(),
  images: z.array(z.looseObject({ type: z.literal("image_url") })).optional(),
  annotations: z.array(annotation).optional(),
  extra_content: z.looseObject({}).optional(),
};
const finishReason = z.enum(["stop", "length", "tool_calls", "content_filter", "function_call"]);
const tier = z.string().nullish();

const deltaCall = z.strictObject({
  index: z.int().min(0),
  id: z.string().min(1).optional(),
  type: z.enum(["function", "custom"]).optional(),
  function: z.strictObject({ name: z.string().optional(), arguments: z.string().optional() }).optional(),
  custom: z.strictObject({ name: z.string().optional(), input: z.string().optional() }).optional(),
  extra_content: z.looseObject({}).optional(),
});
const delta = z.strictObject({
  role: z.literal("assistant").optional(),
  content: z.string().nullish(),
  refusal: z.string().nullish(),
  audio: z.looseObject({}).optional(),
  function_call: z.strictObject({ name: z.string().optional(), arguments: z.string().optional() }).optional(),
  tool_calls: z.array(deltaCall).min(1).optional(),
  ...additions,
} satisfies Shape<OpenAI.Chat.ChatCompletionChunk.Choice.Delta>);
const chunk = z.strictObject({
  id: z.string().startsWith("chatcmpl-"),
  object: z.literal("chat.completion.chunk"),
  created: z.int().min(1),
  model: z.string().min(1),
  choices: z.array(
    z.strictObject({
      index: z.int().min(0),
      delta,
      logprobs: logprobs.nullish(),
      finish_reason: finishReason.nullable(),
    } satisfies Shape<OpenAI.Chat.ChatCompletionChunk.Choice>),
  ),
  service_tier: tier,
  usage: usage.nullish(),
});
const errorObject = z.strictObject({
  message: z.string().min(1),
  type: z.string().min(1),
  param: z.string().nullable(),
  code: z.string().nullable(),
});

function problemsOf(result: { success: boolean; error?: z.ZodError }, path: string): string[] {
  return (result.error?.issues ?? []).map(
    (issue) => `${path}.${issue.path.map(String).join(".")}: ${issue.message}`,
  );
}

interface CallState {
  custom: boolean;
  input: string;
}
interface ChoiceState {
  finish?: string;
  calls: CallState[];
  legacy: CallState | undefined;
}

class StreamChecker {
  readonly problems: string[] = [];
  readonly #choices = new Map<number, ChoiceState>();
  #first: z.infer<typeof chunk> | undefined;
  #usages = 0;
  #usageKey: boolean | undefined;
  #end: "done" | "error" | undefined;

  event(event: WireEvent, at: string): void {
    if (this.#end !== undefined) this.problems.push(`${at}: follows the end`);
    if (event.event !== undefined) this.problems.push(`${at}: chat completions have no event names`);
    if (event.data === "[DONE]") {
      this.#end = "done";
      return;
    }
    let value: unknown;
    try {
      value = JSON.parse(event.data);
    } catch {
      this.problems.push(`${at}: not JSON`);
      return;
    }
    if (typeof value === "object" && value !== null && "error" in value) {
      this.#end = "error";
      this.problems.push(...problemsOf(errorObject.safeParse(value.error), at));
      return;
    }
    const parsed = chunk.safeParse(value);
    if (parsed.success) this.#chunk(parsed.data, at);
    else this.problems.push(...problemsOf(parsed, at));
  }

  #chunk(one: z.infer<typeof chunk>, at: string): void {
    this.#first ??= one;
    for (const key of ["id", "created", "model"] as const) {
      if (one[key] !== this.#first[key]) this.problems.push(`${at}.${key}: changed within the stream`);
    }
    const hasKey = one.usage !== undefined;
    this.#usageKey ??= hasKey;
    if (hasKey !== this.#usageKey) this.problems.push(`${at}.usage: there in some chunks only`);
    if (this.#usages > 0) this.problems.push(`${at}: follows the usage chunk`);
    if (one.usage != null) {
      this.#usages++;
      if (one.choices.length > 0) this.problems.push(`${at}.usage: beside choices`);
    } else if (one.choices.length === 0) this.problems.push(`${at}: says nothing`);
    for (const choice of one.choices) this.#choice(choice, at);
  }

  #choice(choice: z.infer<typeof chunk>["choices"][number], at: string): void {
    let state = this.#choices.get(choice.index);
    if (state === undefined) {
      state = { calls: [], legacy: undefined };
      this.#choices.set(choice.index, state);
      if (choice.delta.role !== "assistant") this.problems.push(`${at}: the first chunk names no role`);
    } else if (choice.delta.role !== undefined) this.problems.push(`${at}: names the role again`);
    if (state.finish !== undefined) this.problems.push(`${at}: follows the finish of choice ${choice.index}`);
    for (const call of choice.delta.tool_calls ?? []) this.#call(state, call, at);
    const legacy = choice.delta.function_call;
    if (legacy !== undefined) {
      if (state.legacy === undefined && !legacy.name) this.problems.push(`${at}: the function has no name`);
      state.legacy ??= { custom: false, input: "" };
      state.legacy.input += legacy.arguments ?? "";
    }
    if (choice.finish_reason !== null) state.finish = choice.finish_reason;
  }

  #call(state: ChoiceState, call: z.infer<typeof deltaCall>, at: string): void {
    const known = state.calls[call.index];
    if (known === undefined) {
      if (call.index !== state.calls.length) this.problems.push(`${at}: call ${call.index} skips an index`);
      const body = call.type === "custom" ? call.custom : call.function;
      if (call.id === undefined || call.type === undefined || !body?.name) {
        this.problems.push(`${at}: the first fragment of a call needs id, type and name`);
      }
      state.calls[call.index] = {
        custom: call.type === "custom",
        input: call.function?.arguments ?? call.custom?.input ?? "",
      };
      return;
    }
    if (call.id !== undefined || call.type !== undefined || call.function?.name || call.custom?.name) {
      this.problems.push(`${at}: a later fragment repeats id, type or name`);
    }
    if (known.custom ? call.function !== undefined : call.custom !== undefined) {
      this.problems.push(`${at}: a fragment of the other kind of call`);
    }
    known.input += call.function?.arguments ?? call.custom?.input ?? "";
  }

  finish(): string[] {
    if (this.#end === undefined) this.problems.push("the stream has no end");
    if (this.#end !== "done") return this.problems;
    if (this.#choices.size === 0) this.problems.push("the stream has no choices");
    for (const [index, state] of this.#choices) {
      if (state.finish === undefined) this.problems.push(`choice ${index}: no finish reason`);
      const calls = state.legacy === undefined ? state.calls : [state.legacy];
      checkFinish(state.finish, calls.length, this.problems, `choice ${index}`);
      if (state.finish === "length") continue;
      for (const call of calls)
        if (!call.custom) checkArguments(call.input, this.problems, `choice ${index}`);
    }
    return this.problems;
  }
}

function checkFinish(finish: string | undefined, calls: number, problems: string[], at: string): void {
  if (finish === "stop" && calls > 0) problems.push(`${at}: tools were called, yet it ends with stop`);
}

function checkArguments(input: string, problems: string[], at: string): void {
  try {
    const value: unknown = JSON.parse(input);
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError();
  } catch {
    problems.push(`${at}: the arguments of a call are no JSON object: ${input.slice(0, 80)}`);
  }
}

/** Order and shape of a whole stream; none: what OpenAI might have sent. */
export function checkStream(events: readonly WireEvent[]): string[] {
  const checker = new StreamChecker();
  for (const [i, event] of events.entries()) checker.event(event, `event ${i}`);
  return checker.finish();
}

const message = z.strictObject({
  role: z.literal("assistant"),
  content: z.string().nullable(),
  refusal: z.string().nullable(),
  audio: z
    .strictObject({ id: z.string(), data: z.string(), expires_at: z.int(), transcript: z.string() })
    .nullish(),
  function_call: z.strictObject({ name: z.string().min(1), arguments: z.string() }).nullish(),
  tool_calls: z
    .array(
      z.discriminatedUnion("type", [
        z.strictObject({
          id: z.string().min(1),
          type: z.literal("function"),
          function: z.strictObject({ name: z.string().min(1), arguments: z.string() }),
          extra_content: z.looseObject({}).optional(),
        }),
        z.strictObject({
          id: z.string().min(1),
          type: z.literal("custom"),
          custom: z.strictObject({ name: z.string().min(1), input: z.string() }),
          extra_content: z.looseObject({}).optional(),
        }),
      ]),
    )
    .min(1)
    .optional(),
  ...additions,
} satisfies Shape<OpenAI.Chat.ChatCompletionMessage>);
const completion = z.strictObject({
  id: z.string().startsWith("chatcmpl-"),
  object: z.literal("chat.completion"),
  created: z.int().min(1),
  model: z.string().min(1),
  choices: z
    .array(
      z.strictObject({
        index: z.int().min(0),
        message,
        logprobs: logprobs.nullable(),
        finish_reason: finishReason,
      } satisfies Shape<OpenAI.Chat.ChatCompletion.Choice>),
    )
    .min(1),
  service_tier: tier,
  usage: usage.optional(),
});

export function checkReply(body: unknown): string[] {
  const parsed = completion.safeParse(body);
  if (!parsed.success) return problemsOf(parsed, "reply");
  const problems: string[] = [];
  for (const [i, choice] of parsed.data.choices.entries()) {
    if (choice.index !== i) problems.push(`choices[${i}]: its index is ${choice.index}`);
    const calls = choice.message.tool_calls ?? [];
    checkFinish(choice.finish_reason, calls.length, problems, `choices[${i}]`);
    if (choice.finish_reason === "length") continue;
    for (const call of calls) {
      if (call.type === "function") checkArguments(call.function.arguments, problems, `choices[${i}]`);
    }
  }
  return problems;
}
