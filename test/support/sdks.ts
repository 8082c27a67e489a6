/** The official SDKs behind one face: the same question by each protocol's own client. */
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import type { Protocol } from "../../src/control/protocol.ts";

export interface Question {
  readonly model: string;
  readonly stream: boolean;
  readonly text: string;
  readonly signal?: AbortSignal;
  /** A PNG to look at, base64. */
  readonly image?: string;
  /** Called at each event of a stream. */
  readonly onEvent?: () => void;
  /** Fields of the request that the SDK does not know. */
  readonly extra?: Record<string, unknown>;
}

export interface Answer {
  readonly text: string;
  readonly calls: { readonly name: string; readonly args: unknown }[];
  readonly finish: string;
  readonly input: number;
  readonly output: number;
}

export type Ask = (question: Question) => Promise<Answer>;

const PARAMETERS = { type: "object" as const, properties: { path: { type: "string" } }, required: ["path"] };

/** @param baseUrl the gateway's, without a path */
export function sdk(protocol: Protocol, baseUrl: string, maxRetries = 0): Ask {
  switch (protocol) {
    case "openai-chat":
      return chat(new OpenAI({ apiKey: "client-key", baseURL: `${baseUrl}/v1`, maxRetries }));
    case "openai-responses":
      return responses(new OpenAI({ apiKey: "client-key", baseURL: `${baseUrl}/v1`, maxRetries }));
    case "anthropic":
      return anthropic(new Anthropic({ apiKey: "client-key", baseURL: baseUrl, maxRetries }));
    case "gemini":
      return gemini(new GoogleGenAI({ apiKey: "client-key", httpOptions: { baseUrl } }));
  }
}

const abortable = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal });

function chat(client: OpenAI): Ask {
  return async ({ model, stream, text, signal, image, onEvent, extra }) => {
    const content: OpenAI.ChatCompletionContentPart[] = [{ type: "text", text }];
    if (image !== undefined)
      content.push({ type: "image_url", image_url: { url: `data:image/png;base64,${image}` } });
    const body: OpenAI.ChatCompletionCreateParamsNonStreaming = {
      model,
      messages: [{ role: "user", content }],
      tools: [{ type: "function", function: { name: "read", parameters: PARAMETERS } }],
      ...extra,
    };
    if (!stream) {
      const reply = await client.chat.completions.create(body, abortable(signal));
      return chatAnswer(reply);
    }
    const runner = client.chat.completions.stream(
      { ...body, stream: true, stream_options: { include_usage: true } },
      abortable(signal),
    );
    if (onEvent !== undefined) runner.on("chunk", onEvent);
    return chatAnswer(await runner.finalChatCompletion());
  };
}

function chatAnswer(reply: OpenAI.ChatCompletion): Answer {
  const choice = reply.choices[0];
  return {
    text: choice?.message.content ?? "",
    calls: (choice?.message.tool_calls ?? []).flatMap((call) =>
      call.type === "function"
        ? [{ name: call.function.name, args: JSON.parse(call.function.arguments) as unknown }]
        : [],
    ),
    finish: choice?.finish_reason ?? "",
    input: reply.usage?.prompt_tokens ?? -1,
    output: reply.usage?.completion_tokens ?? -1,
  };
}

function responses(client: OpenAI): Ask {
  return async ({ model, stream, text, signal, image, onEvent, extra }) => {
    const content: OpenAI.Responses.ResponseInputMessageContentList = [{ type: "input_text", text }];
    if (image !== undefined)
      content.push({ type: "input_image", image_url: `data:image/png;base64,${image}`, detail: "auto" });
    const body: OpenAI.Responses.ResponseCreateParamsNonStreaming = {
      model,
      input: [{ role: "user", content }],
      tools: [{ type: "function", name: "read", parameters: PARAMETERS, strict: false }],
      ...extra,
    };
    if (!stream) return responseAnswer(await client.responses.create(body, abortable(signal)));
    const runner = client.responses.stream({ ...body, stream: true }, abortable(signal));
    if (onEvent !== undefined) runner.on("event", onEvent);
    return responseAnswer(await runner.finalResponse());
  };
}

