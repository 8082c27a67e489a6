/** Effort, budgets and what is shown of them. */
import { type Feature, kept, mapped } from "../feature.ts";

export const REASONING: readonly Feature[] = [
  {
    name: "effort",
    group: "Reasoning",
    model: "reasoning",
    says: {
      "openai-chat": { reasoning_effort: "high" },
      "openai-responses": { reasoning: { effort: "high" } },
      anthropic: { thinking: { type: "adaptive" }, output_config: { effort: "high" } },
      gemini: { thinkingConfig: { thinkingLevel: "HIGH" } },
    },
    gets: {
      "openai-chat": kept({ reasoning_effort: "high" }),
      "openai-responses": kept({ "reasoning.effort": "high" }),
      anthropic: kept({ "thinking.type": "adaptive", "output_config.effort": "high" }),
      gemini: kept({ "generationConfig.thinkingConfig.thinkingLevel": "HIGH" }),
    },
  },
  {
    name: "effort, for a model with budgets",
    group: "Reasoning",
    model: {
      "openai-chat": "gpt-5",
      "openai-responses": "gpt-5",
      anthropic: "claude-sonnet-4-5",
      gemini: "gemini-2.5-pro",
    },
    says: {
      "openai-chat": { reasoning_effort: "low" },
      "openai-responses": { reasoning: { effort: "low" } },
    },
    gets: {
      "openai-chat": kept({ reasoning_effort: "low" }),
      "openai-responses": kept({ "reasoning.effort": "low" }),
      anthropic: mapped("a budget by the table below, on top of `max_tokens`", {
        thinking: { type: "enabled", budget_tokens: 4096 },
        max_tokens: 36096,
      }),
      gemini: mapped("a budget by the table below", {
        "generationConfig.thinkingConfig.thinkingBudget": 4096,
      }),
    },
  },
  {
    name: "budget of tokens",
    group: "Reasoning",
    model: {
      "openai-chat": "gpt-5",
      "openai-responses": "gpt-5",
      anthropic: "claude-sonnet-4-5",
      gemini: "gemini-2.5-pro",
    },
    says: {
      anthropic: { max_tokens: 16000, thinking: { type: "enabled", budget_tokens: 8000 } },
      gemini: { maxOutputTokens: 16000, thinkingConfig: { thinkingBudget: 8000 } },
    },
    gets: {
      "openai-chat": mapped("the nearest effort", { reasoning_effort: "medium" }),
      "openai-responses": mapped("the nearest effort", { "reasoning.effort": "medium" }),
      anthropic: kept(
        { thinking: { type: "enabled", budget_tokens: 8000 }, max_tokens: 16000 },
        "newer models: the nearest effort",
      ),
      gemini: kept({ "generationConfig.thinkingConfig.thinkingBudget": 8000 }, "Gemini 3: the nearest level"),
    },
  },
  {
    name: "no reasoning",
    group: "Reasoning",
    model: {
      "openai-chat": "gpt-5.1",
      "openai-responses": "gpt-5.1",
      anthropic: "claude-opus-4-6",
      gemini: "gemini-2.5-flash",
    },
    says: {
      "openai-chat": { reasoning_effort: "none" },
      "openai-responses": { reasoning: { effort: "none" } },
      anthropic: { thinking: { type: "disabled" } },
      gemini: { thinkingConfig: { thinkingBudget: 0 } },
    },
    gets: {
      "openai-chat": kept({ reasoning_effort: "none" }, "older models: the least effort"),
      "openai-responses": kept({ "reasoning.effort": "none" }, "older models: the least effort"),
      anthropic: kept({ thinking: { type: "disabled" } }),
      gemini: kept(
        { "generationConfig.thinkingConfig.thinkingBudget": 0 },
        "models that always think: the least they can",
      ),
    },
  },
  {
    name: "as much as the model likes",
    group: "Reasoning",
    model: "reasoning",
    says: {
      anthropic: { thinking: { type: "adaptive" } },
      gemini: { thinkingConfig: { thinkingBudget: -1 } },
    },
    gets: {
      "openai-chat": mapped("nothing is said; the model's default", {}),
      "openai-responses": mapped("nothing is said; the model's default", {}),
      anthropic: kept({ "thinking.type": "adaptive" }),
      gemini: mapped("nothing is said; Gemini 3 decides by itself", {}),
    },
  },
  {
    name: "reasoning shown",
    group: "Reasoning",
    model: {
      "openai-chat": "gpt-5",
      "openai-responses": "gpt-5",
      anthropic: "claude-opus-4-6",
      gemini: "gemini-3-pro-preview",
    },
    says: {
      "openai-responses": { reasoning: { effort: "high", summary: "auto" } },
      anthropic: { thinking: { type: "adaptive", display: "summarized" }, output_config: { effort: "high" } },
      gemini: { thinkingConfig: { thinkingLevel: "HIGH", includeThoughts: true } },
    },
    gets: {
      "openai-chat": mapped("providers that show reasoning do so unasked", { reasoning_effort: "high" }),
      "openai-responses": kept({ "reasoning.summary": "auto" }, "OpenAI shows summaries only"),
      anthropic: kept({ "thinking.display": "summarized" }),
      gemini: kept({ "generationConfig.thinkingConfig.includeThoughts": true }),
    },
  },
];
