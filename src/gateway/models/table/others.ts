/** Models of further makers, with what their own endpoints say of them. */
import type { TraitRow } from "../traits.ts";

const XAI = "https://docs.x.ai/developers/model-capabilities/text/reasoning";
const KIMI = "https://platform.kimi.com/docs/api/chat";
const GLM = "https://docs.z.ai/guides/capabilities/thinking-mode";
const MISTRAL = "https://docs.mistral.ai/capabilities/reasoning";

export const OTHER_ROWS: readonly TraitRow[] = [
  {
    models: "grok",
    traits: {
      efforts: ["low", "medium", "high", "xhigh"],
      thinksByDefault: true,
      off: "never",
      stop: false,
      penalties: false,
      encryptsReasoning: true,
      input: { image: true, pdf: false, audio: false },
      contextWindow: 500_000,
    },
    source: XAI,
    since: "2026-08",
  },
  { models: "grok 4.5", traits: { efforts: ["low", "medium", "high"] }, source: XAI, since: "2026-07" },
  {
    models: "grok 4.3",
    traits: { efforts: ["none", "low", "medium", "high"], off: "none", contextWindow: 1_000_000 },
    source: "https://docs.x.ai/developers/migration/may-15-retirement",
    since: "2026-05",
  },
  {
    models: "grok -4.2",
    traits: { efforts: [], contextWindow: undefined },
    source: "https://github.com/NousResearch/hermes-agent/pull/23435 (asked of api.x.ai)",
    since: "2025-07",
  },
  {
    models: "grok 4.20",
    traits: { efforts: [], contextWindow: undefined },
    source: "https://github.com/NousResearch/hermes-agent/pull/23435 (asked of api.x.ai)",
    since: "2026-03",
  },
  {
    models: "grok non",
    traits: { thinksByDefault: false, stop: true, penalties: true },
    source: XAI,
    since: "2025-09",
  },
  { models: "grok code", traits: { efforts: [], contextWindow: undefined }, source: XAI, since: "2025-08" },
  {
    models: "grok -3",
    traits: { reasons: false, thinksByDefault: false, stop: true, penalties: true, off: "none" },
    source: "https://docs.x.ai/docs/models",
    since: "2025-02",
  },
  {
    models: "grok 3 mini",
    traits: { reasons: true, efforts: ["low", "high"], stop: false, penalties: false, off: "never" },
    source: "https://docs.x.ai/docs/models",
    since: "2025-02",
  },
  {
    models: "deepseek",
    traits: {
      efforts: ["low", "high", "max"],
      off: "disabled",
      forcedToolChoice: "without-thinking",
      input: { image: false, pdf: false, audio: false },
    },
    source: "https://api-docs.deepseek.com/guides/thinking_mode",
    since: "2026-04",
  },
  {
    models: "kimi",
    traits: {
      efforts: ["low", "high", "max"],
      thinksByDefault: true,
      off: "never",
      sampling: "none",
      forcedToolChoice: "unnamed",
    },
    source: KIMI,
    since: "2026-07",
  },
  {
    models: "kimi -2.9",
    traits: { efforts: [], off: "never", thinksByDefault: false, sampling: "all", forcedToolChoice: "any" },
    source: KIMI,
    since: "2025-07",
  },
  {
    models: "kimi 2.5-2.6",
    traits: {
      off: "disabled",
      thinksByDefault: true,
      sampling: "none",
      forcedToolChoice: "without-thinking",
    },
    source: KIMI,
    since: "2026-01",
  },
  {
    models: "glm",
    traits: {
      efforts: ["low", "high", "max"],
      thinksByDefault: true,
      off: "never",
      forcedToolChoice: "never",
      maxTokensField: "max_tokens",
    },
    source: GLM,
    since: "2026-09",
  },
  { models: "glm 5.2", traits: { efforts: ["high", "max"], off: "disabled" }, source: GLM, since: "2026-06" },
  { models: "glm -5.1", traits: { efforts: [], off: "disabled" }, source: GLM, since: "2025-07" },
  {
    models: "mistral",
    traits: {
      efforts: ["low", "medium", "high"],
      off: "never",
      thinksByDefault: true,
      forcedToolChoice: "unnamed",
      input: { image: true, pdf: true, audio: false },
    },
    source: MISTRAL,
    since: "2026-09",
  },
  {
    models: "mistral medium,small",
    traits: { efforts: ["none", "high"], off: "none", thinksByDefault: false },
    source: MISTRAL,
    since: "2026-04",
  },
  {
    models: "mistral -3.4",
    traits: { efforts: [], off: "none", thinksByDefault: false },
    source: MISTRAL,
    since: "2023-12",
  },
];
