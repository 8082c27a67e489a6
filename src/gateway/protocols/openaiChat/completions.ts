/**
 * The legacy `/v1/completions` for targets that only chat. The prompt becomes a user's message;
 * the reply is shown in the `text_completion` shape.
 *
 * Not kept: token arrays and several prompts in one request (refused), `suffix` and `best_of`
 * (warned about when the request is encoded), the default of 16 tokens (the target's own holds).
 */

import * as z from "zod";
import { PorticoError } from "../../common/errors.ts";
import { compact, isRecord } from "../../common/json.ts";
import type { ChatEvent, ChatReply, ChatRequest, TokenLogprob, Usage } from "../chat.ts";
import type { Codec, DecodeContext, ReplyContext, StreamEncoder } from "../codec.ts";
import { encodeError, encodeStreamError } from "./errors.ts";
import { completionId } from "./reply/encode.ts";
import { encodeFinish } from "./reply/finish.ts";
import { encodeUsage } from "./reply/usage.ts";
import { fail, parse } from "./validate.ts";
import type { Json } from "./values.ts";

const number = z.number().nullish();

const requestSchema = z.looseObject({
  model: z.string().min(1),
  prompt: z.union([z.string(), z.array(z.union([z.string(), z.number(), z.array(z.number())]))]).nullish(),
  best_of: z.int().nullish(),
  echo: z.boolean().nullish(),
  suffix: z.string().nullish(),
  frequency_penalty: number,
  presence_penalty: number,
  temperature: number,
  top_p: number,
  seed: z.int().nullish(),
  logit_bias: z.record(z.string(), z.number()).nullish(),
  logprobs: z.int().min(0).nullish(),
  max_tokens: z.int().min(0).nullish(),
  n: z.int().min(1).max(128).nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  user: z.string().nullish(),
});

const KNOWN = new Set(Object.keys(requestSchema.shape));
/** Kept in `extra`: the reply's encoder reads `echo`, the request's encoder warns about the others. */
const KEPT = new Set(["echo", "suffix", "best_of"]);

function promptText(prompt: z.infer<typeof requestSchema>["prompt"]): string {
  if (prompt == null) return "";
  if (typeof prompt === "string") return prompt;
  const [first] = prompt;
  if (prompt.length === 0) return fail(["prompt"], "must not be an empty array");
  if (typeof first !== "string") {
    return fail(
      ["prompt"],
      "token ids cannot be translated for this model's provider; send the prompt as text",
    );
  }
  if (prompt.length > 1) {
    return fail(["prompt"], "one prompt per request, please: this model's provider only chats");
  }
  return first;
}

/** @throws PorticoError `invalid_request` naming the field. */
function decodeRequest(input: unknown, context: DecodeContext): ChatRequest {
  const body = parse(requestSchema, isRecord(input) ? { model: context.model, ...input } : input);
  const extra: Json = {};
  for (const [key, value] of Object.entries(body)) {
    if (value === null || value === undefined || value === false || value === "") continue;
    if (KEPT.has(key) || !KNOWN.has(key)) extra[key] = value;
  }
  const stop = typeof body.stop === "string" ? [body.stop] : (body.stop ?? []);
  return {
    model: body.model,
    messages: [{ role: "user", parts: [{ type: "text", text: promptText(body.prompt) }] }],
    tools: [],
    sampling: compact({
      temperature: body.temperature,
      topP: body.top_p,
      frequencyPenalty: body.frequency_penalty,
      presencePenalty: body.presence_penalty,
      seed: body.seed,
      logitBias: body.logit_bias,
      logprobs: body.logprobs == null ? undefined : { top: body.logprobs },
    }),
    stream: body.stream ?? context.stream,
    ...compact({
      maxOutputTokens: body.max_tokens || undefined,
      stop: stop.length > 0 ? stop : undefined,
      n: body.n,
      includeUsage: body.stream_options?.include_usage ? true : undefined,
      user: body.user,
      extra: Object.keys(extra).length > 0 ? { protocol: "openai-chat", fields: extra } : undefined,
    }),
  };
}

/** `echo: true` wants the prompt in front of the completion. */
function echoed(request: ChatRequest): string {
  if (request.extra?.protocol !== "openai-chat" || request.extra.fields.echo !== true) return "";
  const part = request.messages[0]?.parts[0];
  return part?.type === "text" ? part.text : "";
}

function encodeLogprobs(logprobs: readonly TokenLogprob[] | undefined, offset: number): Json | null {
  if (logprobs === undefined) return null;
  let at = offset;
  return {
    tokens: logprobs.map((one) => one.token),
    token_logprobs: logprobs.map((one) => one.logprob),
    top_logprobs: logprobs.map((one) =>
      Object.fromEntries((one.top ?? []).map((other) => [other.token, other.logprob])),
    ),
    text_offset: logprobs.map((one) => {
      const start = at;
      at += one.token.length;
      return start;
    }),
  };
}

