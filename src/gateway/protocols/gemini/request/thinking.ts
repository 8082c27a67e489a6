/**
 * Reasoning as `thinkingConfig`. Gemini 2.5 takes a budget, Gemini 3 a level, neither takes both,
 * and the ranges differ by model: https://ai.google.dev/gemini-api/docs/thinking
 */
import type { Effort, Reasoning, Warn } from "../../chat.ts";
import { DYNAMIC_BUDGET, resolveBudget, resolveEffort } from "../../reasoning.ts";
import { bareModel, generation, olderThan } from "../model.ts";

export interface ThinkingConfig {
  includeThoughts?: boolean;
  thinkingBudget?: number;
  thinkingLevel?: "MINIMAL" | "LOW" | "MEDIUM" | "HIGH";
}

const LEVELS: Readonly<Record<Effort, NonNullable<ThinkingConfig["thinkingLevel"]>>> = {
  none: "MINIMAL",
  minimal: "MINIMAL",
  low: "LOW",
  medium: "MEDIUM",
  high: "HIGH",
  xhigh: "HIGH",
  max: "HIGH",
};

export function thinkingConfig(
  reasoning: Reasoning | undefined,
  model: string,
  warn: Warn,
): ThinkingConfig | undefined {
  if (reasoning === undefined) return undefined;
  if (olderThan(model, 2.5) && !bareModel(model).includes("thinking")) {
    if (resolveBudget(reasoning) !== 0) warn("reasoning", `${model} does not think; left out`);
    return undefined;
  }
  const show = reasoning.show ?? (reasoning.summary === undefined ? undefined : true);
  const config: ThinkingConfig = {
    ...(show === undefined ? {} : { includeThoughts: show }),
    ...amount(reasoning, model, warn),
  };
  return Object.keys(config).length === 0 ? undefined : config;
}

function amount(reasoning: Reasoning, model: string, warn: Warn): ThinkingConfig {
  if (olderThan(model, 3)) {
    const budget = resolveBudget(reasoning);
    return budget === undefined ? {} : { thinkingBudget: clampBudget(budget, bareModel(model), warn) };
  }
  // Only what is surely a Gemini 3 refuses budgets in favour of levels.
  const named = generation(model) !== undefined || bareModel(model).startsWith("gemini");
  if (!named && reasoning.effort === undefined) {
    const budget = resolveBudget(reasoning);
    return budget === undefined ? {} : { thinkingBudget: budget };
  }
  const effort = resolveEffort(reasoning);
  return effort === undefined ? {} : { thinkingLevel: level(effort, model, warn) };
}

function clampBudget(budget: number, model: string, warn: Warn): number {
  if (budget === DYNAMIC_BUDGET) return budget;
  const lite = model.includes("lite");
  const pro = model.includes("pro");
  const least = pro ? 128 : lite && budget > 0 ? 512 : 0;
  const most = pro ? 32_768 : 24_576;
  const clamped = Math.min(Math.max(budget, least), most);
  if (clamped !== budget)
    warn("reasoning", `${model} thinks ${least} to ${most} tokens; ${clamped} instead of ${budget}`);
  return clamped;
}

function level(effort: Effort, model: string, warn: Warn): NonNullable<ThinkingConfig["thinkingLevel"]> {
  let chosen = LEVELS[effort];
  const name = bareModel(model);
  if (name.includes("pro")) {
    if (chosen === "MINIMAL") chosen = "LOW";
    if (chosen === "MEDIUM" && generation(model) === 3) chosen = "HIGH";
  }
  if (chosen.toLowerCase() !== effort) warn("reasoning", `effort ${effort} became level ${chosen}`);
  return chosen;
}
