/** Claude. A version that is not known yet is taken to be like the newest, of which the first line tells. */
import type { TraitRow } from "../traits.ts";

const DOCS = "https://platform.claude.com/docs/en";
const ALL = ["low", "medium", "high", "xhigh", "max"] as const;
/** https://platform.claude.com/docs/en/api/models-list has limits and `capabilities` of each model itself. */
const LIST = `${DOCS}/about-claude/models/overview`;

export const ANTHROPIC_ROWS: readonly TraitRow[] = [
  {
    models: "claude",
    traits: {
      claude: true,
      efforts: ALL,
      thinking: "adaptive",
      thinksByDefault: true,
      off: "never",
      speaksInThinking: true,
      forcedToolChoice: "never",
      sampling: "none",
      refusedTools: ["computer_20241022", "computer_20250124", "computer_20251124"],
      prefill: false,
      jsonSchema: true,
      systemMessages: true,
      searchesTools: true,
      compactsItself: true,
      thinkingBoundTo: "conversation",
      input: { image: true, pdf: true, audio: false },
      contextWindow: 1_000_000,
      maxOutputTokens: 128_000,
    },
    source: `${DOCS}/models/opus-5-5/whats-new-opus-5-5`,
    since: "2026-09",
  },
  {
    models: "claude",
    traits: { systemMessages: false },
    source: `${DOCS}/build-with-claude/mid-conversation-system-messages`,
    since: "2026-06",
    at: ["vertex"],
  },
  {
    models: "claude 5.5+ sonnet",
    traits: { off: "between_tools", offUpTo: "high", thinkingBoundTo: "account" },
    source: `${DOCS}/models/sonnet-5-5/migration-guide`,
    since: "2026-09",
  },
  {
    models: "claude 5.5+ haiku",
    traits: { off: "disabled", offUpTo: "high", forcedToolChoice: "any", thinkingBoundTo: "account" },
    source: `${DOCS}/models/haiku-5-5/migration-guide`,
    since: "2026-10",
  },
  {
    models: "claude -5.4",
    traits: {
      off: "disabled",
      thinkingBoundTo: "nothing",
      refusedTools: [],
      forcedToolChoice: "any",
      speaksInThinking: false,
    },
    source: `${DOCS}/build-with-claude/thinking`,
    since: "2026-06",
  },
  {
    models: "claude 5 opus",
    traits: { offUpTo: "high" },
    source: `${DOCS}/build-with-claude/thinking`,
    since: "2026-06",
  },
  {
    models: "claude 5 fable,mythos",
    traits: { off: "never" },
    source: `${DOCS}/build-with-claude/thinking`,
    since: "2026-06",
  },
  {
    models: "claude 5.1+ fable,mythos",
    traits: { off: "never", forcedToolChoice: "never", thinkingBoundTo: "conversation" },
    source: `${DOCS}/models/fable-5-1/migration-guide`,
    since: "2026-09",
  },
  {
    models: "claude -4.9",
    traits: { thinksByDefault: false },
    source: `${DOCS}/build-with-claude/adaptive-thinking`,
    since: "2026-02",
  },
  {
    models: "claude -4.7",
    traits: { systemMessages: false },
    source: `${DOCS}/build-with-claude/mid-conversation-system-messages`,
    since: "2026-05",
  },
  {
    models: "claude -4.6",
    traits: {
      thinking: "both",
      efforts: ["low", "medium", "high", "max"],
      sampling: "one",
      forcedToolChoice: "without-thinking",
    },
    source: `${DOCS}/build-with-claude/effort`,
    since: "2026-02",
  },
  { models: "claude -4.6 sonnet", traits: { maxOutputTokens: 64_000 }, source: LIST, since: "2026-02" },
  {
    models: "claude -4.5",
    traits: {
      thinking: "budget",
      efforts: [],
      prefill: true,
      contextWindow: 200_000,
      maxOutputTokens: 64_000,
    },
    source: `${DOCS}/build-with-claude/extended-thinking`,
    since: "2025-09",
  },
  {
    models: "claude -4.5",
    traits: { compactsItself: false },
    source: `${DOCS}/build-with-claude/compaction`,
    since: "2026-01",
  },
  {
    models: "claude 4.5 opus",
    traits: { efforts: ["low", "medium", "high"] },
    source: `${DOCS}/build-with-claude/effort`,
    since: "2025-11",
  },
  {
    models: "claude -4.4",
    traits: { jsonSchema: false },
    source: `${DOCS}/build-with-claude/structured-outputs`,
    since: "2025-11",
  },
  {
    models: "claude 4.1 opus",
    traits: { jsonSchema: true },
    source: `${DOCS}/build-with-claude/structured-outputs`,
    since: "2025-11",
  },
  { models: "claude 4-4.4 opus", traits: { maxOutputTokens: 32_000 }, source: LIST, since: "2025-05" },
  {
    models: "claude -3.9",
    traits: { searchesTools: false },
    source: `${DOCS}/agents-and-tools/tool-use/tool-search-tool`,
    since: "2025-11",
  },
  { models: "claude -4", traits: { sampling: "all" }, source: `${DOCS}/api/messages`, since: "2025-05" },
  {
    models: "claude -3.6",
    traits: { thinking: "none", reasons: false, maxOutputTokens: 8_192 },
    source: `${DOCS}/build-with-claude/extended-thinking`,
    since: "2025-02",
  },
  { models: "claude -3.4", traits: { maxOutputTokens: 4_096 }, source: LIST, since: "2024-03" },
];
