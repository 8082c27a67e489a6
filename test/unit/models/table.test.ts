import { describe, expect, it } from "vitest";
import { EFFORTS, type Effort, effortUpTo, nearestEffort } from "../../../src/gateway/models/effort.ts";
import { parseModelName } from "../../../src/gateway/models/name.ts";
import { matchesPattern, parsePattern } from "../../../src/gateway/models/pattern.ts";
import { TRAIT_TABLE } from "../../../src/gateway/models/table/table.ts";
import { type ModelTraits, UNKNOWN } from "../../../src/gateway/models/traits.ts";
import { keptNames, MAX_KEPT, traitsOf } from "../../../src/gateway/models/traitsOf.ts";
import fc from "../../support/property.ts";

const is = (pattern: string, model: string) => matchesPattern(parsePattern(pattern), parseModelName(model));

describe("a pattern", () => {
  it.each([
    ["claude 4.7-4.8", "claude-opus-4-8", true],
    ["claude 4.7-4.8", "claude-opus-5", false],
    ["claude -4.5", "claude-3-haiku-20240307", true],
    ["claude 5.5+ sonnet,haiku", "eu.anthropic.claude-haiku-5-5", true],
    ["claude 5.5+ sonnet,haiku", "claude-opus-5-5", false],
    ["gpt 5.1 codex-max", "gpt-5.1-codex-max", true],
    ["gpt 5.1 codex-max", "gpt-5.1-codex", false],
    ["gemini flash-lite", "gemini-flash-lite-latest", true],
    ["gemini latest flash", "gemini-flash-latest", true],
    ["gemini latest flash", "gemini-3.8-flash", false],
    ["*", "anything", true],
  ])("%s of %s: %s", (pattern, model, expected) => {
    expect(is(pattern, model)).toBe(expected);
  });

  it("that is none is an error", () => {
    expect(() => parsePattern("gpt 5 mini nano")).toThrow("no pattern of models");
    expect(() => parsePattern("")).toThrow("no pattern of models");
  });
});

describe("the table", () => {
  it("has a source and a month beside every line, and each line says something", () => {
    for (const row of TRAIT_TABLE) {
      expect(row.source, row.models).toMatch(/^(?:https:\/\/\S+|openai \d|@earendil)/);
      expect(row.since, row.models).toMatch(/^20\d\d-(?:0[1-9]|1[0-2])$/);
      expect(Object.keys(row.traits).length, row.models).toBeGreaterThan(0);
      expect(() => parsePattern(row.models)).not.toThrow();
    }
  });

  it("names efforts from least to most, and `none` where that is how thinking is switched off", () => {
    for (const { models, traits } of TRAIT_TABLE) {
      const efforts = traits.efforts ?? [];
      expect(efforts, models).toEqual(EFFORTS.filter((effort) => efforts.includes(effort)));
    }
    for (const { models } of TRAIT_TABLE) {
      const traits = traitsOf(exampleOf(models));
      if (traits.efforts.includes("none")) expect(traits.off, models).toBe("none");
    }
  });
});

/** Some name that a pattern is about. */
function exampleOf(models: string): string {
  const { family, from, lines } = parsePattern(models);
  const version = Number.isFinite(from) && from > 0 ? `-${Math.floor(from / 100)}.${from % 100}` : "";
  return `${family}${version}${(lines[0] ?? []).map((word) => `-${word}`).join("")}`;
}

