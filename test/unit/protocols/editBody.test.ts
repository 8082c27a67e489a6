import { describe, expect, it } from "vitest";
import { PROTOCOLS } from "../../../src/control/protocol.ts";
import { EFFORTS } from "../../../src/gateway/protocols/chat.ts";
import { editBody } from "../../../src/gateway/protocols/editBody.ts";
import { describeEdit } from "../../../src/gateway/routing/edit.ts";
import fc from "../../support/property.ts";

const at = (protocol: (typeof PROTOCOLS)[number], model: string, provider = "custom") => ({
  protocol,
  provider,
  model,
});

describe("the system prefix", () => {
  it.each([
    [
      at("openai-chat", "m"),
      { messages: [{ role: "user", content: "a" }] },
      {
        messages: [
          { role: "system", content: "P" },
          { role: "user", content: "a" },
        ],
      },
    ],
    [at("openai-chat", "m"), { prompt: "a" }, { prompt: "a" }],
    [at("openai-responses", "m"), { input: "a", instructions: "I" }, { input: "a", instructions: "P\n\nI" }],
    [at("openai-responses", "m"), { input: "a" }, { input: "a", instructions: "P" }],
    [at("anthropic", "m"), { system: "S" }, { system: "P\n\nS" }],
    [
      at("anthropic", "m"),
      { system: [{ type: "text", text: "S", cache_control: { type: "ephemeral" } }] },
      {
        system: [
          { type: "text", text: "P" },
          { type: "text", text: "S", cache_control: { type: "ephemeral" } },
        ],
      },
    ],
    [
      at("gemini", "m"),
      { system_instruction: { role: "x", parts: [{ text: "S" }] } },
      { system_instruction: { role: "x", parts: [{ text: "P" }, { text: "S" }] } },
    ],
    [at("gemini", "m"), {}, { systemInstruction: { parts: [{ text: "P" }] } }],
  ])("%j %j", (target, body, edited) => {
    expect(editBody(body, { systemPrefix: "P" }, target)).toEqual(edited);
  });
});

describe("the limit", () => {
  it.each([
    [at("openai-chat", "gpt-5", "openai"), {}, { max_completion_tokens: 100 }],
    [at("openai-chat", "m", "deepseek"), {}, { max_tokens: 100 }],
    [at("openai-chat", "gpt-5", "openai"), { max_tokens: 7 }, { max_tokens: 7 }],
    [at("openai-chat", "m"), { max_completion_tokens: 700 }, { max_completion_tokens: 100 }],
    [at("openai-responses", "m"), { max_output_tokens: null }, { max_output_tokens: 100 }],
    [at("anthropic", "m"), { max_tokens: 5000 }, { max_tokens: 100 }],
    [
      at("anthropic", "m"),
      { max_tokens: 5000, thinking: { type: "enabled", budget_tokens: 2000 } },
      { max_tokens: 100, thinking: { type: "disabled" } },
    ],
    [
      at("gemini", "m"),
      { generationConfig: { temperature: 1 } },
      { generationConfig: { temperature: 1, maxOutputTokens: 100 } },
    ],
  ])("%j %j", (target, body, edited) => {
    expect(editBody(body, { maxTokens: 100 }, target)).toEqual(edited);
  });

  it("keeps a thinking budget below it", () => {
    const body = { max_tokens: 50_000, thinking: { type: "enabled", budget_tokens: 20_000 } };
    expect(editBody(body, { maxTokens: 8000 }, at("anthropic", "claude-sonnet-4-5"))).toEqual({
      max_tokens: 8000,
      thinking: { type: "enabled", budget_tokens: 7999 },
    });
  });
});

describe("the effort", () => {
  it.each([
    [at("openai-chat", "gpt-5"), "high", { reasoning_effort: "low" }, { reasoning_effort: "high" }],
    [
      at("openai-responses", "gpt-5"),
      "high",
      { reasoning: { summary: "auto" } },
      { reasoning: { summary: "auto", effort: "high" } },
    ],
    [at("anthropic", "claude-opus-4-6"), "high", {}, { output_config: { effort: "high" } }],
    [
      at("anthropic", "claude-sonnet-4-5"),
      "low",
      { max_tokens: 9000 },
      { max_tokens: 9000, thinking: { type: "enabled", budget_tokens: 4096 } },
    ],
    [at("anthropic", "claude-sonnet-4-5"), "low", { max_tokens: 500 }, { max_tokens: 500 }],
    [
      at("anthropic", "claude-opus-4-6"),
      "none",
      { thinking: { type: "adaptive" }, output_config: { effort: "max" } },
      { thinking: { type: "disabled" } },
    ],
    [
      at("gemini", "gemini-2.5-flash"),
      "low",
      { generationConfig: { thinkingConfig: { includeThoughts: true, thinkingBudget: 1 } } },
      { generationConfig: { thinkingConfig: { includeThoughts: true, thinkingBudget: 4096 } } },
    ],
    [
      at("gemini", "gemini-3-pro"),
      "high",
      {},
      { generationConfig: { thinkingConfig: { thinkingLevel: "HIGH" } } },
    ],
  ] as const)("%j %s %j", (target, effort, body, edited) => {
    expect(editBody(body, { effort }, target)).toEqual(edited);
  });
});

describe("editBody", () => {
  it("changes nothing else and never throws", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PROTOCOLS),
        fc.dictionary(
          fc.constantFrom("messages", "system", "input", "generationConfig", "thinking"),
          fc.anything(),
        ),
        fc.constantFrom(...EFFORTS),
        (protocol, body, effort) => {
          const edited = editBody(
            { ...body, custom: 1 },
            { effort, maxTokens: 10, systemPrefix: "P" },
            at(protocol, "claude-opus-4-6"),
          );
          expect(edited.custom).toBe(1);
        },
      ),
    );
    const body = { model: "m" };
    expect(editBody(body, {}, at("anthropic", "m"))).toBe(body);
    expect(describeEdit({ effort: "low", maxTokens: 5 })).toBe(
      "the route asks for effort low, at most 5 tokens",
    );
  });
});
