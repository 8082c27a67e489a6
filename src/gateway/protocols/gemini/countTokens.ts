/** `:countTokens`: https://ai.google.dev/api/tokens */

import { badRequest, PorticoError } from "../../common/errors.ts";
import { fieldsOf, isRecord } from "../../common/json.ts";
import type { ChatRequest } from "../chat.ts";
import type { EncodeContext } from "../codec.ts";
import { decodeRequest } from "./request/decode.ts";
import { encodeRequest } from "./request/encode.ts";
import { fieldOf, type Json, numberOf } from "./values.ts";

/**
 * What is to be counted: bare `contents`, a `generateContentRequest`, or Vertex's flat form.
 * @throws PorticoError `invalid_request` naming the field
 */
export function decodeCountRequest(body: unknown, context: { model: string }): ChatRequest {
  if (!isRecord(body)) throw badRequest("The request body must be a JSON object.");
  const inner = fieldOf(body, "generateContentRequest");
  const whole = isRecord(inner) ? inner : body;
  if (isRecord(inner) && body.contents !== undefined)
    throw badRequest("`contents` and `generateContentRequest` exclude each other.", "generateContentRequest");
  return decodeRequest(whole, { model: context.model, stream: false });
}

export function encodeCountRequest(request: ChatRequest, context: EncodeContext): Json {
  const body = encodeRequest(request, context);
  if (context.provider === "vertex") {
    const { contents, systemInstruction, tools, generationConfig } = body;
    const fields = { contents, systemInstruction, tools, generationConfig };
    return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  }
  const model = request.model.includes("/") ? request.model : `models/${request.model}`;
  return { generateContentRequest: { model, ...body } };
}

/** @throws PorticoError `upstream` when there is no count. */
export function decodeCountReply(body: unknown): number {
  const total = numberOf(fieldOf(fieldsOf(body), "totalTokens"));
  if (total === undefined) throw new PorticoError("upstream", "The provider's reply has no `totalTokens`.");
  return total;
}

export function encodeCountReply(totalTokens: number): Json {
  return { totalTokens };
}
