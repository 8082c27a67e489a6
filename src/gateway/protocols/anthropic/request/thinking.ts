/**
 * Thinking, the token limit and sampling, which Anthropic ties together: thinking tokens count
 * toward `max_tokens`; a model that thinks takes neither a temperature nor a forced tool.
 */
import { isRecord } from "../../../common/json.ts";
import { EFFORTS, effortUpTo, nearestEffort } from "../../../models/effort.ts";
import type { ModelTraits } from "../../../models/traits.ts";
import { forcesCall } from "../../attainableChoice.ts";
import type { ChatRequest, Effort, Sampling, Warn } from "../../chat.ts";
import { ownFields } from "../../extra.ts";
import { budgetToEffort, effortToBudget, resolveBudget, resolveEffort } from "../../reasoning.ts";
import { isCompaction } from "../compaction.ts";
import type { JsonObject } from "../json.ts";
import type { Turn } from "./turns.ts";

/** `max_tokens` for a client that named no limit: room for the answer, beside any thinking. */
export const DEFAULT_MAX_TOKENS = 32_000;
/** The same for models that are not Claude's, which often have small windows. */
export const DEFAULT_MAX_TOKENS_OTHERS = 16_384;
/** The least `budget_tokens` that Anthropic accepts. */
export const MIN_BUDGET = 1_024;
/** Of a client's own limit, at most this part is for thinking. */
const BUDGET_SHARE = 0.75;

export interface Limits {
  maxTokens: number;
  thinking: JsonObject | undefined;
  effort: string | undefined;
  sampling: JsonObject;
}

export function planLimits(
  request: ChatRequest,
  turns: readonly Turn[],
  traits: ModelTraits,
  warn: Warn,
): Limits {
  const own = ownFields("anthropic", request);
  const ownThinking = isRecord(own.thinking) ? own.thinking : {};
  const ownEffort = isRecord(own.output_config) ? own.output_config.effort : undefined;
  let mode = chooseMode(request, traits, warn);
  if (mode.type === "default" && request.reasoning?.show !== false && speaksInThinking(request, traits)) {
    mode = { ...mode, shown: true };
  }
  if (stopsForCall(request.toolChoice, traits)) {
    if (mode.type === "on") {
      warn("reasoning", "switched off: this model does not think where a tool call is forced");
    }
    if (mode.type === "on" || (mode.type === "default" && traits.thinksByDefault)) mode = { type: "off" };
  }
  if (mode.type === "on" && mode.budget !== undefined && lacksThinking(turns)) {
    warn("reasoning", "switched off for this turn: the tool calls before it carry no signed thinking");
    mode = { type: "off" };
  }

  const { maxTokens, budget } = fitLimits(request, mode, traits, warn);
  if (mode.type === "on" && mode.budget !== undefined && budget === undefined) mode = { type: "off" };

  const display = displayOf(request, mode, traits);
  const thinking = ((): JsonObject | undefined => {
    if (typeof ownThinking.type === "string") return ownThinking;
    if (mode.type === "off") return switchedOff(traits);
    if (mode.type === "default") return mode.shown ? { type: "adaptive", ...display } : undefined;
    const kept = { ...display, ...ownThinking };
    return budget === undefined
      ? { type: "adaptive", ...kept }
      : { type: "enabled", budget_tokens: budget, ...kept };
  })();
  const thinks = mode.type === "on" || (mode.type === "default" && traits.thinksByDefault);
  const asked = mode.effort ?? (typeof ownEffort === "string" ? ownEffort : undefined);
  const effort = mode.type === "off" ? besideOff(asked, traits, warn) : asked;
  return { maxTokens, thinking, effort, sampling: encodeSampling(request.sampling, thinks, traits, warn) };
}

type Mode =
  | { type: "off"; effort?: Effort }
  /** `shown`: what it thinks is asked for, though nothing is said of how much. */
  | { type: "default"; effort?: Effort; shown?: true }
  /** With a budget: `enabled`; without: `adaptive`. */
  | { type: "on"; budget?: number; effort?: Effort };

/** Is thinking in the way of this tool choice, and can it be switched off? */
function stopsForCall(choice: ChatRequest["toolChoice"], traits: ModelTraits): boolean {
  return forcesCall(choice) && traits.forcedToolChoice === "without-thinking" && traits.off !== "never";
}

