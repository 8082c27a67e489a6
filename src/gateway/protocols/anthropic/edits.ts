/** What a person's own route changes in a request's body of this protocol. */
import { type Fields, isRecord, listOf, numberOf } from "../../common/json.ts";
import { nearestEffort } from "../../models/effort.ts";
import type { ModelTraits } from "../../models/traits.ts";
import { type EditPlace, lowered } from "../bodyEdits.ts";
import type { Effort } from "../chat.ts";
import { effortToBudget } from "../reasoning.ts";
import { MIN_BUDGET } from "./request/thinking.ts";
import { threads } from "./threads.ts";
import { anthropicTraits } from "./traits.ts";

export function withPrefix(body: Fields, prefix: string): Fields {
  // A thread has its system prompt from its first request, and takes no other.
  if (threads.previous(body) !== undefined) return body;
  const own = body.system;
  const block = { type: "text", text: prefix };
  if (Array.isArray(own)) return { ...body, system: [block, ...listOf(own)] };
  return { ...body, system: typeof own === "string" ? `${prefix}\n\n${own}` : prefix };
}

export function withLimit(body: Fields, limit: number): Fields {
  const max_tokens = lowered(body.max_tokens, limit);
  const { thinking } = body;
  if (!isRecord(thinking) || typeof thinking.budget_tokens !== "number") return { ...body, max_tokens };
  // Thinking counts toward the limit and has to stay below it.
  if (thinking.budget_tokens < max_tokens) return { ...body, max_tokens };
  const fits = max_tokens > MIN_BUDGET;
  const less = fits ? { ...thinking, budget_tokens: max_tokens - 1 } : { type: "disabled" };
  return { ...body, max_tokens, thinking: less };
}

export const outputLimit = (body: Fields): number | undefined => numberOf(body.max_tokens);

export function withEffort(body: Fields, effort: Effort, { provider, model }: EditPlace): Fields {
  return anthropicEffort(body, effort, anthropicTraits(model, provider));
}

function anthropicEffort(body: Fields, effort: Effort, traits: ModelTraits): Fields {
  const { thinking, output_config: config, ...rest } = body;
  const { effort: _theirs, ...others } = isRecord(config) ? config : {};
  const kept = thinking === undefined ? {} : { thinking };
  if (effort === "none") {
    const type = traits.off === "between_tools" ? "between_tools" : "disabled";
    const stopped = traits.off === "never" ? kept : { thinking: { type } };
    return { ...rest, ...stopped, ...(Object.keys(others).length === 0 ? {} : { output_config: others }) };
  }
  if (traits.efforts.length > 0) {
    return { ...rest, ...kept, output_config: { ...others, effort: nearestEffort(effort, traits.efforts) } };
  }
  const limit = typeof rest.max_tokens === "number" ? rest.max_tokens : 0;
  const budget = Math.min(effortToBudget(effort), limit - 1);
  if (traits.thinking === "none" || budget < MIN_BUDGET) return body;
  return { ...body, thinking: { type: "enabled", budget_tokens: budget } };
}
