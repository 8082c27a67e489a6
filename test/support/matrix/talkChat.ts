/** Conversations by the `openai` SDK's chat completions. */
import OpenAI from "openai";
import { type Params, parsed, type Talk, type TalkAnswer, type TalkTurn } from "./talk.ts";

type Message = OpenAI.ChatCompletionMessageParam;

/** Fields beside OpenAI's in which compatible providers show reasoning. */
interface Shown {
  reasoning_content?: string;
  reasoning_details?: unknown[];
}

function shownIn(value: object): { content: string; details: unknown[] } {
  const content: unknown = Reflect.get(value, "reasoning_content");
  const details: unknown = Reflect.get(value, "reasoning_details");
  return {
    content: typeof content === "string" ? content : "",
    details: Array.isArray(details) ? details : [],
  };
}

/** The message as it goes back: the SDK's stream adds fields of its own, which OpenAI refuses. */
function replayed(message: OpenAI.ChatCompletionMessage): Message {
  const {
    parsed: _parsed,
    tool_calls,
    ...rest
  }: OpenAI.ChatCompletionMessage & { parsed?: unknown } = message;
  if (tool_calls === undefined) return rest;
  const calls = tool_calls.map((call) => {
    if (call.type !== "function") return call;
    const { parsed_arguments: _arguments, ...own }: typeof call.function & { parsed_arguments?: unknown } =
      call.function;
    return { ...call, function: own };
  });
  return { ...rest, tool_calls: calls };
}

export class ChatTalk implements Talk {
  readonly protocol = "openai-chat" as const;
  model: string;
  readonly #client: OpenAI;
  readonly #messages: Message[] = [];

  constructor(baseUrl: string, model: string) {
    this.model = model;
    this.#client = new OpenAI({ apiKey: "client-key", baseURL: `${baseUrl}/v1`, maxRetries: 0 });
  }

  async ask({ text, results = [] }: TalkTurn, stream: boolean, params: Params = {}): Promise<TalkAnswer> {
    for (const { id, content } of results) {
      const words = content.map((part) => ("text" in part ? part.text : "")).join("");
      this.#messages.push({ role: "tool", tool_call_id: id, content: words });
    }
    if (text !== undefined) this.#messages.push({ role: "user", content: text });
    const body: OpenAI.ChatCompletionCreateParamsNonStreaming = {
      model: this.model,
      messages: this.#messages,
      ...params,
    };
    const reply = stream ? await this.#stream(body) : await this.#client.chat.completions.create(body);
    const choice = reply.choices[0];
    const message = choice?.message;
    if (message !== undefined) this.#messages.push(replayed(message));
    return {
      text: message?.content ?? "",
      refusal: message?.refusal ?? "",
      reasoning: shownIn(message ?? {}).content,
      calls: (message?.tool_calls ?? []).map((call) =>
        call.type === "function"
          ? { id: call.id, name: call.function.name, args: parsed(call.function.arguments) }
          : { id: call.id, name: call.custom.name, args: call.custom.input },
      ),
      finish: choice?.finish_reason ?? "",
      usage: {
        input: reply.usage?.prompt_tokens ?? -1,
        cacheRead: reply.usage?.prompt_tokens_details?.cached_tokens ?? 0,
        output: reply.usage?.completion_tokens ?? -1,
        reasoning: reply.usage?.completion_tokens_details?.reasoning_tokens,
      },
      logprobs: (choice?.logprobs?.content ?? []).map(({ token, logprob }) => ({ token, logprob })),
      more: reply.choices.slice(1).map((other) => other.message.content ?? ""),
      raw: reply,
    };
  }

  /** The SDK's own accumulation; what it does not know of, as clients of such providers gather it. */
  async #stream(body: OpenAI.ChatCompletionCreateParamsNonStreaming): Promise<OpenAI.ChatCompletion> {
    const runner = this.#client.chat.completions.stream({
      ...body,
      stream: true,
      stream_options: { include_usage: true },
    });
    const shown: { content: string; details: unknown[] } = { content: "", details: [] };
    runner.on("chunk", (chunk) => {
      const { content, details } = shownIn(chunk.choices.find(({ index }) => index === 0)?.delta ?? {});
      shown.content += content;
      shown.details.push(...details);
    });
    const reply = await runner.finalChatCompletion();
    const message: (OpenAI.ChatCompletionMessage & Shown) | undefined = reply.choices[0]?.message;
    if (message !== undefined && shown.content !== "") message.reasoning_content = shown.content;
    if (message !== undefined && shown.details.length > 0) message.reasoning_details = shown.details;
    return reply;
  }
}
