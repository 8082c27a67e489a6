/** Sampling parameters and their ranges. */
import { dropped, type Feature, kept, mapped } from "../feature.ts";

export const SAMPLING: readonly Feature[] = [
  {
    name: "temperature",
    group: "Sampling",
    says: {
      "openai-chat": { temperature: 0.5 },
      "openai-responses": { temperature: 0.5 },
      anthropic: { temperature: 0.5 },
      gemini: { temperature: 0.5 },
    },
    gets: {
      "openai-chat": kept({ temperature: 0.5 }),
      "openai-responses": kept({ temperature: 0.5 }),
      anthropic: kept({ temperature: 0.5 }),
      gemini: kept({ "generationConfig.temperature": 0.5 }),
    },
  },
  {
    name: "temperature above 1",
    group: "Sampling",
    says: {
      "openai-chat": { temperature: 1.8 },
      "openai-responses": { temperature: 1.8 },
      gemini: { temperature: 1.8 },
    },
    gets: {
      "openai-chat": kept({ temperature: 1.8 }),
      "openai-responses": kept({ temperature: 1.8 }),
      anthropic: mapped("1, the most Anthropic takes", { temperature: 1 }, /temperature/),
      gemini: kept({ "generationConfig.temperature": 1.8 }),
    },
  },
  {
    name: "top_p",
    group: "Sampling",
    says: {
      "openai-chat": { top_p: 0.9 },
      "openai-responses": { top_p: 0.9 },
      anthropic: { top_p: 0.9 },
      gemini: { topP: 0.9 },
    },
    gets: {
      "openai-chat": kept({ top_p: 0.9 }),
      "openai-responses": kept({ top_p: 0.9 }),
      anthropic: kept({ top_p: 0.9 }, "dropped beside a temperature, for models that take one of the two"),
      gemini: kept({ "generationConfig.topP": 0.9 }),
    },
  },
  {
    name: "top_k",
    group: "Sampling",
    says: { anthropic: { top_k: 20 }, gemini: { topK: 20 } },
    gets: {
      "openai-chat": dropped("kept for local servers and OpenRouter", /top_k/, ["top_k"]),
      "openai-responses": dropped("", /top_k/, ["top_k"]),
      anthropic: kept({ top_k: 20 }),
      gemini: kept({ "generationConfig.topK": 20 }),
    },
  },
  {
    name: "presence and frequency penalties",
    group: "Sampling",
    says: {
      "openai-chat": { presence_penalty: 0.5, frequency_penalty: 2 },
      gemini: { presencePenalty: 0.5, frequencyPenalty: 1.5 },
    },
    gets: {
      "openai-chat": kept({ presence_penalty: 0.5, frequency_penalty: 1.5 }),
      "openai-responses": dropped("", /presence_penalty/),
      anthropic: dropped("", /presence_penalty/),
      gemini: mapped(
        "below 2, the end of its range",
        { "generationConfig.presencePenalty": 0.5, "generationConfig.frequencyPenalty": 1.99 },
        /frequency_penalty/,
      ),
    },
  },
  {
    name: "seed",
    group: "Sampling",
    says: { "openai-chat": { seed: 7 }, gemini: { seed: 7 } },
    gets: {
      "openai-chat": kept({ seed: 7 }),
      "openai-responses": dropped("", /seed/),
      anthropic: dropped("", /seed/),
      gemini: kept({ "generationConfig.seed": 7 }),
    },
  },
  {
    name: "logit bias",
    group: "Sampling",
    says: { "openai-chat": { logit_bias: { "50256": -100 } } },
    gets: {
      "openai-chat": kept({}),
      "openai-responses": dropped("", /logit_bias/),
      anthropic: dropped("", /logit_bias/),
      gemini: dropped("", /logit_bias/),
    },
  },
  {
    name: "sampling, for a model that reasons",
    group: "Sampling",
    model: {
      "openai-chat": "gpt-5",
      "openai-responses": "gpt-5",
      anthropic: "claude-opus-4-7",
      gemini: "gemini-3-pro-preview",
    },
    says: { gemini: { temperature: 0.5, topP: 0.9 } },
    gets: {
      "openai-chat": dropped("", /temperature.*top_p/, ["temperature", "top_p"]),
      "openai-responses": dropped("", /temperature.*top_p/, ["temperature", "top_p"]),
      anthropic: dropped("", /temperature.*top_p/, ["temperature", "top_p"]),
      gemini: kept({}),
    },
  },
];
