/** Conversations by the `openai` SDK's responses, without state at the provider. */
import OpenAI from "openai";
import { type Params, parsed, type Talk, type TalkAnswer, type TalkTurn } from "./talk.ts";

type Input = OpenAI.Responses.ResponseInputItem;

export class ResponsesTalk implements Talk {
  readonly protocol = "openai-responses" as const;
  model: string;
  readonly #client: OpenAI;
  readonly #input: Input[] = [];
  #custom = new Set<string>();

  constructor(baseUrl: string, model: string) {
    this.model = model;
    this.#client = new OpenAI({ apiKey: "client-key", baseURL: `${baseUrl}/v1`, maxRetries: 0 });
  }

  async ask({ text, results = [] }: TalkTurn, stream: boolean, params: Params = {}): Promise<TalkAnswer> {
    for (const { id, content } of results) {
      const type = this.#custom.has(id)
        ? ("custom_tool_call_output" as const)
        : ("function_call_output" as const);
      this.#input.push({
        type,
        call_id: id,
        output: content.map((part) =>
          "text" in part
            ? { type: "input_text" as const, text: part.text }
            : {
                type: "input_image" as const,
                image_url: `data:image/png;base64,${part.png}`,
                detail: "auto" as const,
              },
        ),
      });
    }
    if (text !== undefined) this.#input.push({ role: "user", content: text });
    const body: OpenAI.Responses.ResponseCreateParamsNonStreaming = {
      model: this.model,
      input: this.#input,
      store: false,
      include: ["reasoning.encrypted_content"],
      ...params,
    };
    const reply = stream ? await this.#stream(body) : await this.#client.responses.create(body);
    this.#input.push(...(reply.output as Input[]));
    const messages = reply.output.flatMap((item) => (item.type === "message" ? item.content : []));
    for (const item of reply.output) if (item.type === "custom_tool_call") this.#custom.add(item.call_id);
    return {
      text: messages.map((part) => (part.type === "output_text" ? part.text : "")).join(""),
      refusal: messages.map((part) => (part.type === "refusal" ? part.refusal : "")).join(""),
      reasoning: reply.output
        .flatMap((item) => (item.type === "reasoning" ? [...item.summary, ...(item.content ?? [])] : []))
        .map((part) => part.text)
        .join(""),
      calls: reply.output.flatMap((item) =>
        item.type === "function_call"
          ? [{ id: item.call_id, name: item.name, args: parsed(item.arguments) }]
          : item.type === "custom_tool_call"
            ? [{ id: item.call_id, name: item.name, args: item.input }]
            : [],
      ),
      finish: `${reply.status ?? ""}${reply.incomplete_details?.reason === undefined ? "" : `:${reply.incomplete_details.reason}`}`,
      usage: {
        input: reply.usage?.input_tokens ?? -1,
        cacheRead: reply.usage?.input_tokens_details.cached_tokens ?? 0,
        output: reply.usage?.output_tokens ?? -1,
        reasoning: reply.usage?.output_tokens_details.reasoning_tokens,
      },
      logprobs: messages.flatMap((part) =>
        part.type === "output_text"
          ? (part.logprobs ?? []).map(({ token, logprob }) => ({ token, logprob }))
          : [],
      ),
      more: [],
      raw: reply,
    };
  }

  /** The final response, as Codex takes it; the SDK's accumulator has to agree. */
  async #stream(body: OpenAI.Responses.ResponseCreateParamsNonStreaming): Promise<OpenAI.Responses.Response> {
    const runner = this.#client.responses.stream({ ...body, stream: true });
    let final: OpenAI.Responses.Response | undefined;
    for await (const event of runner) {
      if (event.type === "response.completed" || event.type === "response.incomplete") final = event.response;
    }
    await runner.finalResponse();
    if (final === undefined) throw new Error("no final response");
    return final;
  }
}
