/** What a person's own route changes in a request's body of this protocol. */
import { type Fields, listOf } from "../../common/json.ts";
import { type EditPlace, lowered } from "../bodyEdits.ts";
import type { Effort } from "../chat.ts";
import { dialectOf } from "./request/dialects.ts";
import { traitsOf } from "./request/models.ts";

export function withPrefix(body: Fields, prefix: string): Fields {
  // `/v1/completions` has no system text.
  if (!Array.isArray(body.messages)) return body;
  return { ...body, messages: [{ role: "system", content: prefix }, ...listOf(body.messages)] };
}

export function withLimit(body: Fields, limit: number, { provider, model }: EditPlace): Fields {
  const traits = traitsOf(model);
  const name = ["max_completion_tokens", "max_tokens"].find((each) => typeof body[each] === "number");
  const modern = traits.fixedSampling || traits.verbosity;
  const field = name ?? (modern ? "max_completion_tokens" : dialectOf(provider).maxTokens);
  return { ...body, [field]: lowered(body[field], limit) };
}

export function withEffort(body: Fields, effort: Effort): Fields {
  return { ...body, reasoning_effort: effort };
}
