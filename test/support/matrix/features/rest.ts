/** Metadata, tiers, caching and state. */
import { dropped, type Feature, kept, mapped } from "../feature.ts";

export const REST: readonly Feature[] = [
  {
    name: "metadata",
    group: "Rest",
    says: { "openai-chat": { metadata: { run: "r1" } }, "openai-responses": { metadata: { run: "r1" } } },
    gets: {
      "openai-chat": dropped("it is taken beside `store: true` alone", /metadata/, ["metadata"]),
      "openai-responses": kept({ metadata: { run: "r1" } }),
      anthropic: dropped("", /metadata/, ["metadata"]),
      gemini: mapped("`labels`, where keys and values are valid labels", { labels: { run: "r1" } }),
    },
  },
  {
    name: "metadata of a reply that is stored",
    group: "Rest",
    says: {
      "openai-chat": { metadata: { run: "r1" }, store: true },
      "openai-responses": { metadata: { run: "r1" }, store: true },
    },
    gets: {
      "openai-chat": kept({ metadata: { run: "r1" }, store: true }),
      "openai-responses": kept({ metadata: { run: "r1" }, store: true }),
      anthropic: dropped("", /metadata/, ["metadata"]),
      gemini: mapped("`labels`, where keys and values are valid labels", { labels: { run: "r1" } }, /store/),
    },
  },
  {
    name: "id of the end user",
    group: "Rest",
    says: {
      "openai-chat": { user: "u1" },
      "openai-responses": { user: "u1" },
      anthropic: { metadata: { user_id: "u1" } },
    },
    gets: {
      "openai-chat": kept({ user: "u1" }),
      "openai-responses": kept({ user: "u1" }),
      anthropic: kept({ metadata: { user_id: "u1" } }),
      gemini: dropped("", /user/),
    },
  },
  {
    name: "service tier",
    group: "Rest",
    says: {
      "openai-chat": { service_tier: "priority" },
      "openai-responses": { service_tier: "priority" },
      gemini: { serviceTier: "priority" },
    },
    gets: {
      "openai-chat": kept({ service_tier: "priority" }),
      "openai-responses": kept({ service_tier: "priority" }),
      anthropic: mapped("`auto`: priority where the organization has it", { service_tier: "auto" }),
      gemini: kept({ serviceTier: "priority" }),
    },
  },
  {
    name: "`service_tier: standard_only`",
    group: "Rest",
    says: { anthropic: { service_tier: "standard_only" } },
    gets: {
      "openai-chat": mapped("`default`", { service_tier: "default" }),
      "openai-responses": mapped("`default`", { service_tier: "default" }),
      anthropic: kept({}),
      gemini: mapped("`standard`", { serviceTier: "standard" }),
    },
  },
  {
    name: "cache markers",
    group: "Rest",
    says: { anthropic: { system: [{ type: "text", text: "Long.", cache_control: { type: "ephemeral" } }] } },
    gets: {
      "openai-chat": mapped("prompts are cached there without markers; GPT-5.6 and OpenRouter get them", {}),
      "openai-responses": mapped(
        "prompts are cached there without markers",
        { "input.0.role": "system" },
        /cache_control/,
      ),
      anthropic: kept({}),
      gemini: mapped("prompts are cached there without markers", {
        "systemInstruction.parts.0.text": "Long.",
      }),
    },
  },
  {
    name: "`prompt_cache_key`",
    group: "Rest",
    says: { "openai-chat": { prompt_cache_key: "k1" }, "openai-responses": { prompt_cache_key: "k1" } },
    gets: {
      "openai-chat": kept({ prompt_cache_key: "k1" }),
      "openai-responses": kept({ prompt_cache_key: "k1" }),
      anthropic: mapped("markers at the ends of tools, system text and the last two turns of the user", {
        "messages.0.content.0.cache_control": { type: "ephemeral" },
      }),
      gemini: mapped("prompts are cached there without a key", {}),
    },
  },
  {
    name: "`cachedContent`",
    group: "Rest",
    says: { gemini: { cachedContent: "cachedContents/abc" } },
    gets: {
      "openai-chat": dropped("it is Google's own", /cached_?content/i),
      "openai-responses": dropped("it is Google's own", /cached_?content/i),
      anthropic: dropped("it is Google's own", /cached_?content/i),
      gemini: kept({}),
    },
  },
  {
    name: "`safetySettings`",
    group: "Rest",
    says: { gemini: { safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }] } },
    gets: {
      "openai-chat": dropped("", /safetySettings/),
      "openai-responses": dropped("", /safetySettings/),
      anthropic: dropped("", /safetySettings/),
      gemini: kept({}),
    },
  },
  {
    name: "`store`",
    group: "Rest",
    says: { "openai-chat": { store: true }, "openai-responses": { store: true } },
    gets: {
      "openai-chat": kept({ store: true }),
      "openai-responses": kept({ store: true }),
      anthropic: dropped("", /store/),
      gemini: dropped("", /store/),
    },
  },
];
