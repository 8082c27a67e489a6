/** The official SDK as the client, over real HTTP, against a server made of this codec alone. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type ApiError, FunctionCallingConfigMode, GoogleGenAI, ThinkingLevel, Type } from "@google/genai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PorticoError } from "../../../../src/gateway/common/errors.ts";
import type { ChatEvent, ChatReply, ChatRequest } from "../../../../src/gateway/protocols/chat.ts";
import {
  decodeCountRequest,
  encodeCountReply,
} from "../../../../src/gateway/protocols/gemini/countTokens.ts";
import { embeddingCodec } from "../../../../src/gateway/protocols/gemini/embedding.ts";
import { codec } from "../../../../src/gateway/protocols/gemini/index.ts";
import { checkRequest } from "../../../support/strict/gemini.ts";
import { replyContext } from "./helpers.ts";

let server: Server;
let ai: GoogleGenAI;
let seen: ChatRequest | undefined;
let problems: string[] = [];
let reply: ChatReply | PorticoError;
let events: ChatEvent[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(chunks).toString("utf8")) as unknown;
      const url = request.url ?? "";
      const model = /models\/([^:]+):/.exec(url)?.[1] ?? "";
      const json = (value: unknown, status = 200, headers = {}) => {
        response.writeHead(status, { "content-type": "application/json", ...headers });
        response.end(JSON.stringify(value));
      };
      if (url.includes(":countTokens")) {
        seen = decodeCountRequest(body, { model });
        json(encodeCountReply(11));
      } else if (url.includes("mbedContent")) {
        const embedding = embeddingCodec.decodeRequest(body, { model });
        const vectors = embedding.inputs.map((_, index) => [index, 0.5]);
        json(embeddingCodec.encodeReply({ vectors }, { request: embedding, model }));
      } else {
        problems = checkRequest(body, request.headers, url);
        const stream = url.includes("streamGenerateContent");
        seen = codec.decodeRequest(body, { model, stream });
        if (reply instanceof PorticoError) {
          const error = codec.encodeError(reply, "req");
          json(error.body, error.status, error.headers);
        } else if (stream) {
          response.writeHead(200, { "content-type": "text/event-stream" });
          const encoder = codec.streamEncoder(replyContext({ model, request: seen }));
          for (const event of events) response.write(codec.heartbeat("sse") + encoder.push(event));
          response.end(encoder.end());
        } else {
          json(codec.encodeReply(reply, replyContext({ model, request: seen })));
        }
      }
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  ai = new GoogleGenAI({ apiKey: "key", httpOptions: { baseUrl: `http://127.0.0.1:${port}` } });
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

const usage = {
  input: { total: 7, uncached: 5, cacheRead: 2, cacheWrite: 0 },
  output: { total: 6, reasoning: 2 },
};

describe("@google/genai", () => {
  it("sends what we read, and reads what we send", async () => {
    reply = {
      choices: [
        {
          parts: [
            { type: "reasoning", text: "hm" },
            { type: "text", text: "Hello" },
            { type: "tool-call", callId: "c1", name: "f", kind: "function", input: '{"a":1}' },
          ],
          finish: { reason: "tool-calls" },
        },
      ],
      usage,
    };
    const answer = await ai.models.generateContent({
      model: "gemini-3-pro-preview",
      contents: [
        { role: "user", parts: [{ text: "Hi" }, { inlineData: { mimeType: "image/png", data: "AAAA" } }] },
      ],
      config: {
        systemInstruction: "Be brief.",
        temperature: 0.5,
        stopSequences: ["END"],
        responseMimeType: "application/json",
        responseSchema: { type: Type.OBJECT, properties: { a: { type: Type.STRING } } },
        thinkingConfig: { includeThoughts: true, thinkingLevel: ThinkingLevel.LOW },
        tools: [
          {
            functionDeclarations: [{ name: "f", description: "F", parametersJsonSchema: { type: "object" } }],
          },
        ],
        toolConfig: {
          functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ["f"] },
        },
      },
    });
    expect(problems).toEqual([]);
    expect(seen).toMatchObject({
      messages: [
        { role: "system", parts: [{ text: "Be brief." }] },
        { role: "user", parts: [{ text: "Hi" }, { type: "image" }] },
      ],
      sampling: { temperature: 0.5 },
      stop: ["END"],
      responseFormat: {
        type: "json-schema",
        schema: { type: "object", properties: { a: { type: "string" } } },
      },
      reasoning: { show: true, effort: "low" },
      tools: [{ type: "function", name: "f", parameters: { type: "object" } }],
      toolChoice: { type: "tool", name: "f" },
    });
    expect(answer.text).toBe("Hello");
    expect(answer.functionCalls).toEqual([{ id: "c1", name: "f", args: { a: 1 } }]);
    expect(answer.usageMetadata).toMatchObject({
      promptTokenCount: 7,
      cachedContentTokenCount: 2,
      thoughtsTokenCount: 2,
    });
    expect(answer.modelVersion).toBe("gemini-3-pro-preview");
  });

  it("replays a reply with its signature in a chat", async () => {
    reply = {
      choices: [
        {
          parts: [
            {
              type: "tool-call",
              callId: "c1",
              name: "f",
              kind: "function",
              input: "{}",
              signature: { protocol: "gemini", kind: "signature", data: "c2ln" },
            },
          ],
          finish: { reason: "tool-calls" },
        },
      ],
    };
    const chat = ai.chats.create({ model: "gemini-3-pro-preview" });
    await chat.sendMessage({ message: "go" });
    await chat.sendMessage({
      message: { functionResponse: { id: "c1", name: "f", response: { output: "done" } } },
    });
    expect(problems).toEqual([]);
    expect(seen?.messages).toMatchObject([
      { role: "user" },
      { role: "assistant", parts: [{ callId: "c1", signature: { data: "c2ln" } }] },
      { role: "tool", parts: [{ callId: "c1", name: "f", content: [{ text: "done" }] }] },
    ]);
  });

  it("streams", async () => {
    events = [
      { type: "start" },
      { type: "text-start", id: "1" },
      { type: "text-delta", id: "1", text: "Grüße " },
      { type: "text-delta", id: "1", text: "👋" },
      { type: "text-end", id: "1" },
      { type: "tool-start", id: "2", callId: "c", name: "f", kind: "function" },
      { type: "tool-end", id: "2" },
      { type: "finish", reason: "tool-calls" },
      { type: "usage", usage },
    ];
    reply = { choices: [] };
    let text = "";
    const calls: unknown[] = [];
    let last: unknown;
    for await (const chunk of await ai.models.generateContentStream({
      model: "gemini-3-pro-preview",
      contents: "Hi",
    })) {
      for (const part of chunk.candidates?.[0]?.content?.parts ?? []) text += part.text ?? "";
      calls.push(...(chunk.functionCalls ?? []));
      last = { finish: chunk.candidates?.[0]?.finishReason, total: chunk.usageMetadata?.totalTokenCount };
    }
    expect(text).toBe("Grüße 👋");
    expect(calls).toEqual([{ id: "c", name: "f", args: {} }]);
    expect(last).toEqual({ finish: "STOP", total: 13 });
  });

  it("throws on errors, at the start and in mid-stream", async () => {
    reply = new PorticoError("authentication", "Show a key.", { retryable: false });
    const failed = ai.models.generateContent({ model: "m", contents: "Hi" });
    await expect(failed).rejects.toMatchObject({ status: 401 } satisfies Partial<ApiError>);
    reply = { choices: [] };
    events = [
      { type: "text-start", id: "1" },
      { type: "text-delta", id: "1", text: "x" },
      { type: "text-end", id: "1" },
      { type: "error", error: { kind: "overloaded", message: "busy" } },
    ];
    const read = async () => {
      for await (const _ of await ai.models.generateContentStream({ model: "m", contents: "Hi" }));
    };
    await expect(read()).rejects.toMatchObject({ status: 503 });
  });

  it("counts tokens and embeds", async () => {
    expect((await ai.models.countTokens({ model: "m", contents: "Hi" })).totalTokens).toBe(11);
    const { embeddings } = await ai.models.embedContent({
      model: "gemini-embedding-001",
      contents: ["a", "b"],
      config: { outputDimensionality: 2, taskType: "RETRIEVAL_QUERY" },
    });
    expect(embeddings?.map(({ values }) => values)).toEqual([
      [0, 0.5],
      [1, 0.5],
    ]);
  });
});
