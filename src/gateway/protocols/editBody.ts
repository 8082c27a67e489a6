/**
 * What a person's own route changes in a request that goes through in its own protocol. The body is
 * written anew then; all that the edit does not name stays.
 */

import type { Protocol } from "../../control/protocol.ts";
import { isRecord } from "../common/json.ts";
import { modelTraits } from "./anthropic/models.ts";
import type { Effort } from "./chat.ts";
import { thinkingConfig } from "./gemini/request/thinking.ts";
import { dialectOf } from "./openaiChat/request/dialects.ts";
import { traitsOf } from "./openaiChat/request/models.ts";
import { effortToBudget } from "./reasoning.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What a person's own route changes in a request. */
export interface RouteEdit {
  /** How much to think, whatever the client asked for. */
  readonly effort?: Effort | undefined;
  /** Tokens of a reply at most; a lower limit of the client's own stays. */
  readonly maxTokens?: number | undefined;
  /** Put before the client's own system text. */
  readonly systemPrefix?: string | undefined;
}

export interface EditTarget {
  readonly protocol: Protocol;
  /** Id of the provider. */
  readonly provider: string;
  /** The model's name there. */
  readonly model: string;
}

/** The least `budget_tokens` that Anthropic accepts. */
const MIN_BUDGET = 1024;

/** A copy of a chat request's parsed body, as the route wants it. */
export function editBody(body: Fields, edit: RouteEdit, target: EditTarget): Fields {
  let edited = body;
  if (edit.systemPrefix !== undefined) edited = withPrefix(edited, edit.systemPrefix, target);
  if (edit.maxTokens !== undefined) edited = withLimit(edited, edit.maxTokens, target);
  if (edit.effort !== undefined) edited = withEffort(edited, edit.effort, target);
  return edited;
}

function withPrefix(body: Fields, prefix: string, { protocol }: EditTarget): Fields {
  switch (protocol) {
    case "openai-chat": {
      // `/v1/completions` has no system text.
      if (!Array.isArray(body.messages)) return body;
      return { ...body, messages: [{ role: "system", content: prefix }, ...listOf(body.messages)] };
    }
    case "openai-responses": {
      const own = body.instructions;
      return { ...body, instructions: typeof own === "string" ? `${prefix}\n\n${own}` : prefix };
    }
    case "anthropic": {
      const own = body.system;
      const block = { type: "text", text: prefix };
      if (Array.isArray(own)) return { ...body, system: [block, ...listOf(own)] };
      return { ...body, system: typeof own === "string" ? `${prefix}\n\n${own}` : prefix };
    }
    case "gemini": {
      const name = "system_instruction" in body ? "system_instruction" : "systemInstruction";
      const own = isRecord(body[name]) ? body[name] : {};
      return { ...body, [name]: { ...own, parts: [{ text: prefix }, ...listOf(own.parts)] } };
    }
  }
}

function withLimit(body: Fields, limit: number, { protocol, provider, model }: EditTarget): Fields {
  const least = (own: unknown): number => (typeof own === "number" ? Math.min(own, limit) : limit);
  switch (protocol) {
    case "openai-chat": {
      const traits = traitsOf(model);
      const name = ["max_completion_tokens", "max_tokens"].find((each) => typeof body[each] === "number");
      const modern = traits.fixedSampling || traits.verbosity;
      const field = name ?? (modern ? "max_completion_tokens" : dialectOf(provider).maxTokens);
      return { ...body, [field]: least(body[field]) };
    }
    case "openai-responses":
      return { ...body, max_output_tokens: least(body.max_output_tokens) };
    case "anthropic": {
      const max_tokens = least(body.max_tokens);
      const { thinking } = body;
      if (!isRecord(thinking) || typeof thinking.budget_tokens !== "number") return { ...body, max_tokens };
      // Thinking counts toward the limit and has to stay below it.
      if (thinking.budget_tokens < max_tokens) return { ...body, max_tokens };
      const fits = max_tokens > MIN_BUDGET;
      const less = fits ? { ...thinking, budget_tokens: max_tokens - 1 } : { type: "disabled" };
      return { ...body, max_tokens, thinking: less };
    }
    case "gemini":
      return inConfig(body, (config) => ({
        ...config,
        maxOutputTokens: least(config.maxOutputTokens ?? config.max_output_tokens),
      }));
  }
}

function withEffort(body: Fields, effort: Effort, { protocol, provider, model }: EditTarget): Fields {
  switch (protocol) {
    case "openai-chat":
      return { ...body, reasoning_effort: effort };
    case "openai-responses": {
      const own = isRecord(body.reasoning) ? body.reasoning : {};
      return { ...body, reasoning: { ...own, effort } };
    }
    case "anthropic":
      return anthropicEffort(body, effort, modelTraits(model, provider));
    case "gemini":
      return inConfig(body, ({ thinkingConfig: own, thinking_config: other, ...config }) => {
        const {
          thinkingBudget: _budget,
          thinkingLevel: _level,
          ...rest
        } = isRecord(own ?? other) ? ((own ?? other) as Fields) : {};
        const wanted = thinkingConfig({ effort }, model, () => {}) ?? {};
        return { ...config, thinkingConfig: { ...rest, ...wanted } };
      });
  }
}

function anthropicEffort(body: Fields, effort: Effort, traits: ReturnType<typeof modelTraits>): Fields {
  const { thinking, output_config: config, ...rest } = body;
  const { effort: _theirs, ...others } = isRecord(config) ? config : {};
  const kept = thinking === undefined ? {} : { thinking };
  if (effort === "none") {
    const stopped = traits.canStopThinking ? { thinking: { type: "disabled" } } : kept;
    return { ...rest, ...stopped, ...(Object.keys(others).length === 0 ? {} : { output_config: others }) };
  }
  if (traits.efforts.length > 0) {
    const wanted = effort === "minimal" ? "low" : effort;
    const known = traits.efforts.find((each) => each === wanted) ?? traits.efforts.at(-1);
    return { ...rest, ...kept, output_config: { ...others, effort: known } };
  }
  const limit = typeof rest.max_tokens === "number" ? rest.max_tokens : 0;
  const budget = Math.min(effortToBudget(effort), limit - 1);
  if (traits.thinking === "none" || budget < MIN_BUDGET) return body;
  return { ...body, thinking: { type: "enabled", budget_tokens: budget } };
}

function inConfig(body: Fields, change: (config: Fields) => Fields): Fields {
  const name = "generation_config" in body ? "generation_config" : "generationConfig";
  const own = body[name];
  return { ...body, [name]: change(isRecord(own) ? own : {}) };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
