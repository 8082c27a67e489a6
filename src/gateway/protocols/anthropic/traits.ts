/** What a model takes under this protocol, whose fields other makers' models know in part only. */
import { EFFORTS } from "../../models/effort.ts";
import type { ModelTraits } from "../../models/traits.ts";
import { traitsOf } from "../../models/traitsOf.ts";

/** `output_config.effort` of models that are not Claude's: https://api-docs.deepseek.com/guides/anthropic_api */
const TAKE_EFFORTS = new Set(["deepseek"]);

/**
 * Models that are not Claude's, served by others under this protocol, are taken to know its long-standing
 * part only: budgets, sampling, no JSON schema; and like Claude up to 4.6 they do not think where a call is
 * forced.
 * @param provider id of the provider
 */
export function anthropicTraits(model: string, provider: string, known?: Partial<ModelTraits>): ModelTraits {
  const traits = traitsOf(model, provider, known);
  if (traits.claude) return traits;
  return {
    ...traits,
    thinking: "budget",
    thinksByDefault: false,
    off: "disabled",
    efforts: TAKE_EFFORTS.has(provider) ? EFFORTS.filter((effort) => traits.efforts.includes(effort)) : [],
    forcedToolChoice: traits.forcedToolChoice === "any" ? "without-thinking" : traits.forcedToolChoice,
    sampling: "all",
    maxOutputTokens: undefined,
    ...known,
  };
}