const LOW_TO_MAX = ["low", "medium", "high", "xhigh", "max"];
const KNOWN: readonly [string, Partial<ModelTraits>, string?][] = [
  [
    "claude-opus-5-5",
    {
      off: "never",
      forcedToolChoice: "never",
      sampling: "none",
      thinkingBoundTo: "conversation",
      speaksInThinking: true,
      maxOutputTokens: 128_000,
    },
    "anthropic",
  ],
  [
    "claude-opus-5-5",
    { refusedTools: ["computer_20241022", "computer_20250124", "computer_20251124"] },
    "anthropic",
  ],
  [
    "claude-sonnet-5-5",
    { off: "between_tools", offUpTo: "high", forcedToolChoice: "never", thinkingBoundTo: "account" },
    "anthropic",
  ],
  [
    "claude-haiku-5-5",
    {
      off: "disabled",
      offUpTo: "high",
      forcedToolChoice: "any",
      thinkingBoundTo: "account",
      maxOutputTokens: 128_000,
    },
  ],
  ["claude-fable-5-1", { off: "never", forcedToolChoice: "never", thinkingBoundTo: "conversation" }],
  ["claude-fable-5", { off: "never", forcedToolChoice: "any", thinkingBoundTo: "nothing" }],
  [
    "claude-opus-5",
    {
      off: "disabled",
      offUpTo: "high",
      forcedToolChoice: "any",
      thinkingBoundTo: "nothing",
      refusedTools: [],
    },
  ],
  ["claude-opus-4-8", { off: "disabled", systemMessages: true, thinksByDefault: false }],
  ["claude-opus-4-8", { systemMessages: false }, "vertex"],
  [
    "claude-sonnet-4-6",
    {
      thinking: "both",
      efforts: ["low", "medium", "high", "max"],
      forcedToolChoice: "without-thinking",
      maxOutputTokens: 64_000,
    },
  ],
  ["claude-opus-4-5-20251101", { thinking: "budget", efforts: ["low", "medium", "high"], prefill: true }],
  ["claude-3-5-haiku-latest", { thinking: "none", maxOutputTokens: 8_192 }],
  [
    "gpt-6-astra",
    {
      efforts: LOW_TO_MAX as Effort[],
      notOnChat: ["max"],
      off: "never",
      toolsOnChat: "never",
      stop: false,
      sampling: "none",
    },
    "openai",
  ],
  ["gpt-6.2-sol", { off: "never", toolsOnChat: "never" }, "openai"],
  ["gpt-6-sol", { efforts: ["none", ...LOW_TO_MAX] as Effort[], toolsOnChat: "effort-none" }, "openai"],
  ["openai/gpt-6-sol", { toolsOnChat: "any" }, "openrouter"],
  [
    "gpt-5.6-luna",
    {
      efforts: ["none", ...LOW_TO_MAX] as Effort[],
      toolsOnChat: "effort-none",
      cacheBreakpoints: true,
      stop: false,
    },
    "openai",
  ],
  [
    "gpt-5.5",
    {
      efforts: ["none", "low", "medium", "high", "xhigh"],
      toolsOnChat: "effort-none",
      cacheBreakpoints: false,
    },
    "openai",
  ],
  [
    "gpt-5.2",
    { efforts: ["none", "low", "medium", "high", "xhigh"], toolsOnChat: "any", stop: false },
    "openai",
  ],
  ["gpt-5.1-2025-11-13", { efforts: ["none", "low", "medium", "high"] }],
  ["gpt-5-mini", { efforts: ["minimal", "low", "medium", "high"], sampling: "none", stop: false }],
  ["gpt-5-pro", { efforts: ["high"], notBy: ["openai-chat"] }, "openai"],
  ["gpt-5.5-pro", { efforts: ["medium", "high", "xhigh"], notBy: ["openai-chat"], off: "never" }, "openai"],
  ["openai/gpt-5.5-pro", { notBy: [] }, "openrouter"],
  ["gpt-5.3-codex", { notBy: ["openai-chat"] }, "openai"],
  ["gpt-5.1-codex", { notBy: [] }, "openai"],
  ["gpt-5-chat-latest", { efforts: [], stop: true, sampling: "all", toolsOnChat: "any" }, "openai"],
  [
    "gpt-4.1",
    { efforts: [], stop: true, sampling: "all", maxOutputTokens: 32_768, notBy: [], toolsOnChat: "any" },
    "openai",
  ],
  ["gpt-4o-search-preview", { searches: true }],
  ["o3-deep-research", { notBy: ["openai-chat"], stop: false }, "openai"],
  ["o4-mini", { efforts: ["low", "medium", "high"], notBy: [] }, "openai"],
  [
    "gemini-4-argon",
    { efforts: ["low", "medium", "high"], off: "never", sampling: "all", maxOutputUnstreamed: 32_768 },
  ],
  ["gemini-4-hydrogen", { efforts: ["low", "medium", "high", "xhigh"], sampling: "none" }],
  ["gemini-3.8-flash", { efforts: ["low", "medium", "high"], sampling: "all" }],
  ["gemini-flash-latest", { efforts: ["low", "medium", "high"], sampling: "all" }],
  ["gemini-flash-lite-latest", { efforts: ["minimal", "low", "medium", "high"] }],
  ["gemini-3.6-flash", { efforts: ["minimal", "low", "medium", "high"] }],
  ["gemini-3.1-pro-preview", { efforts: ["low", "medium", "high"] }],
  ["gemini-3-pro-preview", { efforts: ["low", "high"] }],
  ["gemini-2.5-pro", { thinking: "budget", budget: { least: 128, most: 32_768 }, off: "never" }],
  ["gemini-2.5-flash-lite", { thinking: "budget", budget: { least: 512, most: 24_576 }, off: "none" }],
  ["gemini-2.0-flash", { thinking: "none", maxOutputTokens: 8_192 }],
  ["grok-4.7", { efforts: ["low", "medium", "high", "xhigh"], off: "never", stop: false, penalties: false }],
  ["grok-4.3", { efforts: ["none", "low", "medium", "high"] }],
  ["grok-4.20-0309-reasoning", { efforts: [] }],
  ["grok-3-mini", { efforts: ["low", "high"] }],
  ["kimi-k3", { efforts: ["low", "high", "max"], off: "never", forcedToolChoice: "unnamed" }],
  ["kimi-k2.6", { efforts: [], off: "disabled", forcedToolChoice: "without-thinking" }],
  ["glm-5.3-flash", { efforts: ["low", "high", "max"], off: "never", forcedToolChoice: "never" }],
  ["glm-5.2", { efforts: ["high", "max"], off: "disabled" }],
  ["mistral-large-4", { efforts: ["low", "medium", "high"], off: "never" }],
  ["mistral-small-latest", { efforts: ["none", "high"], off: "none" }],
  ["mistral-large-2411", { efforts: [] }],
  [
    "deepseek-flash",
    { efforts: ["low", "high", "max"], off: "disabled", forcedToolChoice: "without-thinking" },
  ],
];

