/** Accounts with several endpoints: which one a request goes to, and where it goes when that one refuses it. */
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Protocol } from "../../../src/control/protocol.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { WRITERS } from "../../support/matrix/rig.ts";
import { HELLO } from "../../support/matrix/scene.ts";
import { openaiChatRefusals } from "../../support/strict/modelRefusals.ts";
import { sendJson, sendStream, startUpstream, type Upstream } from "../../support/upstream.ts";

type Body = Record<string, unknown>;
interface Asked {
  readonly protocol: Protocol;
  readonly model: string;
  readonly body: Body;
}

let upstream: Upstream;
let portico: TestGateway;
const asked: Asked[] = [];
/** What the provider says instead of answering. */
let refuse: ((one: Asked) => { status: number; error: Body } | undefined) | undefined;

function protocolOf(url: string): Protocol {
  if (url.includes("/v1beta/models/")) return "gemini";
  if (url.includes("/v1/messages")) return "anthropic";
  return url.includes("/responses") ? "openai-responses" : "openai-chat";
}

beforeAll(async () => {
  upstream = await startUpstream(async (received, res) => {
    if (received.method === "GET") return sendJson(res, 404, { error: { message: "no list" } });
    const protocol = protocolOf(received.url);
    const body = JSON.parse(received.body.toString()) as Body;
    const inPath = /models\/([^:]+):/.exec(received.url)?.[1];
    const one: Asked = { protocol, model: inPath ?? String(body.model), body };
    asked.push(one);
    const refusal = refuse?.(one);
    if (refusal !== undefined) return sendJson(res, refusal.status, { error: refusal.error });
    const wire = WRITERS[protocol](HELLO);
    const stream = protocol === "gemini" ? received.url.includes(":stream") : body.stream === true;
    if (!stream) return sendJson(res, 200, wire.whole);
    await sendStream(
      res,
      wire.events.map(({ event, data }) => `${event ? `event: ${event}\n` : ""}data: ${data}\n\n`),
    );
  });
  const openai = { "openai-chat": `${upstream.url}/v1`, "openai-responses": `${upstream.url}/v1` };
  const apiKey = "key-of-upstream";
  portico = await startGateway({
    accounts: [
      { id: "work", provider: "openai", endpoints: openai, credentials: { apiKey } },
      {
        id: "google",
        provider: "gemini",
        endpoints: { gemini: upstream.url, "openai-chat": `${upstream.url}/v1beta/openai` },
        credentials: { apiKey },
      },
      { id: "own", provider: "custom", endpoints: openai, credentials: { apiKey }, models: ["*"] },
    ],
  });
});
beforeEach(() => {
  asked.length = 0;
  refuse = undefined;
});
afterAll(async () => {
  await portico.stop();
  await upstream.close();
});

const anthropic = () => new Anthropic({ apiKey: "k", baseURL: portico.baseUrl, maxRetries: 0 });
const openai = () => new OpenAI({ apiKey: "k", baseURL: `${portico.baseUrl}/v1`, maxRetries: 0 });

type Message = Omit<Anthropic.MessageCreateParamsNonStreaming, "max_tokens" | "messages"> & {
  messages?: Anthropic.MessageParam[];
  /** Of older SDKs. */
  top_k?: number;
};
let conversations = 0;
/** Without a session, a conversation of its own: what it opens with tells. */
const message = (params: Message, session?: string) =>
  anthropic().messages.create(
    { max_tokens: 100, messages: [{ role: "user", content: `hi ${++conversations}` }], ...params },
    session === undefined ? {} : { headers: { "x-claude-code-session-id": session } },
  );
