import { describe, expect, it } from "vitest";
import { bareName, parseModelName } from "../../../src/gateway/models/name.ts";
import fc from "../../support/property.ts";

describe("a model's name", () => {
  it.each([
    ["claude-opus-4-5-20251101", "claude-opus-4-5"],
    ["us.anthropic.claude-opus-4-5-20251101-v1:0", "claude-opus-4-5"],
    ["global.anthropic.claude-sonnet-5-5", "claude-sonnet-5-5"],
    ["anthropic.claude-haiku-5-5", "claude-haiku-5-5"],
    ["anthropic/claude-sonnet-4.5:beta", "claude-sonnet-4.5"],
    ["claude-opus-4-1@20250805", "claude-opus-4-1"],
    ["publishers/google/models/gemini-2.5-pro", "gemini-2.5-pro"],
    ["models/gemini-flash-latest", "gemini-flash"],
    ["gpt-5.5-2026-04-23", "gpt-5.5"],
    ["openai/gpt-5.4-mini", "gpt-5.4-mini"],
    ["ft:gpt-4.1-mini:my-org::abc123", "gpt-4.1-mini"],
    ["gpt-5.3-chat-latest", "gpt-5.3-chat"],
    ["GPT-5", "gpt-5"],
  ])("%s without what endpoints put around it is %s", (model, bare) => {
    expect(bareName(model)).toBe(bare);
  });

  it.each([
    ["claude-opus-4-5-20251101", "claude", 405, ["opus"]],
    ["claude-3-5-sonnet-20241022", "claude", 305, ["sonnet"]],
    ["claude-sonnet-5", "claude", 500, ["sonnet"]],
    ["claude-mythos-preview", "claude", Infinity, ["mythos", "preview"]],
    ["databricks-claude-sonnet-4", "claude", 400, ["sonnet"]],
    ["gpt-5.1-codex-max", "gpt", 501, ["codex", "max"]],
    ["gpt-4o-mini", "gpt", 400, ["4o", "mini"]],
    ["gpt-4-0613", "gpt", 400, ["0613"]],
    ["gpt-6-astra", "gpt", 600, ["astra"]],
    ["gpt-oss-120b", "gpt-oss", Infinity, ["120b"]],
    ["o3-mini-2025-01-31", "o", 300, ["mini"]],
    ["o1", "o", 100, []],
    ["gemini-3.1-flash-lite-preview", "gemini", 301, ["flash", "lite", "preview"]],
    ["gemini-flash-latest", "gemini", Infinity, ["flash"]],
    ["grok-4.20-0309-reasoning", "grok", 420, ["0309", "reasoning"]],
    ["grok-4-1-fast", "grok", 401, ["fast"]],
    ["kimi-k2.6", "kimi", 206, []],
    ["accounts/fireworks/models/glm-5p3-flash", "glm", 503, ["flash"]],
    ["deepseek-v4-pro", "deepseek", 400, ["pro"]],
    ["mistral-large-2411", "mistral", 0, ["large", "2411"]],
    ["computer-use-preview", "computer", Infinity, ["use", "preview"]],
    ["qwen3:8b", "qwen3", Infinity, []],
  ])("%s is of the family %s", (model, family, version, words) => {
    expect(parseModelName(model)).toEqual({ family, version, words });
  });

  it("is the same with any vendor, path, date, revision and `-latest`", () => {
    const name = fc.constantFrom("claude-opus-5-5", "gpt-5.6-sol", "gemini-3.8-flash", "o3", "grok-4.6");
    const before = fc.constantFrom("", "anthropic/", "openrouter/openai/", "us.anthropic.", "models/", "~x/");
    const behind = fc.constantFrom("", "-2026-01-02", "-20260102", "@20260102", "-latest", "-v1:0", ":free");
    fc.assert(
      fc.property(name, before, behind, (model, prefix, suffix) => {
        expect(parseModelName(prefix + model + suffix)).toEqual(parseModelName(model));
      }),
    );
  });

  it("never fails, whatever the name", () => {
    fc.assert(
      fc.property(fc.string(), (model) => {
        expect(parseModelName(model).version).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
