/**
 * Reasoning as `thinkingConfig`. Gemini 2.5 takes a budget, Gemini 3 a level, neither takes both,
 * and the ranges differ by model: https://ai.google.dev/gemini-api/docs/thinking
 */
import { type Effort, nearestEffort } from "../../../models/effort.ts";
import type { ModelTraits } from "../../../models/traits.ts";
import type { Reasoning, Warn } from "../../chat.ts";
import { DYNAMIC_BUDGET, resolveBudget, resolveEffort } from "../../reasoning.ts";

/** Efforts that Gemini has words for, the same in capitals; whether a model takes one is in the table of models. */
export const LEVELS = ["minimal", "low", "medium", "high", "xhigh"] as const satisfies readonly Effort[];

export interface ThinkingConfig {
  includeThoughts?: boolean;
  thinkingBudget?: number;
  thinkingLevel?: string;
}

/** What every model with levels has: for those that nothing is known of. */
const COMMON_LEVELS: readonly Effort[] = ["low", "medium", "high"];

/** @param model its name, for messages */
export function thinkingConfig(
  reasoning: Reasoning | undefined,
  model: string,
  traits: ModelTraits,
  warn: Warn,
): ThinkingConfig | undefined {
  if (reasoning === undefined) return undefined;
  if (traits.thinking === "none") {
    if (resolveBudget(reasoning) !== 0) warn("reasoning", `${model} does not think; left out`);
    return undefined;
  }
  const show = reasoning.show ?? (reasoning.summary === undefined ? undefined : true);
  const config: ThinkingConfig = {
    ...(show === undefined ? {} : { includeThoughts: show }),
    ...amount(reasoning, model, traits, warn),
  };
  return Object.keys(config).length === 0 ? undefined : config;
}

function amount(reasoning: Reasoning, model: string, traits: ModelTraits, warn: Warn): ThinkingConfig {
  // Of a model that is not in the table, only what was asked for is known.
  const known = traits.efforts.length > 0;
  if (traits.thinking === "budget" && (known || reasoning.effort === undefined)) {
    const budget = resolveBudget(reasoning);
    if (budget === undefined) return {};
    return { thinkingBudget: known ? clampBudget(budget, model, traits, warn) : budget };
  }
  const effort = resolveEffort(reasoning);
  return effort === undefined ? {} : level(effort, known ? traits.efforts : COMMON_LEVELS, warn);
}

function clampBudget(budget: number, model: string, traits: ModelTraits, warn: Warn): number {
  if (budget === DYNAMIC_BUDGET) return budget;
  const { most } = traits.budget;
  const least = budget > 0 || traits.off === "never" ? traits.budget.least : 0;
  const clamped = Math.min(Math.max(budget, least), most);
  if (clamped !== budget)
    warn("reasoning", `${model} thinks ${least} to ${most} tokens; ${clamped} instead of ${budget}`);
  return clamped;
}

/** Google's own table for its OpenAI-compatible endpoint rounds up between two levels. */
function level(effort: Effort, accepted: readonly Effort[], warn: Warn): ThinkingConfig {
  const nearest = nearestEffort(effort, accepted, "greater");
  const thinkingLevel = LEVELS.find((each) => each === nearest)?.toUpperCase();
  if (thinkingLevel === undefined) return {};
  if (nearest !== effort) warn("reasoning", `effort ${effort} became level ${thinkingLevel}`);
  return { thinkingLevel };
}
