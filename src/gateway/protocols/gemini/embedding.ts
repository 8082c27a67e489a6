/** `:embedContent` and `:batchEmbedContents`: https://ai.google.dev/api/embeddings */

import * as z from "zod";
import { badRequest, PorticoError } from "../../common/errors.ts";
import { compact, fieldsOf, isRecord } from "../../common/json.ts";
import type {
  EmbeddingCodec,
  EmbeddingEncodeContext,
  EmbeddingReply,
  EmbeddingRequest,
} from "../embedding.ts";
import { extraWith } from "../extra.ts";
import { type contentSchema, systemSchema } from "./schema.ts";
import { check, fieldOf, listOf, message, numberOf, numeric, repeated } from "./values.ts";

const entryShape = {
  model: z.string().optional(),
  content: systemSchema,
  taskType: z.string().optional(),
  title: z.string().optional(),
  outputDimensionality: numeric.optional(),
};

const entrySchema = message(entryShape);
const batchSchema = message({ requests: repeated(entrySchema) });

type Entry = z.infer<typeof entrySchema>;

/** The batch is remembered here, because its reply has another shape. */
const BATCH = "requests";

function textOfEntry(entry: Entry, field: string): string {
  const parts = (entry.content as z.infer<typeof contentSchema>).parts ?? [];
  if (parts.length === 0)
    throw badRequest(`${field}.content.parts: must hold a text.`, `${field}.content.parts`);
  return parts
    .map((part, index) => {
      if (part.text !== undefined) return part.text;
      const name = `${field}.content.parts[${index}]`;
      throw badRequest(`${name}: only text can be embedded through Portico.`, name);
    })
    .join("");
}

/** Gemini lets each text of a batch have settings of its own; the canonical request has one set. */
function decodeRequest(body: unknown, context: { model?: string }): EmbeddingRequest {
  if (!isRecord(body))
    throw badRequest("The request body must be a JSON object with `content` or `requests`.");
  const batch = body.requests !== undefined;
  const entries: Entry[] = batch ? check(batchSchema, body).requests : [check(entrySchema, body)];
  const first = entries[0];
  if (first === undefined) throw badRequest("requests: must not be empty.", "requests");
  const inputs = entries.map((entry, index) => textOfEntry(entry, batch ? `requests[${index}]` : "content"));
  for (const [index, entry] of entries.entries()) {
    for (const name of ["taskType", "title", "outputDimensionality"] as const) {
      const field = `requests[${index}].${name}`;
      if (entry[name] !== first[name])
        throw badRequest(`${field}: must be the same for all requests.`, field);
    }
  }
  const { model, content: _, taskType, title, outputDimensionality, ...rest } = first;
  const fields = { ...rest, ...(batch ? { [BATCH]: true } : {}) };
  return {
    model: context.model ?? model?.replace(/^models\//, "") ?? "",
    inputs,
    ...(outputDimensionality === undefined ? {} : { dimensions: outputDimensionality }),
    encoding: "float",
    ...compact({ task: taskType, title }),
    ...extraWith("gemini", fields),
  };
}

/** Always the batch form, for `:batchEmbedContents`. Token ids cannot be sent and are refused. */
function encodeRequest(request: EmbeddingRequest, context: EmbeddingEncodeContext): Record<string, unknown> {
  const texts = request.inputs.filter((input) => typeof input === "string");
  if (texts.length < request.inputs.length)
    throw badRequest("input: Gemini embeds text, not token ids.", "input");
  if (request.user !== undefined) context.warn("user", "Gemini has no such field; left out");
  const own = request.extra?.protocol === "gemini";
  const extra = Object.entries(request.extra?.fields ?? {}).filter(([name]) => name !== BATCH);
  if (!own) for (const [name] of extra) context.warn(name, "no place for it in the request; left out");
  const model = request.model.includes("/") ? request.model : `models/${request.model}`;
  return {
    requests: texts.map((text) => ({
      model,
      content: { parts: [{ text }] },
      ...compact({ taskType: request.task, title: request.title, outputDimensionality: request.dimensions }),
      ...(own ? Object.fromEntries(extra) : {}),
    })),
  };
}

function vector(value: unknown): number[] {
  const values = fieldsOf(value).values;
  if (!Array.isArray(values) || !values.every((one) => typeof one === "number"))
    throw new PorticoError("upstream", "The provider's reply holds an embedding without `values`.");
  return values;
}

function decodeReply(body: unknown, context: { request: EmbeddingRequest }): EmbeddingReply {
  const wire = fieldsOf(body);
  const found = wire.embeddings ?? wire.embedding;
  if (found === undefined) throw new PorticoError("upstream", "The provider's reply has no `embeddings`.");
  const vectors = listOf(found).map(vector);
  if (vectors.length !== context.request.inputs.length)
    throw new PorticoError(
      "upstream",
      `The provider sent ${vectors.length} embeddings for ${context.request.inputs.length} inputs.`,
    );
  const usage = fieldsOf(fieldOf(wire, "usageMetadata"));
  const inputTokens = numberOf(fieldOf(usage, "promptTokenCount"));
  return { vectors, ...(inputTokens === undefined ? {} : { usage: { inputTokens } }) };
}

function encodeReply(reply: EmbeddingReply, context: { request: EmbeddingRequest; model: string }): unknown {
  const embeddings = reply.vectors.map((values) => ({ values }));
  const usage =
    reply.usage === undefined ? {} : { usageMetadata: { promptTokenCount: reply.usage.inputTokens } };
  const batch = context.request.extra?.fields[BATCH] === true;
  return batch ? { embeddings, ...usage } : { embedding: embeddings[0], ...usage };
}

export const embeddingCodec: EmbeddingCodec = {
  protocol: "gemini",
  decodeRequest,
  encodeRequest,
  decodeReply,
  encodeReply,
};
