/** `/v1/embeddings`, as OpenAI and most compatible providers have it. */

import * as z from "zod";
import { PorticoError } from "../../common/errors.ts";
import { compact, isRecord, numberOf, textOf } from "../../common/json.ts";
import {
  type EmbeddingCodec,
  type EmbeddingEncodeContext,
  type EmbeddingReply,
  type EmbeddingRequest,
  vectorFromBase64,
  vectorToBase64,
} from "../embedding.ts";
import { extraOf } from "../extra.ts";
import { decodeError } from "./errors.ts";
import { fail, parse } from "./validate.ts";
import { count, type Json, record } from "./values.ts";

/** OpenAI's limit of inputs in one request. */
const MAX_INPUTS = 2048;

const tokens = z.array(z.int());
const requestSchema = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(z.string()), tokens, z.array(tokens)]),
  dimensions: z.int().min(1).nullish(),
  encoding_format: z.enum(["float", "base64"]).nullish(),
  user: z.string().nullish(),
});
const KNOWN = new Set(Object.keys(requestSchema.shape));

const isTexts = (input: (string | number | number[])[]): input is string[] =>
  input.every((one) => typeof one === "string");
const isTokens = (input: (string | number | number[])[]): input is number[] =>
  input.every((one) => typeof one === "number");
const isTokenLists = (input: (string | number | number[])[]): input is number[][] =>
  input.every(Array.isArray);

function decodeInputs(input: z.infer<typeof requestSchema>["input"]): string[] | number[][] {
  if (typeof input === "string") return [input];
  if (input.length === 0) return fail(["input"], "must not be empty");
  if (isTexts(input)) {
    if (input.length > MAX_INPUTS) return fail(["input"], `must have at most ${MAX_INPUTS} entries`);
    return input;
  }
  if (isTokens(input)) return [input];
  if (!isTokenLists(input)) return fail(["input"], "must hold only texts or only lists of token ids");
  if (input.length > MAX_INPUTS) return fail(["input"], `must have at most ${MAX_INPUTS} entries`);
  return input;
}

function decodeRequest(body: unknown, context: { model?: string }): EmbeddingRequest {
  const parsed = parse(
    requestSchema,
    isRecord(body) && context.model !== undefined ? { model: context.model, ...body } : body,
  );
  const { model, input, dimensions, encoding_format: encoding, user } = parsed;
  return {
    model,
    inputs: decodeInputs(input),
    encoding: encoding ?? "float",
    ...compact({ dimensions, user }),
    ...extraOf("openai-chat", parsed, KNOWN),
  };
}

/** Mistral names the length of the vectors differently. */
const dimensionField = (provider: string): string =>
  provider === "mistral" ? "output_dimension" : "dimensions";

/** Vectors are asked for as floats: not every compatible provider knows base64. */
function encodeRequest(request: EmbeddingRequest, context: EmbeddingEncodeContext): Record<string, unknown> {
  const { warn, provider } = context;
  const [first] = request.inputs;
  const body: Json = {
    model: request.model,
    input: request.inputs.length === 1 && typeof first === "string" ? first : request.inputs,
    encoding_format: "float",
  };
  if (request.dimensions !== undefined) body[dimensionField(provider)] = request.dimensions;
  if (request.user !== undefined && provider !== "mistral") body.user = request.user;
  if (request.task !== undefined) warn("taskType", "OpenAI-style embeddings have no task; left out");
  if (request.title !== undefined) warn("title", "OpenAI-style embeddings have no title; left out");
  if (request.extra?.protocol === "openai-chat") {
    for (const [name, value] of Object.entries(request.extra.fields)) if (!(name in body)) body[name] = value;
  } else {
    for (const name of Object.keys(request.extra?.fields ?? {}))
      warn(name, "not a field of this target; left out");
  }
  return body;
}

function decodeVector(value: unknown): number[] | undefined {
  if (typeof value === "string") return vectorFromBase64(value);
  if (!Array.isArray(value) || !value.every((one) => typeof one === "number")) return undefined;
  return value;
}

function decodeReply(input: unknown, context: { request: EmbeddingRequest }): EmbeddingReply {
  const body = record(input);
  if (body === undefined || !Array.isArray(body.data)) {
    const error = decodeError(200, input);
    throw new PorticoError(
      error?.kind ?? "upstream",
      error?.message ?? "The provider's reply holds no embeddings: it has no `data`.",
    );
  }
  const entries = body.data.filter(isRecord);
  const vectors: number[][] = [];
  for (const [i, entry] of entries.entries()) {
    const vector = decodeVector(entry.embedding);
    const index = count(entry.index) ?? i;
    if (vector !== undefined && index < entries.length) vectors[index] = vector;
  }
  const wanted = context.request.inputs.length;
  for (let i = 0; i < wanted; i++) {
    if (vectors[i] === undefined) {
      throw new PorticoError(
        "upstream",
        `The provider's reply has no embedding for input ${i} of ${wanted}.`,
      );
    }
  }
  const model = textOf(body.model);
  const inputTokens =
    numberOf(record(body.usage)?.prompt_tokens) ?? numberOf(record(body.usage)?.total_tokens);
  return {
    vectors: vectors.slice(0, wanted),
    ...(model === undefined ? {} : { model }),
    ...(inputTokens === undefined ? {} : { usage: { inputTokens } }),
  };
}

function encodeReply(reply: EmbeddingReply, context: { request: EmbeddingRequest; model: string }): unknown {
  const inputTokens = reply.usage?.inputTokens ?? 0;
  const base64 = context.request.encoding === "base64";
  return {
    object: "list",
    data: reply.vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: base64 ? vectorToBase64(vector) : vector,
    })),
    model: context.model,
    usage: { prompt_tokens: inputTokens, total_tokens: inputTokens },
  };
}

export const embeddingCodec: EmbeddingCodec = {
  protocol: "openai-chat",
  decodeRequest,
  encodeRequest,
  decodeReply,
  encodeReply,
};
