import { describe, expect, it } from "vitest";
import {
  decodeCountReply,
  decodeCountRequest,
  encodeCountReply,
  encodeCountRequest,
} from "../../../../src/gateway/protocols/gemini/countTokens.ts";
import { embeddingCodec } from "../../../../src/gateway/protocols/gemini/embedding.ts";
import { chatRequest } from "./helpers.ts";

const warned: string[] = [];
const warn = (feature: string) => void warned.push(feature);

describe("countTokens", () => {
  const contents = [{ role: "user", parts: [{ text: "hi" }] }];
  const model = "gemini-2.5-pro";

  it("reads contents, a whole request, and Vertex's flat form", () => {
    const systemInstruction = { parts: [{ text: "S" }] };
    for (const body of [
      { generateContentRequest: { model: "models/x", contents, systemInstruction } },
      { generate_content_request: { contents, system_instruction: systemInstruction } },
      { contents, systemInstruction },
    ])
      expect(decodeCountRequest(body, { model }).messages).toHaveLength(2);
    expect(decodeCountRequest({ contents }, { model }).messages).toHaveLength(1);
    expect(() => decodeCountRequest({ contents, generateContentRequest: { contents } }, { model })).toThrow(
      /exclude/,
    );
    expect(() => decodeCountRequest({}, { model })).toThrow(/contents/);
  });

  it("writes a whole request, and what Vertex takes", () => {
    const context = { autoCache: false, warn };
    const request = chatRequest({ model, sampling: { temperature: 1 }, cachedContent: "c" });
    expect(encodeCountRequest(request, { ...context, provider: "gemini" })).toMatchObject({
      generateContentRequest: { model: "models/gemini-2.5-pro", cachedContent: "c" },
    });
    expect(Object.keys(encodeCountRequest(request, { ...context, provider: "vertex" }))).toEqual([
      "contents",
      "generationConfig",
    ]);
  });

  it("reads and writes the count", () => {
    expect(decodeCountReply(encodeCountReply(7))).toBe(7);
    expect(() => decodeCountReply({})).toThrow(/totalTokens/);
  });
});

describe("embeddings", () => {
  it("reads one text and answers in its shape", () => {
    const request = embeddingCodec.decodeRequest(
      {
        content: { parts: [{ text: "a" }, { text: "b" }] },
        taskType: "RETRIEVAL_QUERY",
        output_dimensionality: 3,
      },
      { model: "m" },
    );
    expect(request).toEqual({
      model: "m",
      inputs: ["ab"],
      dimensions: 3,
      encoding: "float",
      task: "RETRIEVAL_QUERY",
    });
    expect(embeddingCodec.encodeReply({ vectors: [[1, 2]] }, { request, model: "m" })).toEqual({
      embedding: { values: [1, 2] },
    });
  });

  it("reads a batch and answers in its shape", () => {
    const requests = ["a", "b"].map((text) => ({
      model: "models/m",
      content: { parts: [{ text }] },
      title: "T",
    }));
    const request = embeddingCodec.decodeRequest({ requests }, {});
    expect(request).toMatchObject({ model: "m", inputs: ["a", "b"], title: "T" });
    const reply = { vectors: [[1], [2]], usage: { inputTokens: 4 } };
    const body = embeddingCodec.encodeReply(reply, { request, model: "m" });
    expect(body).toEqual({
      embeddings: [{ values: [1] }, { values: [2] }],
      usageMetadata: { promptTokenCount: 4 },
    });
    expect(embeddingCodec.decodeReply(body, { request })).toEqual(reply);
    expect(embeddingCodec.encodeRequest(request, { provider: "gemini", warn })).toEqual({ requests });
  });

  it("writes an OpenAI request, and refuses token ids", () => {
    const request = {
      model: "gemini-embedding-001",
      inputs: ["x"],
      dimensions: 8,
      encoding: "base64",
      user: "u",
    } as const;
    warned.length = 0;
    expect(embeddingCodec.encodeRequest({ ...request, inputs: ["x"] }, { provider: "gemini", warn })).toEqual(
      {
        requests: [
          {
            model: "models/gemini-embedding-001",
            content: { parts: [{ text: "x" }] },
            outputDimensionality: 8,
          },
        ],
      },
    );
    expect(warned).toEqual(["user"]);
    expect(() =>
      embeddingCodec.encodeRequest({ ...request, inputs: [[1, 2]] }, { provider: "gemini", warn }),
    ).toThrow(/token ids/);
  });

  it.each([
    [{}, "content"],
    [{ requests: [] }, "requests"],
    [
      { requests: [{ content: { parts: [{ inlineData: { data: "", mimeType: "x/y" } }] } }] },
      "requests[0].content.parts[0]",
    ],
    [
      {
        requests: [
          { content: { parts: [{ text: "a" }] } },
          { content: { parts: [{ text: "a" }] }, title: "x" },
        ],
      },
      "requests[1].title",
    ],
  ])("refuses %j", (body, field) => {
    expect(() => embeddingCodec.decodeRequest(body, { model: "m" })).toThrow(
      expect.objectContaining({ kind: "invalid_request", field }),
    );
  });

  it.each([[{}], [{ embeddings: [] }], [{ embedding: { values: ["x"] } }]])(
    "takes %j for no reply",
    (body) => {
      const request = { model: "m", inputs: ["a"], encoding: "float" } as const;
      expect(() => embeddingCodec.decodeReply(body, { request: { ...request, inputs: ["a"] } })).toThrow(
        expect.objectContaining({ kind: "upstream" }),
      );
    },
  );
});