describe("traits", () => {
  it.each(KNOWN)("of %s", (model, expected, provider) => {
    expect(traitsOf(model, provider)).toMatchObject(expected);
  });

  it.each(["claude-opus-7", "claude-saga-6", "gpt-7-nova", "gpt-6.9", "gemini-5-xenon"])(
    "of %s, which is not in the table: its newest relatives'",
    (model) => {
      const { efforts, off, sampling } = traitsOf(model);
      expect(efforts.length).toBeGreaterThan(0);
      expect(efforts).not.toContain("none");
      expect(efforts).not.toContain("minimal");
      expect({ off, sampling }).toEqual({ off: "never", sampling: "none" });
    },
  );

  it("of a Claude that is not in the table: no forced choice", () => {
    expect(traitsOf("claude-saga-6").forcedToolChoice).toBe("never");
  });

  it("of a model without relatives: whatever its server takes", () => {
    expect(traitsOf("qwen3:8b")).toEqual(UNKNOWN);
  });

  it("that the provider tells of beat the table", () => {
    expect(traitsOf("claude-opus-5-5", "anthropic", { off: "disabled" }).off).toBe("disabled");
    expect(traitsOf("claude-opus-5-5", "anthropic").off).toBe("never");
  });

  it("are kept for a bounded number of names", () => {
    for (let index = 0; index < MAX_KEPT + 50; index++) traitsOf(`model-${index}`);
    expect(keptNames()).toBe(MAX_KEPT);
  });
});

describe("efforts", () => {
  const effort = fc.constantFrom(...EFFORTS);
  const accepted = fc.subarray([...EFFORTS]);

  it("become the nearest that is accepted, and some thinking never becomes none", () => {
    fc.assert(
      fc.property(effort, accepted, (wanted, list) => {
        const chosen = nearestEffort(wanted, list);
        if (chosen === undefined) {
          expect(list.filter((each) => each !== "none" || wanted === "none")).toEqual([]);
          return;
        }
        expect(list).toContain(chosen);
        if (wanted !== "none") expect(chosen).not.toBe("none");
        if (list.includes(wanted)) expect(chosen).toBe(wanted);
      }),
    );
  });

  it("are limited", () => {
    expect(effortUpTo("max", "high")).toBe("high");
    expect(effortUpTo("low", "high")).toBe("low");
  });
});
