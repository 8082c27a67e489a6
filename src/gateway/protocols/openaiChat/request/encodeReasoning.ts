/** How much to think, in the words of the target. */
import type { ChatRequest, Effort, Warn } from "../../chat.ts";
import { effortToBudget, resolveEffort } from "../../reasoning.ts";
import type { Json } from "../values.ts";
import type { Dialect } from "./dialects.ts";
import { type ModelTraits, nearestEffort } from "./models.ts";

function choose(effort: Effort, accepted: readonly Effort[], warn: Warn): Effort | undefined {
  const chosen = nearestEffort(effort, accepted);
  if (chosen === undefined) {
    if (effort !== "none")
      warn("reasoning.effort", "this model takes no reasoning effort; its default is used");
  } else if (chosen !== effort)
    warn("reasoning.effort", `${effort} is not known to this model; ${chosen} was sent`);
  return chosen;
}

/** `thinking: {type}` as DeepSeek, z.ai and Moonshot have it. */
function toggle(effort: Effort | undefined, on: boolean): Json {
  if (effort === "none") return { thinking: { type: "disabled" } };
  return effort !== undefined || on ? { thinking: { type: "enabled" } } : {};
}

function encodeOpenRouter(request: ChatRequest): Json {
  const { effort, budgetTokens, show } = request.reasoning ?? {};
  const exclude = show === false ? { exclude: true } : {};
  if (budgetTokens !== undefined && budgetTokens > 0) {
    return { reasoning: { max_tokens: budgetTokens, ...exclude } };
  }
  const level = effort ?? resolveEffort(request.reasoning);
  if (level === "max") return { reasoning: { max_tokens: effortToBudget("max"), ...exclude } };
  if (level !== undefined) return { reasoning: { effort: level, ...exclude } };
  return { reasoning: { enabled: true, ...exclude } };
}

/** Kimi K3 has efforts and always thinks; K2.5 and K2.6 can be switched; others have no parameter. */
function encodeMoonshot(model: string, effort: Effort | undefined, on: boolean, warn: Warn): Json {
  if (/kimi-k(?:[3-9]|\d\d)/.test(model)) {
    const level = effort === undefined ? undefined : choose(effort, ["low", "high", "max"], warn);
    return level === undefined ? {} : { reasoning_effort: level };
  }
  if (/kimi-k2\.[56](?!\d)/.test(model)) return toggle(effort, on);
  if (effort === "none") warn("reasoning.effort", "this model cannot be told not to think");
  return {};
}

/** The fields that say how much to think; empty when the client did not say. */
export function encodeReasoning(
  request: ChatRequest,
  dialect: Dialect,
  traits: ModelTraits,
  warn: Warn,
): Json {
  const { reasoning } = request;
  if (reasoning === undefined) return {};
  const effort = resolveEffort(reasoning);
  const on = reasoning.adaptive === true || (reasoning.budgetTokens ?? 0) !== 0;
  switch (dialect.reasoning) {
    case "openrouter":
      return encodeOpenRouter(request);
    case "deepseek": {
      const level =
        effort === undefined || effort === "none" ? undefined : nearestEffort(effort, ["low", "high", "max"]);
      return { ...toggle(effort, on), ...(level === undefined ? {} : { reasoning_effort: level }) };
    }
    case "zai":
      return toggle(effort, on);
    case "moonshot":
      return encodeMoonshot(request.model.toLowerCase(), effort, on, warn);
    case "effort": {
      if (effort === undefined) return {};
      const level = choose(effort, traits.efforts, warn);
      return level === undefined ? {} : { reasoning_effort: level };
    }
    case "none":
      if (effort !== undefined && effort !== "none") {
        warn("reasoning.effort", "this provider takes no reasoning effort; the model's default is used");
      }
      return {};
  }
}