function finishOf(reason: Parameters<typeof encodeFinish>[0]): string {
  const wire = encodeFinish(reason, false);
  return wire === "length" || wire === "content_filter" ? wire : "stop";
}

function encodeReply(reply: ChatReply, context: ReplyContext): Json {
  const echo = echoed(context.request);
  return {
    id: completionId(reply.id, context.newId, "cmpl-"),
    object: "text_completion",
    created: reply.created ?? Math.floor(context.now / 1000),
    model: context.model,
    choices: reply.choices.map((choice, index) => {
      const text = choice.parts
        .map((part) => (part.type === "text" || part.type === "refusal" ? part.text : ""))
        .join("");
      return {
        index,
        text: echo + text,
        logprobs: encodeLogprobs(choice.logprobs, echo.length),
        finish_reason: finishOf(choice.finish.reason),
      };
    }),
    ...(reply.usage === undefined ? {} : { usage: encodeUsage(reply.usage) }),
  };
}

class Encoder implements StreamEncoder {
  readonly #context: ReplyContext;
  readonly #echo: string;
  /** Open text parts, and the characters sent of each choice. */
  readonly #parts = new Map<string, number>();
  readonly #sent = new Map<number, number>();
  #id: string | undefined;
  #created: number;
  #usage: Usage | undefined;
  #finished = false;
  #over = false;

  constructor(context: ReplyContext) {
    this.#context = context;
    this.#echo = echoed(context.request);
    this.#created = Math.floor(context.now / 1000);
  }

  push(event: ChatEvent): string {
    if (this.#over) return "";
    switch (event.type) {
      case "start":
        this.#id ??= completionId(event.id, this.#context.newId, "cmpl-");
        this.#created = event.created ?? this.#created;
        return "";
      case "text-start":
        this.#parts.set(event.id, event.choice ?? 0);
        return "";
      case "text-delta": {
        const index = this.#parts.get(event.id);
        return index === undefined ? "" : this.#text(index, event.text, event.logprobs);
      }
      case "text-end":
        this.#parts.delete(event.id);
        return "";
      case "finish": {
        this.#finished = true;
        const index = event.choice ?? 0;
        const echo = this.#sent.has(index) || this.#echo === "" ? "" : this.#text(index, "");
        return (
          echo + this.#chunk([{ index, text: "", logprobs: null, finish_reason: finishOf(event.reason) }])
        );
      }
      case "usage":
        this.#usage = event.usage;
        return "";
      case "error": {
        this.#over = true;
        return encodeStreamError(new PorticoError(event.error.kind, event.error.message, event.error));
      }
      default:
        return "";
    }
  }

  end(): string {
    if (this.#over) return "";
    this.#over = true;
    if (!this.#finished) {
      return encodeStreamError(new PorticoError("upstream", "The reply broke off before its end."));
    }
    const asked = this.#context.request.includeUsage === true && this.#usage !== undefined;
    const usage =
      asked && this.#usage !== undefined ? this.#chunk([], { usage: encodeUsage(this.#usage) }) : "";
    return `${usage}data: [DONE]\n\n`;
  }

  #text(index: number, text: string, logprobs?: TokenLogprob[]): string {
    const sent = this.#sent.get(index);
    const whole = sent === undefined ? this.#echo + text : text;
    const offset = sent ?? this.#echo.length;
    this.#sent.set(index, (sent ?? 0) + whole.length);
    return this.#chunk([
      { index, text: whole, logprobs: encodeLogprobs(logprobs, offset), finish_reason: null },
    ]);
  }

  #chunk(choices: Json[], rest: Json = {}): string {
    this.#id ??= completionId(undefined, this.#context.newId, "cmpl-");
    const chunk = {
      id: this.#id,
      object: "text_completion",
      created: this.#created,
      model: this.#context.model,
      choices,
      ...rest,
    };
    return `data: ${JSON.stringify(chunk)}\n\n`;
  }
}

export type CompletionsCodec = Pick<
  Codec,
  "decodeRequest" | "encodeReply" | "streamEncoder" | "encodeError" | "encodeStreamError" | "heartbeat"
>;

/** The client's side of `/v1/completions`; the provider's side is that of chat. */
export const completionsCodec: CompletionsCodec = {
  decodeRequest,
  encodeReply,
  streamEncoder: (context) => new Encoder(context),
  encodeError,
  encodeStreamError,
  heartbeat: () => ": keep-alive\n\n",
};
