/** Conversations by `@anthropic-ai/sdk`. */
import Anthropic from "@anthropic-ai/sdk";
import type { Params, Talk, TalkAnswer, TalkTurn } from "./talk.ts";

export class AnthropicTalk implements Talk {
  readonly protocol = "anthropic" as const;
  model: string;
  readonly #client: Anthropic;
  readonly #messages: Anthropic.MessageParam[] = [];

  constructor(baseUrl: string, model: string) {
    this.model = model;
    this.#client = new Anthropic({ apiKey: "client-key", baseURL: baseUrl, maxRetries: 0 });
  }

  async ask({ text, results = [] }: TalkTurn, stream: boolean, params: Params = {}): Promise<TalkAnswer> {
    const content: Anthropic.ContentBlockParam[] = results.map((result) => ({
      type: "tool_result",
      tool_use_id: result.id,
      content: result.content.map((part) =>
        "text" in part
          ? { type: "text" as const, text: part.text }
          : {
              type: "image" as const,
              source: { type: "base64" as const, media_type: "image/png" as const, data: part.png },
            },
      ),
      ...(result.isError === true ? { is_error: true } : {}),
    }));
    if (text !== undefined) content.push({ type: "text", text });
    this.#messages.push({ role: "user", content });
    const body: Anthropic.MessageCreateParamsNonStreaming = {
      model: this.model,
      max_tokens: 4000,
      messages: this.#messages,
      ...params,
    };
    const reply = stream
      ? await this.#client.messages.stream(body).finalMessage()
      : await this.#client.messages.create(body);
    this.#messages.push({ role: "assistant", content: reply.content });
    const blocks = reply.content;
    const words = blocks.map((block) => (block.type === "text" ? block.text : "")).join("");
    const { usage } = reply;
    const cacheRead = usage.cache_read_input_tokens ?? 0;
    return {
      text: words,
      refusal: reply.stop_reason === "refusal" ? words : "",
      reasoning: blocks.map((block) => (block.type === "thinking" ? block.thinking : "")).join(""),
      calls: blocks.flatMap((block) =>
        block.type === "tool_use" ? [{ id: block.id, name: block.name, args: block.input }] : [],
      ),
      finish: reply.stop_reason ?? "",
      usage: {
        input: usage.input_tokens + cacheRead + (usage.cache_creation_input_tokens ?? 0),
        cacheRead,
        output: usage.output_tokens,
        reasoning: usage.output_tokens_details?.thinking_tokens,
      },
      logprobs: [],
      more: [],
      raw: reply,
    };
  }
}
