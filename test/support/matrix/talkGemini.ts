/** Conversations by `@google/genai`. */
import {
  type Content,
  type GenerateContentParameters,
  type GenerateContentResponse,
  GoogleGenAI,
  type Part,
} from "@google/genai";
import type { Params, Talk, TalkAnswer, TalkTurn } from "./talk.ts";

export class GeminiTalk implements Talk {
  readonly protocol = "gemini" as const;
  model: string;
  readonly #client: GoogleGenAI;
  readonly #contents: Content[] = [];

  constructor(baseUrl: string, model: string) {
    this.model = model;
    this.#client = new GoogleGenAI({ apiKey: "client-key", httpOptions: { baseUrl } });
  }

  async ask({ text, results = [] }: TalkTurn, stream: boolean, params: Params = {}): Promise<TalkAnswer> {
    const parts: Part[] = results.map(({ id, name, content, isError }) => {
      const words = content.map((part) => ("text" in part ? part.text : "")).join("");
      const media = content.flatMap((part) =>
        "png" in part ? [{ inlineData: { mimeType: "image/png", data: part.png } }] : [],
      );
      return {
        functionResponse: {
          // Without an id of the provider's own there is none to give back.
          ...(id === "" ? {} : { id }),
          name,
          response: isError === true ? { error: words } : { output: words },
          ...(media.length === 0 ? {} : { parts: media }),
        },
      };
    });
    if (text !== undefined) parts.push({ text });
    this.#contents.push({ role: "user", parts });
    const { contents, ...config } = params;
    const request: GenerateContentParameters = {
      model: this.model,
      contents: (contents as Content[] | undefined) ?? this.#contents,
      config,
    };
    const replies: GenerateContentResponse[] = [];
    if (stream) {
      for await (const reply of await this.#client.models.generateContentStream(request)) replies.push(reply);
    } else {
      replies.push(await this.#client.models.generateContent(request));
    }
    return this.#answer(replies);
  }

  #answer(replies: readonly GenerateContentResponse[]): TalkAnswer {
    const parts = replies.flatMap(
      (reply) => reply.candidates?.find(({ index }) => (index ?? 0) === 0)?.content?.parts ?? [],
    );
    // The SDK's own chats leave empty texts out of their history, too.
    const said = parts.filter(({ text, thoughtSignature }) => text !== "" || thoughtSignature !== undefined);
    this.#contents.push({ role: "model", parts: said });
    const candidates = replies.flatMap((reply) => reply.candidates ?? []);
    const usage = replies.findLast((reply) => reply.usageMetadata !== undefined)?.usageMetadata;
    const join = (wanted: readonly Part[]) => wanted.map((part) => part.text ?? "").join("");
    const finish = candidates.findLast(
      ({ index, finishReason }) => (index ?? 0) === 0 && finishReason !== undefined,
    )?.finishReason;
    const words = join(parts.filter((part) => part.thought !== true));
    const more = new Map<number, string>();
    for (const { index = 0, content } of candidates) {
      if (index > 0) more.set(index, (more.get(index) ?? "") + join(content?.parts ?? []));
    }
    return {
      text: words,
      refusal: finish === "SAFETY" ? words : "",
      reasoning: join(parts.filter((part) => part.thought === true)),
      calls: parts.flatMap(({ functionCall }) =>
        functionCall === undefined
          ? []
          : [{ id: functionCall.id ?? "", name: functionCall.name ?? "", args: functionCall.args ?? {} }],
      ),
      finish:
        finish ??
        replies.findLast((reply) => reply.promptFeedback?.blockReason !== undefined)?.promptFeedback
          ?.blockReason ??
        "",
      usage: {
        input: usage?.promptTokenCount ?? -1,
        cacheRead: usage?.cachedContentTokenCount ?? 0,
        output: (usage?.candidatesTokenCount ?? 0) + (usage?.thoughtsTokenCount ?? 0),
        reasoning: usage?.thoughtsTokenCount ?? 0,
      },
      logprobs: candidates.flatMap(({ logprobsResult }) =>
        (logprobsResult?.chosenCandidates ?? []).map(({ token, logProbability }) => ({
          token: token ?? "",
          logprob: logProbability ?? 0,
        })),
      ),
      more: [...more.values()],
      raw: replies,
    };
  }
}
