/** What a person's own route changes in a request's body of this protocol. */
import { type Fields, listOf, numberOf } from "../../common/json.ts";
import { traitsOf } from "../../models/traitsOf.ts";
import { type EditPlace, lowered } from "../bodyEdits.ts";
import type { Effort } from "../chat.ts";
import { dialectOf } from "./request/dialects.ts";

export function withPrefix(body: Fields, prefix: string): Fields {
  // `/v1/completions` has no system text.
  if (!Array.isArray(body.messages)) return body;
  return { ...body, messages: [{ role: "system", content: prefix }, ...listOf(body.messages)] };
}

export function withLimit(body: Fields, limit: number, { provider, model }: EditPlace): Fields {
  const { maxTokensField } = traitsOf(model, provider);
  const name = ["max_completion_tokens", "max_tokens"].find((each) => typeof body[each] === "number");
  const field = name ?? maxTokensField ?? dialectOf(provider).maxTokens;
  return { ...body, [field]: lowered(body[field], limit) };
}

export const outputLimit = (body: Fields): number | undefined =>
  numberOf(body.max_completion_tokens) ?? numberOf(body.max_tokens);

export function withEffort(body: Fields, effort: Effort): Fields {
  return { ...body, reasoning_effort: effort };
}
