/** How much to think, in the words of the target. */
import { type Effort, nearestEffort } from "../../../models/effort.ts";
import type { ModelTraits } from "../../../models/traits.ts";
import type { ChatRequest, Warn } from "../../chat.ts";
import { effortToBudget, resolveEffort } from "../../reasoning.ts";
import type { Json } from "../values.ts";
import type { Dialect } from "./dialects.ts";

export interface EncodedReasoning {
  /** Those that say how much to think; empty when the client did not say. */
  readonly fields: Json;
  /** Does the model think on this request? */
  readonly thinks: boolean;
}

/** The nearest effort that the model takes in chat completions. */
function choose(effort: Effort, traits: ModelTraits, warn: Warn): Effort | undefined {
  const accepted = traits.efforts.filter((each) => !traits.notOnChat.includes(each));
  const chosen = nearestEffort(effort, accepted);
  if (chosen === undefined) {
    if (effort !== "none")
      warn("reasoning.effort", "this model takes no reasoning effort; its default is used");
  } else if (chosen !== effort)
    warn("reasoning.effort", `${effort} is not known to this model; ${chosen} was sent`);
  return chosen;
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

/** `thinking: {type}` as DeepSeek, z.ai and Moonshot have it, beside efforts for models that have them. */
function encodeSwitch(effort: Effort | undefined, on: boolean, traits: ModelTraits, warn: Warn): Json {
  const stops = traits.off === "disabled";
  if (effort === "none" && stops) return { thinking: { type: "disabled" } };
  const wanted = effort !== undefined || on;
  const level = effort === undefined ? undefined : nearestEffort(effort, traits.efforts);
  if (effort === "none") {
    const instead = level === undefined ? "" : `; ${level} was sent`;
    warn("reasoning.effort", `this model cannot be told not to think${instead}`);
  }
  return {
    ...(stops && wanted ? { thinking: { type: "enabled" } } : {}),
    ...(level === undefined ? {} : { reasoning_effort: level }),
  };
}

/** Some models take tools in chat completions only while they do not think, which they do unless told. */
function besideTools(effort: Effort | undefined, traits: ModelTraits, tools: Json, warn: Warn): Json {
  const stopped = tools.tools !== undefined && traits.toolsOnChat === "effort-none";
  if (stopped && traits.efforts.includes("none")) {
    if (effort !== undefined && effort !== "none")
      warn("reasoning.effort", "switched off: this model does not think beside tools in chat completions");
    return { reasoning_effort: "none" };
  }
  const level = effort === undefined ? undefined : choose(effort, traits, warn);
  return level === undefined ? {} : { reasoning_effort: level };
}

function amount(request: ChatRequest, dialect: Dialect, traits: ModelTraits, tools: Json, warn: Warn): Json {
  const { reasoning } = request;
  const effort = resolveEffort(reasoning);
  switch (dialect.reasoning) {
    case "effort":
      return besideTools(effort, traits, tools, warn);
    case "openrouter":
      return reasoning === undefined ? {} : encodeOpenRouter(request);
    case "switch": {
      if (reasoning === undefined) return {};
      return encodeSwitch(
        effort,
        reasoning.adaptive === true || (reasoning.budgetTokens ?? 0) !== 0,
        traits,
        warn,
      );
    }
    case "none":
      if (effort !== undefined && effort !== "none") {
        warn("reasoning.effort", "this provider takes no reasoning effort; the model's default is used");
      }
      return {};
  }
}

/** @param tools the fields about tools, as they are sent */
export function encodeReasoning(
  request: ChatRequest,
  dialect: Dialect,
  traits: ModelTraits,
  tools: Json,
  warn: Warn,
): EncodedReasoning {
  const { tool_choice: choice } = tools;
  const forced = choice !== undefined && choice !== "auto" && choice !== "none";
  if (forced && traits.forcedToolChoice === "without-thinking" && dialect.reasoning === "switch") {
    if (resolveEffort(request.reasoning) !== "none")
      warn("reasoning", "switched off, as a tool call is demanded");
    return { fields: { thinking: { type: "disabled" } }, thinks: false };
  }
  const fields = amount(request, dialect, traits, tools, warn);
  const level = fields.reasoning_effort;
  return { fields, thinks: level === undefined ? traits.thinksByDefault : level !== "none" };
}
