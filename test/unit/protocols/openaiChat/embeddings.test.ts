import { describe, expect, it } from "vitest";
import { vectorFromBase64, vectorToBase64 } from "../../../../src/gateway/protocols/embedding.ts";
import { embeddingCodec } from "../../../../src/gateway/protocols/openaiChat/embeddings.ts";
import fc from "../../../support/property.ts";
import { encodeContext } from "./helpers.ts";

const decode = (body: object) => embeddingCodec.decodeRequest({ model: "m", ...body }, {});

describe("embeddings", () => {
  it("reads every form of input", () => {
    expect(decode({ input: "a" }).inputs).toEqual(["a"]);
    expect(decode({ input: ["a", "b"], encoding_format: "base64", dimensions: 3 })).toEqual({
      model: "m",
      inputs: ["a", "b"],
      encoding: "base64",
      dimensions: 3,
    });
    expect(decode({ input: [1, 2] }).inputs).toEqual([[1, 2]]);
    expect(decode({ input: [[1], [2]] }).inputs).toEqual([[1], [2]]);
    expect(decode({ input: "a", odd: 1 }).extra).toEqual({ protocol: "openai-chat", fields: { odd: 1 } });
  });

  it.each([
    { input: [] },
    { input: ["a", 1] },
    {},
    { input: "a", dimensions: 0 },
    { input: Array(2049).fill("a") },
  ])("refuses %j", (body) => {
    expect(() => decode(body)).toThrow(expect.objectContaining({ kind: "invalid_request" }));
  });

  it("encodes for the provider and reads floats and base64 back", () => {
    const request = decode({ input: ["a", "b"], dimensions: 2, encoding_format: "base64" });
    const context = encodeContext("openai");
    expect(embeddingCodec.encodeRequest(request, context)).toEqual({
      model: "m",
      input: ["a", "b"],
      encoding_format: "float",
      dimensions: 2,
    });
    expect(embeddingCodec.encodeRequest(request, encodeContext("mistral"))).toMatchObject({
      output_dimension: 2,
    });
    const reply = embeddingCodec.decodeReply(
      {
        data: [
          { index: 1, embedding: vectorToBase64([3, 4]) },
          { index: 0, embedding: [1, 2] },
        ],
        model: "real",
        usage: { prompt_tokens: 5, total_tokens: 5 },
      },
      { request },
    );
    expect(reply).toEqual({
      vectors: [
        [1, 2],
        [3, 4],
      ],
      model: "real",
      usage: { inputTokens: 5 },
    });
    expect(embeddingCodec.encodeReply(reply, { request, model: "asked" })).toEqual({
      object: "list",
      model: "asked",
      data: [
        { object: "embedding", index: 0, embedding: vectorToBase64([1, 2]) },
        { object: "embedding", index: 1, embedding: vectorToBase64([3, 4]) },
      ],
      usage: { prompt_tokens: 5, total_tokens: 5 },
    });
  });

  it("refuses a reply with a vector missing", () => {
    const request = decode({ input: ["a", "b"] });
    const reply = (body: unknown) => () => embeddingCodec.decodeReply(body, { request });
    expect(reply({ data: [{ index: 0, embedding: [1] }] })).toThrow(
      expect.objectContaining({ kind: "upstream" }),
    );
    expect(reply({ error: { message: "Incorrect API key" } })).toThrow(
      expect.objectContaining({ kind: "authentication" }),
    );
    expect(reply("nonsense")).toThrow(expect.objectContaining({ kind: "upstream" }));
  });

  it("keeps 32-bit floats exactly", () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true })), (vector) => {
        expect(vectorFromBase64(vectorToBase64(vector))).toEqual(vector);
      }),
    );
    expect(vectorFromBase64("AAA=")).toBeUndefined();
  });
});