const tools: Anthropic.Tool[] = [{ name: "f", input_schema: { type: "object", properties: {} } }];
const PDF: Anthropic.MessageParam = {
  role: "user",
  content: [
    { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0xLjQ=" } },
  ],
};

describe("an account is asked by the endpoint that loses least", () => {
  it.each<[string, Message, Protocol]>([
    ["a plain request", { model: "work/gpt-4.1" }, "openai-responses"],
    ["stop sequences", { model: "work/gpt-4.1", stop_sequences: ["x"] }, "openai-chat"],
    [
      "stop sequences that no endpoint takes",
      { model: "work/gpt-5.5", stop_sequences: ["x"] },
      "openai-responses",
    ],
    ["tools", { model: "work/gpt-5.5", tools }, "openai-responses"],
    ["a PDF", { model: "google/gemini-3.8-flash", messages: [PDF] }, "gemini"],
    ["top_k", { model: "google/gemini-3.8-flash", top_k: 5 }, "gemini"],
    ["nothing at all", { model: "google/gemini-3.8-flash" }, "gemini"],
  ])("%s", async (_name, params, protocol) => {
    await message(params);
    expect(asked.map((one) => one.protocol)).toEqual([protocol]);
  });

  it("a PDF and top_k reach Gemini whole", async () => {
    await message({ model: "google/gemini-3.8-flash", top_k: 5, messages: [PDF] });
    expect(asked[0]?.body).toMatchObject({
      contents: [{ parts: [{ inlineData: { mimeType: "application/pdf", data: "JVBERi0xLjQ=" } }] }],
      generationConfig: { topK: 5 },
    });
  });
});

describe("a conversation", () => {
  it("stays at its endpoint for a mere parameter, and leaves it for content", async () => {
    const session = "11111111-2222-4333-8444-555555555555";
    await message({ model: "work/gpt-4.1", tools }, session);
    await message({ model: "work/gpt-4.1", tools, stop_sequences: ["x"] }, session);
    expect(asked.map((one) => one.protocol)).toEqual(["openai-responses", "openai-responses"]);
    // Another conversation does not care.
    await message(
      { model: "work/gpt-4.1", tools, stop_sequences: ["x"] },
      "66666666-2222-4333-8444-555555555555",
    );
    expect(asked.at(-1)?.protocol).toBe("openai-chat");
    const search: Anthropic.ToolUnion = { type: "web_search_20250305", name: "web_search" };
    await message({ model: "work/gpt-4.1", tools: [search] }, "66666666-2222-4333-8444-555555555555");
    expect(asked.at(-1)?.protocol).toBe("openai-responses");
  });
});

describe("a model that only the other endpoint has", () => {
  const text = (one: OpenAI.ChatCompletion) => one.choices[0]?.message.content;
  const chat = (model: string, more: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming> = {}) =>
    openai().chat.completions.create({ model, messages: [{ role: "user", content: "hi" }], ...more });
  const fn: OpenAI.ChatCompletionTool = {
    type: "function",
    function: { name: "f", parameters: { type: "object", properties: {} } },
  };

  it("is asked there at once where the table knows it", async () => {
    expect(text(await chat("work/gpt-5.5-pro"))).toBe(HELLO.text);
    expect(text(await chat("work/gpt-6-astra", { tools: [fn] }))).toBe(HELLO.text);
    expect(asked.map((one) => one.protocol)).toEqual(["openai-responses", "openai-responses"]);
    await chat("work/gpt-6-astra");
    await chat("work/gpt-6-sol", { tools: [fn], reasoning_effort: "none" });
    expect(asked.slice(2).map((one) => one.protocol)).toEqual(["openai-chat", "openai-chat"]);
  });

  it.each([
    [404, "This model is only supported in v1/responses and not in v1/chat/completions.", "openai-chat", {}],
    [
      404,
      "This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?",
      "openai-chat",
      {},
    ],
    [
      400,
      "model m is not accessible via the /chat/completions endpoint",
      "openai-chat",
      { code: "unsupported_api_for_model" },
    ],
    [
      404,
      "This model is only supported in v1/chat/completions and not in v1/responses.",
      "openai-responses",
      {},
    ],
  ] as const)("is asked there once it was refused: %s %s", async (status, words, refused, more) => {
    const model = `own/m-${++conversations}`;
    refuse = ({ protocol }) =>
      protocol === refused
        ? { status, error: { message: words, type: "invalid_request_error", ...more } }
        : undefined;
    const other = refused === "openai-chat" ? "openai-responses" : "openai-chat";
    const ask = async () =>
      refused === "openai-chat"
        ? text(await chat(model))
        : (await openai().responses.create({ model, input: "hi" })).output_text;
    expect(await ask()).toBe(HELLO.text);
    expect(asked.map((one) => one.protocol)).toEqual([refused, other]);
    const record = await portico.recorded((one) => one.model === model);
    expect(record.attempts.map(({ account, protocol }) => `${account} ${protocol}`)).toEqual([
      `own ${refused}`,
      `own ${other}`,
    ]);
  });

  it("is asked once more, not twice", async () => {
    refuse = () => ({
      status: 404,
      error: { message: "This model is only supported in v1/responses and not in v1/chat/completions." },
    });
    await expect(chat("own/never")).rejects.toThrow("only supported");
    expect(asked).toHaveLength(2);
  });

  it("is asked there with tools that chat completions take only without thinking", async () => {
    refuse = ({ protocol, model, body }) => {
      const [first] = protocol === "openai-chat" ? openaiChatRefusals(model, body) : [];
      return first === undefined
        ? undefined
        : { status: first.status ?? 400, error: { type: "invalid_request_error", ...first } };
    };
    expect(text(await chat("own/gpt-5.6-sol", { tools: [fn], reasoning_effort: "high" }))).toBe(HELLO.text);
    expect(asked.map((one) => one.protocol)).toEqual(["openai-chat", "openai-responses"]);
    expect(asked[1]?.body).toMatchObject({ reasoning: { effort: "high" }, tools: [{ name: "f" }] });
    // It is known from then on.
    await chat("own/gpt-5.6-sol", { tools: [fn], reasoning_effort: "high" });
    expect(asked.map((one) => one.protocol)).toEqual(["openai-chat", "openai-responses", "openai-responses"]);
  });
});
