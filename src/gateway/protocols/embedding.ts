/**
 * The canonical embedding model: OpenAI `/v1/embeddings` and Gemini `:embedContent` /
 * `:batchEmbedContents` are decoded to it and encoded from it in translation.
 */

import type { Protocol } from "../../control/protocol.ts";
import type { ExtraFields } from "./chat.ts";
import type { EncodeContext } from "./codec.ts";

export interface EmbeddingRequest {
  model: string;
  /** One vector each. Numbers are token ids (OpenAI only). */
  inputs: string[] | number[][];
  /** Length of the vectors asked for. */
  dimensions?: number;
  /** How the client wants to read the vectors. */
  encoding: "float" | "base64";
  user?: string;
  /** Gemini `taskType`, e.g. `RETRIEVAL_DOCUMENT`. */
  task?: string;
  /** Gemini `title` of a document. */
  title?: string;
  /** Fields of the client's protocol without canonical place. */
  extra?: ExtraFields;
}

export interface EmbeddingReply {
  /** As the provider names it. */
  model?: string;
  /** In the order of the inputs. */
  vectors: number[][];
  /** Absent where the provider does not count. */
  usage?: { inputTokens: number };
}

export type EmbeddingEncodeContext = Pick<EncodeContext, "provider" | "warn">;

/** What a protocol with embeddings provides. */
export interface EmbeddingCodec {
  readonly protocol: Protocol;
  /** @throws PorticoError `invalid_request` naming the field. `model`: from the path, where it has one. */
  decodeRequest(body: unknown, context: { model?: string }): EmbeddingRequest;
  encodeRequest(request: EmbeddingRequest, context: EmbeddingEncodeContext): Record<string, unknown>;
  /** @throws PorticoError `upstream` when the body is not a reply of this protocol. */
  decodeReply(body: unknown, context: { request: EmbeddingRequest }): EmbeddingReply;
  /** `model`: the name the client asked for. */
  encodeReply(reply: EmbeddingReply, context: { request: EmbeddingRequest; model: string }): unknown;
}

/** A vector as OpenAI's `encoding_format: "base64"`: 32-bit floats, little-endian. */
export function vectorToBase64(vector: readonly number[]): string {
  const bytes = Buffer.allocUnsafe(vector.length * 4);
  for (let i = 0; i < vector.length; i++) bytes.writeFloatLE(vector[i] ?? 0, i * 4);
  return bytes.toString("base64");
}

/** The way back; `undefined` when the bytes are not whole floats. */
export function vectorFromBase64(text: string): number[] | undefined {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length % 4 !== 0) return undefined;
  const vector = new Array<number>(bytes.length / 4);
  for (let i = 0; i < vector.length; i++) vector[i] = bytes.readFloatLE(i * 4);
  return vector;
}
