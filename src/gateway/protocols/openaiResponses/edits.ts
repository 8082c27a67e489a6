/** What a person's own route changes in a request's body of this protocol. */
import { type Fields, isRecord, numberOf } from "../../common/json.ts";
import { lowered } from "../bodyEdits.ts";
import type { Effort } from "../chat.ts";

export function withPrefix(body: Fields, prefix: string): Fields {
  const own = body.instructions;
  return { ...body, instructions: typeof own === "string" ? `${prefix}\n\n${own}` : prefix };
}

export function withLimit(body: Fields, limit: number): Fields {
  return { ...body, max_output_tokens: lowered(body.max_output_tokens, limit) };
}

export const outputLimit = (body: Fields): number | undefined => numberOf(body.max_output_tokens);

export function withEffort(body: Fields, effort: Effort): Fields {
  const own = isRecord(body.reasoning) ? body.reasoning : {};
  return { ...body, reasoning: { ...own, effort } };
}
