/**
 * How much a model may think, in the three ways the protocols say it: a named effort (OpenAI
 * `reasoning_effort`, Anthropic `output_config.effort`, Gemini `thinkingLevel`), a budget of
 * tokens (Anthropic `thinking.budget_tokens`, Gemini `thinkingBudget`), or the model's own choice
 * (Anthropic `thinking.type: adaptive`, Gemini `thinkingBudget: -1`).
 *
 * | effort    | budget | a budget is read as this effort |
 * |-----------|--------|---------------------------------|
 * | `none`    |      0 | 0                               |
 * | `minimal` |   1024 | 1 … 2047                        |
 * | `low`     |   4096 | 2048 … 6143                     |
 * | `medium`  |   8192 | 6144 … 16383                    |
 * | `high`    |  24576 | 16384 … 28671                   |
 * | `xhigh`   |  32768 | 28672 … 49151                   |
 * | `max`     |  65536 | 49152 and more                  |
 *
 * 1024 is the least Anthropic accepts; 8192 and 24576 are what Google's OpenAI-compatible
 * endpoint documents for `medium` and `high`; 32768 is the most Gemini 2.5 Pro accepts; 65536 is
 * above every ceiling that gives one, so that targets clamp it to their own. The limits between
 * are near the middle, rounded to whole KiB.
 *
 * The model's own choice (-1 tokens, adaptive) without an effort is no effort at all: the target
 * keeps its default.
 */
import type { Effort, Reasoning } from "./chat.ts";

/** Stands for "as much as the model likes" wherever a budget is meant. */
export const DYNAMIC_BUDGET = -1;

interface Row {
  effort: Effort;
  budget: number;
  /** The least number of tokens that is read as this effort. */
  from: number;
}

/** From most to least. */
const TABLE: readonly Row[] = [
  { effort: "max", budget: 65_536, from: 49_152 },
  { effort: "xhigh", budget: 32_768, from: 28_672 },
  { effort: "high", budget: 24_576, from: 16_384 },
  { effort: "medium", budget: 8_192, from: 6_144 },
  { effort: "low", budget: 4_096, from: 2_048 },
  { effort: "minimal", budget: 1_024, from: 1 },
  { effort: "none", budget: 0, from: 0 },
];

const BUDGET_OF = new Map(TABLE.map((row) => [row.effort, row.budget]));

/** Tokens that an effort stands for; 0 for `none`. */
export function effortToBudget(effort: Effort): number {
  return BUDGET_OF.get(effort) ?? 0;
}

/**
 * The effort that a budget of tokens comes nearest to. A negative number (`DYNAMIC_BUDGET`) is
 * `medium`; callers that can leave the effort away ask `resolveEffort` instead.
 */
export function budgetToEffort(tokens: number): Effort {
  if (!(tokens >= 0)) return "medium";
  return TABLE.find((row) => tokens >= row.from)?.effort ?? "none";
}

/** The effort a request asks for, in a protocol that has only efforts. `undefined`: not said. */
export function resolveEffort(reasoning: Reasoning | undefined): Effort | undefined {
  if (reasoning === undefined) return undefined;
  if (reasoning.effort !== undefined) return reasoning.effort;
  const budget = reasoning.budgetTokens;
  return budget === undefined || budget < 0 ? undefined : budgetToEffort(budget);
}

/**
 * The budget a request asks for, in a protocol that has only budgets: tokens, 0 for "do not
 * think", `DYNAMIC_BUDGET` for the model's own choice. `undefined`: not said.
 */
export function resolveBudget(reasoning: Reasoning | undefined): number | undefined {
  if (reasoning === undefined) return undefined;
  if (reasoning.budgetTokens !== undefined)
    return Math.max(DYNAMIC_BUDGET, Math.trunc(reasoning.budgetTokens));
  if (reasoning.effort !== undefined) return effortToBudget(reasoning.effort);
  return reasoning.adaptive === true ? DYNAMIC_BUDGET : undefined;
}