function switchedOff({ thinking, off }: ModelTraits): JsonObject | undefined {
  if (thinking === "none" || off === "never") return undefined;
  return { type: off === "between_tools" ? "between_tools" : "disabled" };
}

/** Beside thinking that is switched off, some models take the lesser efforts only. */
function besideOff(effort: string | undefined, traits: ModelTraits, warn: Warn): string | undefined {
  const known = EFFORTS.find((each) => each === effort);
  if (known === undefined) return effort;
  const fitting = effortUpTo(known, traits.offUpTo);
  if (fitting !== known) {
    warn("reasoning.effort", `${fitting} is the most that this model takes while it does not think`);
  }
  return fitting;
}

function chooseMode(request: ChatRequest, traits: ModelTraits, warn: Warn): Mode {
  const wish = request.reasoning;
  if (wish === undefined) return { type: "default" };
  const effort = resolveEffort(wish);
  const budget = resolveBudget(wish);
  if (wish.effort === "none" || budget === 0) {
    if (traits.off !== "never") return { type: "off" };
    warn("reasoning", "this model always thinks; it was asked to think little");
    return { type: "default", effort: "low" };
  }
  if (effort === undefined && budget === undefined) return { type: "default" };
  if (traits.thinking === "none") {
    warn("reasoning", "this model cannot think");
    return { type: "default" };
  }
  const budgetOnly = wish.budgetTokens !== undefined && wish.budgetTokens > 0 && !wish.adaptive;
  if (traits.thinking === "budget") {
    const tokens = budget === undefined || budget < 0 ? effortToBudget("medium") : budget;
    return { type: "on", budget: tokens, ...named(wish.effort, traits, warn) };
  }
  if (traits.thinking === "both" && budgetOnly) {
    return { type: "on", budget: wish.budgetTokens ?? MIN_BUDGET, ...named(wish.effort, traits, warn) };
  }
  if (budgetOnly && wish.effort === undefined) {
    const nearest = budgetToEffort(wish.budgetTokens ?? 0);
    warn("reasoning.budget", `this model takes no budget; its effort is ${nearest}`);
  }
  return { type: "on", ...named(effort, traits, warn) };
}

/** The effort in the words this model has; `undefined` where it has none. */
function named(effort: Effort | undefined, traits: ModelTraits, warn: Warn): { effort?: Effort } {
  if (effort === undefined || effort === "none") return {};
  const nearest = nearestEffort(effort, traits.efforts);
  if (nearest === undefined) return {};
  // `minimal` is OpenAI's and Google's word for the least; here it is `low`.
  if (nearest !== effort && effort !== "minimal") {
    warn("reasoning.effort", `this model has no effort ${effort}; it was given ${nearest}`);
  }
  return { effort: nearest };
}

/** In a loop of tool calls, thinking by budget must have begun the assistant's turn. */
function lacksThinking(turns: readonly Turn[]): boolean {
  const last = turns.findLast((turn) => turn.role === "assistant");
  if (last === undefined || !last.blocks.some((block) => block.type === "tool_use")) return false;
  const after = turns.at(-1);
  const loop = after?.role === "user" && after.blocks.some((block) => block.type === "tool_result");
  const first = last.blocks.find((block) => !isCompaction(block))?.type;
  return loop && first !== "thinking" && first !== "redacted_thinking";
}

