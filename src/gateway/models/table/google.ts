/** Google's models. A Gemini that is not known yet is taken to be like the newest, of which the first line tells. */
import type { TraitRow } from "../traits.ts";

const THINKING = "https://ai.google.dev/gemini-api/docs/generate-content/thinking#thinking-levels";
const MODELS = "https://ai.google.dev/gemini-api/docs/models";

export const GOOGLE_ROWS: readonly TraitRow[] = [
  {
    models: "gemini",
    traits: {
      efforts: ["low", "medium", "high"],
      thinking: "adaptive",
      thinksByDefault: true,
      off: "never",
      sampling: "none",
      contextWindow: 1_048_576,
      maxOutputTokens: 65_536,
    },
    source: THINKING,
    since: "2026-10",
  },
  {
    models: "gemini 4+",
    traits: { maxOutputUnstreamed: 32_768 },
    source:
      "https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/start/get-started-with-gemini-4",
    since: "2026-10",
  },
  {
    models: "gemini 4 argon,carbon,neon",
    traits: { sampling: "all" },
    source: `${MODELS}/gemini-4-argon`,
    since: "2026-10",
  },
  {
    models: "gemini 4 hydrogen,neon",
    traits: { efforts: ["low", "medium", "high", "xhigh"] },
    source: "@earendil-works/pi-ai 1.6: models of google",
    since: "2026-11",
  },
  // Aliases (`gemini-flash-latest`) take sampling: they name models up to 3.8.
  {
    models: "gemini latest pro,flash",
    traits: { sampling: "all" },
    source: `${MODELS}#latest`,
    since: "2025-09",
  },
  { models: "gemini -3.9", traits: { sampling: "all" }, source: MODELS, since: "2023-12" },
  {
    models: "gemini 3-3.6 flash",
    traits: { efforts: ["minimal", "low", "medium", "high"] },
    source: THINKING,
    since: "2025-12",
  },
  {
    models: "gemini flash-lite",
    traits: { efforts: ["minimal", "low", "medium", "high"] },
    source: "https://github.com/maximhq/bifrost/issues/7287 (gemini-3.1-flash-lite)",
    since: "2026-03",
  },
  { models: "gemini 3 pro", traits: { efforts: ["low", "high"] }, source: THINKING, since: "2025-11" },
  {
    models: "gemini -2.9",
    traits: {
      efforts: ["minimal", "low", "medium", "high"],
      thinking: "budget",
      mixesTools: false,
      signedCalls: false,
      budget: { least: 0, most: 24_576 },
    },
    source: THINKING,
    since: "2025-06",
  },
  {
    models: "gemini 2.5 pro",
    traits: { budget: { least: 128, most: 32_768 } },
    source: THINKING,
    since: "2025-06",
  },
  {
    models: "gemini 2.5 flash",
    traits: {
      efforts: ["none", "minimal", "low", "medium", "high"],
      off: "none",
      budget: { least: 0, most: 24_576 },
    },
    source: THINKING,
    since: "2025-06",
  },
  {
    models: "gemini 2.5 flash-lite",
    traits: { budget: { least: 512, most: 24_576 }, thinksByDefault: false },
    source: THINKING,
    since: "2025-07",
  },
  {
    models: "gemini -2.4",
    traits: {
      reasons: false,
      thinking: "none",
      efforts: [],
      thinksByDefault: false,
      off: "none",
      plainSchemas: false,
      maxOutputTokens: 8_192,
    },
    source: MODELS,
    since: "2023-12",
  },
  {
    models: "gemini -2.4 thinking",
    traits: { reasons: true, thinking: "budget", efforts: ["minimal", "low", "medium", "high"] },
    source: MODELS,
    since: "2024-12",
  },
  {
    models: "gemini tts,audio,live",
    traits: { output: { image: false, audio: true } },
    source: "https://ai.google.dev/gemini-api/docs/speech-generation",
    since: "2025-05",
  },
  {
    models: "gemini image",
    traits: { output: { image: true, audio: false } },
    source: "https://ai.google.dev/gemini-api/docs/image-generation",
    since: "2025-08",
  },
  {
    models: "gemma",
    traits: {
      reasons: false,
      thinking: "none",
      mixesTools: false,
      plainSchemas: false,
      signedCalls: false,
    },
    source: "https://ai.google.dev/gemma/docs/core/gemma_on_gemini_api",
    since: "2025-03",
  },
];
