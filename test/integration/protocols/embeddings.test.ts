/** Embeddings between the shapes of OpenAI and Gemini. */
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { sendJson, startUpstream, type Upstream } from "../../support/upstream.ts";

const VECTORS = [
  [0.5, -0.25, 1],
  [1, 0, -1],
];
let upstream: Upstream;
let portico: TestGateway;

beforeEach(async () => {
  upstream = await startUpstream(({ url, body }, res) => {
    const asked = JSON.parse(body.toString()) as { requests?: unknown[]; input?: string | string[] };
    if (url.includes(":batchEmbedContents")) {
      sendJson(res, 200, {
        embeddings: VECTORS.slice(0, asked.requests?.length).map((values) => ({ values })),
      });
      return;
    }
    const count = Array.isArray(asked.input) ? asked.input.length : 1;
    const data = VECTORS.slice(0, count).map((embedding, index) => ({
      object: "embedding",
      index,
      embedding,
    }));
    sendJson(res, 200, { object: "list", data, model: "e", usage: { prompt_tokens: 7, total_tokens: 7 } });
  });
  portico = await startGateway({
    accounts: [
      {
        id: "g",
        provider: "custom",
        endpoints: { gemini: upstream.url },
        credentials: { apiKey: "k" },
        models: ["gemini-embedding-001"],
      },
      // Its chat endpoint embeds; its other one, which translation would prefer, does not.
      {
        id: "o",
        provider: "custom",
        endpoints: { anthropic: upstream.url, "openai-chat": `${upstream.url}/v1` },
        credentials: { apiKey: "k" },
        models: ["text-embedding-3-small"],
      },
    ],
  });
});
afterEach(async () => {
  await portico.stop();
  await upstream.close();
});

it.each([undefined, "float", "base64"] as const)(
  "OpenAI's client reads Gemini's vectors (%s)",
  async (encoding) => {
    const client = new OpenAI({ apiKey: "x", baseURL: `${portico.baseUrl}/v1`, maxRetries: 0 });
    const reply = await client.embeddings.create({
      model: "gemini-embedding-001",
      input: ["one", "two"],
      dimensions: 3,
      ...(encoding === undefined ? {} : { encoding_format: encoding }),
    });
    const vectors = reply.data.map(({ embedding }) => {
      const value: unknown = embedding;
      if (typeof value !== "string") return embedding;
      const bytes = Buffer.from(value, "base64");
      return Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));
    });
    expect(vectors).toEqual(VECTORS);
    expect(JSON.parse(upstream.received[0]?.body.toString() ?? "")).toMatchObject({
      requests: [
        { content: { parts: [{ text: "one" }] }, outputDimensionality: 3 },
        { content: { parts: [{ text: "two" }] } },
      ],
    });
    expect(await portico.recorded()).toMatchObject({ lane: "B", account: "g", status: 200 });
  },
);

it("Gemini's client reads OpenAI's vectors", async () => {
  const client = new GoogleGenAI({ apiKey: "x", httpOptions: { baseUrl: portico.baseUrl } });
  const reply = await client.models.embedContent({
    model: "text-embedding-3-small",
    contents: ["one", "two"],
    config: { outputDimensionality: 3 },
  });
  expect(reply.embeddings?.map(({ values }) => values)).toEqual(VECTORS);
  expect(JSON.parse(upstream.received[0]?.body.toString() ?? "")).toMatchObject({
    input: ["one", "two"],
    dimensions: 3,
    model: "text-embedding-3-small",
  });
  expect((await portico.recorded()).usage).toMatchObject({ input: { total: 7 } });
});

it("names the field that cannot be sent on", async () => {
  const client = new OpenAI({ apiKey: "x", baseURL: `${portico.baseUrl}/v1`, maxRetries: 0 });
  await expect(
    client.embeddings.create({ model: "gemini-embedding-001", input: [1, 2, 3] }),
  ).rejects.toMatchObject({ status: 400, param: "input" });
});

it("passes a provider's refusal on", async () => {
  upstream.script = (_received, res) =>
    sendJson(res, 400, { error: { code: 400, status: "INVALID_ARGUMENT", message: "Too many texts." } });
  const client = new OpenAI({ apiKey: "x", baseURL: `${portico.baseUrl}/v1`, maxRetries: 0 });
  await expect(client.embeddings.create({ model: "gemini-embedding-001", input: "a" })).rejects.toMatchObject(
    { status: 400, message: expect.stringContaining("Too many texts.") },
  );
});
