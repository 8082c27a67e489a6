import type Anthropic from "@anthropic-ai/sdk";
import { expect, it } from "vitest";
import { WIRES } from "../../../../src/gateway/protocols/wires.ts";

const yes = { supported: true };
const no = { supported: false };

type Capabilities = NonNullable<Anthropic.ModelInfo["capabilities"]>;

const CAPABILITIES: Capabilities = {
  batch: yes,
  citations: yes,
  code_execution: yes,
  context_management: {
    supported: true,
    clear_thinking_20251015: yes,
    clear_tool_uses_20250919: yes,
    compact_20260112: yes,
  },
  effort: { supported: true, low: yes, medium: yes, high: yes, xhigh: null, max: yes },
  image_input: yes,
  pdf_input: no,
  server_tools: { supported: true, code_execution: yes, web_search: yes },
  structured_outputs: yes,
  thinking: {
    supported: true,
    types: { adaptive: yes, enabled: no, disabled: no, between_tools: yes },
  },
};

const parse = (capabilities: unknown) =>
  WIRES.anthropic.modelList.parse({
    data: [
      { type: "model", id: "claude-new-9", max_tokens: 64_000, max_input_tokens: 500_000, capabilities },
    ],
    has_more: false,
  }).models[0];

it("what Anthropic's list says of a model are traits", () => {
  expect(parse(CAPABILITIES)).toEqual({
    id: "claude-new-9",
    contextWindow: 500_000,
    maxOutputTokens: 64_000,
    traits: {
      efforts: ["low", "medium", "high", "max"],
      thinking: "adaptive",
      off: "between_tools",
      input: { image: true, pdf: false, audio: false },
      jsonSchema: true,
      compactsItself: true,
    },
  });
  const { thinking } = CAPABILITIES;
  const types = (over: Partial<Capabilities["thinking"]["types"]>) =>
    parse({ ...CAPABILITIES, thinking: { ...thinking, types: { ...thinking.types, ...over } } })?.traits;
  expect(types({ disabled: yes })).toMatchObject({ off: "disabled" });
  expect(types({ between_tools: no })).toMatchObject({ off: "never" });
  expect(types({ enabled: yes })).toMatchObject({ thinking: "both" });
  expect(types({ enabled: yes, adaptive: no })).toMatchObject({ thinking: "budget" });
  expect(
    parse({ ...CAPABILITIES, thinking: { supported: false, types: thinking.types } })?.traits,
  ).toMatchObject({
    thinking: "none",
  });
  expect(
    parse({ ...CAPABILITIES, effort: { ...CAPABILITIES.effort, supported: false } })?.traits,
  ).toMatchObject({
    efforts: [],
  });
});

it("nonsense in it spoils nothing", () => {
  for (const capabilities of [null, undefined, "x", 1, { thinking: 5 }, { effort: { supported: "maybe" } }])
    expect(parse(capabilities)).toMatchObject({ id: "claude-new-9", maxOutputTokens: 64_000 });
});

it("what Gemini's list says of thinking and limits is believed", () => {
  const body = { models: [{ name: "models/g", inputTokenLimit: 10, outputTokenLimit: 5, thinking: false }] };
  expect(WIRES.gemini.modelList.parse(body).models).toEqual([
    { id: "g", contextWindow: 10, maxOutputTokens: 5, traits: { reasons: false, thinking: "none" } },
  ]);
});