/** `max_tokens`, and a budget that lies between its least value and below `max_tokens`. */
function fitLimits(
  request: ChatRequest,
  mode: Mode,
  traits: ModelTraits,
  warn: Warn,
): { maxTokens: number; budget: number | undefined } {
  const ceiling = traits.maxOutputTokens ?? Number.MAX_SAFE_INTEGER;
  const wished = mode.type === "on" ? mode.budget : undefined;
  const given = request.maxOutputTokens;
  if (given === undefined) {
    const room = Math.min(ceiling, traits.claude ? DEFAULT_MAX_TOKENS : DEFAULT_MAX_TOKENS_OTHERS);
    if (wished === undefined) return { maxTokens: room, budget: undefined };
    const maxTokens = Math.min(ceiling, room + wished);
    return { maxTokens, budget: shareOf(maxTokens, wished) };
  }
  // 0 warms the cache up, which only a client of this protocol means.
  const least = request.extra?.protocol === "anthropic" ? 0 : 1;
  const maxTokens = Math.max(least, Math.min(ceiling, Math.trunc(given)));
  if (maxTokens !== given) warn("max_tokens", `set to ${maxTokens}, the nearest value this model takes`);
  if (wished === undefined) return { maxTokens, budget: undefined };
  if (maxTokens <= MIN_BUDGET) {
    warn("reasoning", `switched off: ${maxTokens} tokens leave no room for it`);
    return { maxTokens, budget: undefined };
  }
  if (wished >= MIN_BUDGET && wished < maxTokens) return { maxTokens, budget: wished };
  const budget = shareOf(maxTokens, wished);
  warn("reasoning.budget", `set to ${budget} tokens, to fit the limits`);
  return { maxTokens, budget };
}

const shareOf = (maxTokens: number, wished: number): number =>
  Math.max(MIN_BUDGET, Math.min(wished, Math.floor(maxTokens * BUDGET_SHARE)));

/** Newer models keep their thinking to themselves unless asked. */
function displayOf(
  request: ChatRequest,
  mode: Mode,
  traits: ModelTraits,
): { display?: "summarized" | "omitted" } {
  const wish = request.reasoning;
  if (mode.type === "default" && mode.shown) return { display: "summarized" };
  const said = wish?.show ?? (wish?.summary === undefined ? undefined : true);
  const show = said ?? (speaksInThinking(request, traits) ? true : undefined);
  if (show === undefined || !traits.claude) return {};
  if (traits.thinking === "budget" && request.extra?.protocol !== "anthropic") return {};
  return { display: show ? "summarized" : "omitted" };
}

/**
 * What these models say between tool calls comes in thinking blocks, which are empty unless their text is
 * asked for. Clients of other protocols never are told so: without it, they would see nothing.
 */
function speaksInThinking(request: ChatRequest, traits: ModelTraits): boolean {
  return traits.speaksInThinking && request.tools.length > 0 && request.extra?.protocol !== "anthropic";
}

function encodeSampling(sampling: Sampling, thinks: boolean, traits: ModelTraits, warn: Warn): JsonObject {
  const out: JsonObject = {};
  const { temperature, topP, topK } = sampling;
  if (temperature !== undefined) {
    const clamped = Math.min(1, Math.max(0, temperature));
    if (traits.sampling === "none" || thinks) {
      // 1 is what the model does anyway.
      if (temperature !== 1) {
        warn("temperature", thinks ? "not possible while the model thinks" : "this model does not take it");
      }
    } else {
      if (clamped !== temperature) warn("temperature", `set to ${clamped}; Anthropic takes 0 to 1`);
      out.temperature = clamped;
    }
  }
  if (topP !== undefined && topP !== 1) {
    if (traits.sampling === "none") warn("top_p", "this model does not take it");
    else if (thinks && topP < 0.95) warn("top_p", "not possible below 0.95 while the model thinks");
    else if (traits.sampling === "one" && out.temperature !== undefined) {
      warn("top_p", "this model takes either a temperature or top_p; the temperature was kept");
    } else {
      const clamped = Math.min(1, Math.max(0, topP));
      if (clamped !== topP) warn("top_p", `set to ${clamped}; Anthropic takes 0 to 1`);
      out.top_p = clamped;
    }
  }
  if (topK !== undefined) {
    if (traits.sampling === "none" || thinks) warn("top_k", "not possible with this model");
    else if (topK < 1) warn("top_k", "it must be at least 1");
    else out.top_k = Math.trunc(topK);
  }
  for (const [key, name] of UNSPEAKABLE) {
    const value = sampling[key];
    if (value === undefined || value === 0) continue;
    warn(name, "Anthropic has no such parameter");
  }
  return out;
}

const UNSPEAKABLE: readonly (readonly [keyof Sampling, string])[] = [
  ["minP", "min_p"],
  ["frequencyPenalty", "frequency_penalty"],
  ["presencePenalty", "presence_penalty"],
  ["seed", "seed"],
  ["logitBias", "logit_bias"],
  ["logprobs", "logprobs"],
];