function responseAnswer(reply: OpenAI.Responses.Response): Answer {
  return {
    text: reply.output
      .flatMap((item) => (item.type === "message" ? item.content : []))
      .map((part) => (part.type === "output_text" ? part.text : ""))
      .join(""),
    calls: reply.output.flatMap((item) =>
      item.type === "function_call" ? [{ name: item.name, args: JSON.parse(item.arguments) as unknown }] : [],
    ),
    finish: reply.status ?? "",
    input: reply.usage?.input_tokens ?? -1,
    output: reply.usage?.output_tokens ?? -1,
  };
}

function anthropic(client: Anthropic): Ask {
  return async ({ model, stream, text, signal, image, onEvent, extra }) => {
    const content: Anthropic.ContentBlockParam[] = [{ type: "text", text }];
    if (image !== undefined) {
      content.push({ type: "image", source: { type: "base64", media_type: "image/png", data: image } });
    }
    const body: Anthropic.MessageCreateParamsNonStreaming = {
      model,
      max_tokens: 100,
      messages: [{ role: "user", content }],
      tools: [{ name: "read", input_schema: PARAMETERS }],
      ...extra,
    };
    if (!stream) return messageAnswer(await client.messages.create(body, abortable(signal)));
    const runner = client.messages.stream(body, abortable(signal));
    if (onEvent !== undefined) runner.on("streamEvent", onEvent);
    return messageAnswer(await runner.finalMessage());
  };
}

function messageAnswer(reply: Anthropic.Message): Answer {
  return {
    text: reply.content.map((block) => (block.type === "text" ? block.text : "")).join(""),
    calls: reply.content.flatMap((block) =>
      block.type === "tool_use" ? [{ name: block.name, args: block.input }] : [],
    ),
    finish: reply.stop_reason ?? "",
    input: reply.usage.input_tokens,
    output: reply.usage.output_tokens,
  };
}

function gemini(client: GoogleGenAI): Ask {
  return async ({ model, stream, text, signal, image, onEvent, extra }) => {
    const params = {
      model,
      contents: [
        {
          role: "user",
          parts: [
            { text },
            ...(image === undefined ? [] : [{ inlineData: { mimeType: "image/png", data: image } }]),
          ],
        },
      ],
      config: {
        tools: [{ functionDeclarations: [{ name: "read", parametersJsonSchema: PARAMETERS }] }],
        ...(signal === undefined ? {} : { abortSignal: signal }),
        ...(extra === undefined ? {} : { httpOptions: { extraBody: extra } }),
      },
    };
    const found = { text: "", calls: [] as Answer["calls"], finish: "", input: -1, output: -1 };
    const replies = stream
      ? await client.models.generateContentStream(params)
      : [await client.models.generateContent(params)];
    for await (const reply of replies) {
      onEvent?.();
      for (const part of reply.candidates?.[0]?.content?.parts ?? []) {
        if (part.text !== undefined && part.thought !== true) found.text += part.text;
        if (part.functionCall !== undefined)
          found.calls.push({ name: part.functionCall.name ?? "", args: part.functionCall.args });
      }
      found.finish = reply.candidates?.[0]?.finishReason ?? found.finish;
      found.input = reply.usageMetadata?.promptTokenCount ?? found.input;
      found.output = reply.usageMetadata?.candidatesTokenCount ?? found.output;
    }
    return found;
  };
}

/** The HTTP status in whatever an SDK throws. */
export function statusOf(thrown: unknown): number | undefined {
  const status: unknown =
    typeof thrown === "object" && thrown !== null ? Reflect.get(thrown, "status") : undefined;
  return typeof status === "number" ? status : undefined;
}
