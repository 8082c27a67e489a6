import { describe, expect, it } from "vitest";
import { MOST_TAUGHT, ModelKnowledge } from "../../../src/gateway/models/knowledge.ts";
import {
  type RefusalWords,
  refusalOf,
  refusedByEndpoint,
  withoutField,
} from "../../../src/gateway/models/refusal.ts";
import type { ModelTraits } from "../../../src/gateway/models/traits.ts";
import { traitsOf } from "../../../src/gateway/models/traitsOf.ts";
import fc from "../../support/property.ts";
import {
  claudeRefusals,
  geminiRefusals,
  openaiChatRefusals,
  openaiResponsesRefusals,
} from "../../support/strict/modelRefusals.ts";

const say = (message: string, more: Partial<RefusalWords> = {}): RefusalWords => ({
  status: 400,
  codes: [],
  message,
  ...more,
});
const openai = (param: string, code: string, message: string) => say(message, { param, codes: [code] });

describe("a refusal of one field", () => {
  const gpt = traitsOf("gpt-5.5", "openai");
  const claude = traitsOf("claude-opus-4-6", "anthropic");
  const gemini = traitsOf("gemini-3-flash-preview", "gemini");
  const plain = traitsOf("unheard-of");

  it.each<[RefusalWords, ModelTraits, string, Partial<ModelTraits>]>([
    [
      openai(
        "stop",
        "unsupported_parameter",
        "Unsupported parameter: 'stop' is not supported with this model.",
      ),
      plain,
      "stop",
      { stop: false },
    ],
    [
      openai(
        "max_tokens",
        "unsupported_parameter",
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      ),
      plain,
      "max_tokens",
      { maxTokensField: "max_completion_tokens" },
    ],
    [
      openai(
        "temperature",
        "unsupported_value",
        "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
      ),
      gpt,
      "temperature",
      { without: ["temperature"] },
    ],
    [
      openai(
        "reasoning_effort",
        "unsupported_value",
        "Unsupported value: 'reasoning_effort' does not support 'none' with this model. Supported values are: 'low', 'medium', 'high', 'xhigh', and 'max'.",
      ),
      gpt,
      "reasoning_effort",
      { efforts: ["low", "medium", "high", "xhigh", "max"], off: "never" },
    ],
    [
      openai(
        "reasoning.effort",
        "unsupported_value",
        "Unsupported value: 'reasoning.effort' does not support 'minimal' with this model.",
      ),
      traitsOf("gpt-5", "openai"),
      "reasoning.effort",
      { efforts: ["low", "medium", "high"] },
    ],
    [
      openai(
        "reasoning_effort",
        "unsupported_parameter",
        "Unsupported parameter: 'reasoning_effort' is not supported with this model.",
      ),
      gpt,
      "reasoning_effort",
      { without: ["reasoning_effort"] },
    ],
    [
      say("Unknown parameter: 'prompt_cache_retention'."),
      gpt,
      "prompt_cache_retention",
      { without: ["prompt_cache_retention"] },
    ],
    [say("Unrecognized request argument supplied: verbosity"), gpt, "verbosity", { without: ["verbosity"] }],
    [
      say("Extra inputs are not permitted", {
        status: 422,
        codes: ["extra_forbidden"],
        param: "stream_options",
      }),
      gpt,
      "stream_options",
      { without: ["stream_options"] },
    ],
    [
      say(
        '"thinking.type.disabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
      ),
      claude,
      "thinking",
      { off: "never" },
    ],
    [
      say(
        '"thinking.type.disabled" is not supported for this model. To turn thinking off on this model, send "thinking": {"type": "between_tools"}.',
      ),
      claude,
      "thinking",
      { off: "between_tools" },
    ],
    [
      say(
        '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
      ),
      claude,
      "thinking",
      { thinking: "adaptive" },
    ],
    [
      say('tool_choice: type "tool" and "any" are not supported for this model.'),
      claude,
      "tool_choice",
      { forcedToolChoice: "never" },
    ],
    [
      say("Thinking may not be enabled when tool_choice forces tool use."),
      traitsOf("claude-opus-4-8"),
      "tool_choice",
      { forcedToolChoice: "without-thinking" },
    ],
    [say("`temperature` is deprecated for this model."), claude, "temperature", { sampling: "none" }],
    [
      say("`temperature` and `top_p` cannot both be specified for this model. Please use only one."),
      traitsOf("claude-3-opus"),
      "top_p",
      { sampling: "one" },
    ],
    [
      say(
        "This model does not support assistant message prefill. The conversation must end with a user message.",
      ),
      traitsOf("claude-haiku-4-5"),
      "messages",
      { prefill: false },
    ],
    [
      say("This model does not support the effort parameter."),
      claude,
      "output_config.effort",
      { efforts: [] },
    ],
    [
      say("thinking.adaptive.display: Extra inputs are not permitted"),
      claude,
      "thinking.display",
      { without: ["thinking.display"] },
    ],
    [
      say("Thinking level is unsupported: THINKING_LEVEL_MINIMAL"),
      gemini,
      "thinkingLevel",
      { efforts: ["low", "medium", "high"] },
    ],
    [
      say("Thinking level MINIMAL is not supported for this model. Please retry with other thinking level."),
      gemini,
      "thinkingLevel",
      { efforts: ["low", "medium", "high"] },
    ],
    [
      say(
        "'minimal' is not a supported thinking level for this model. Allowed values are: medium, low, high.",
      ),
      gemini,
      "thinkingLevel",
      { efforts: ["low", "medium", "high"] },
    ],
    [
      say("Budget 0 is invalid. This model only works in thinking mode."),
      traitsOf("gemini-2.5-flash"),
      "thinkingBudget",
      { off: "never", budget: { least: 128, most: 24_576 } },
    ],
    [
      say("Penalty is not enabled for models/gemini-3-flash-preview"),
      gemini,
      "presence_penalty",
      { without: ["generationConfig.presencePenalty", "generationConfig.frequencyPenalty"] },
    ],
    [
      say("Model grok-4-1-fast does not support parameter presencePenalty."),
      gpt,
      "presence_penalty",
      { without: ["presence_penalty"] },
    ],
    [say("Argument not supported on this model: stop"), plain, "stop", { stop: false }],
    [
      say("Model grok-4-1-fast does not support parameter reasoningEffort."),
      gpt,
      "reasoning_effort",
      { without: ["reasoning_effort"] },
    ],
    [
      say("Thinking mode does not support this tool_choice"),
      gpt,
      "tool_choice",
      { forcedToolChoice: "without-thinking" },
    ],
    [
      say("tool_choice 'specified' is incompatible with thinking enabled"),
      plain,
      "tool_choice",
      { forcedToolChoice: "without-thinking" },
    ],
  ])("%j", (words, traits, feature, known) => {
    expect(refusalOf(words, traits)).toMatchObject({ feature, known });
  });

  it.each([
    "Invalid value for 'temperature': must be between 0 and 2.",
    "messages.1.content.0: the text says: Unsupported parameter: 'stop' is not supported with this model.",
    "Invalid schema for function 'f': \"thinking.type.disabled\" is not supported for this model",
    "prompt is too long: 210000 tokens > 200000 maximum",
    "tools: Extra inputs are not permitted",
    "messages.0.content.0.text.foo: Extra inputs are not permitted",
    "Unsupported parameter: 'messages' is not supported with this model.",
    "Unsupported parameter: 'store' is not supported with this model.",
    "Unknown parameter: 'input[0].content'.",
  ])("is none in: %s", (message) => {
    expect(refusalOf(say(message), gpt)).toBeUndefined();
    const coded = { codes: ["invalid_request_error"], param: "messages" };
    expect(refusalOf(say(message, coded), gpt)).toBeUndefined();
  });

  it("is none with a status that tells of the account or the provider", () => {
    const message = "Unsupported parameter: 'stop' is not supported with this model.";
    for (const status of [200, 401, 402, 403, 413, 429, 500, 503, 529])
      expect(
        refusalOf(openai("stop", "unsupported_parameter", message), gpt) &&
          refusalOf({ ...say(message), status }, gpt),
      ).toBeUndefined();
  });

  it("is none where it was known already: the same request would be sent again", () => {
    const message = "Unsupported parameter: 'stop' is not supported with this model.";
    expect(refusalOf(openai("stop", "unsupported_parameter", message), plain)).toBeDefined();
    expect(
      refusalOf(openai("stop", "unsupported_parameter", message), { ...plain, stop: false }),
    ).toBeUndefined();
    const seed = "Unsupported parameter: 'seed' is not supported with this model.";
    expect(refusalOf(say(seed), { ...plain, without: ["seed"] })).toBeUndefined();
  });

  it("never has what is said, the tools or whether a reply is kept left out, whatever the words", () => {
    const name = fc.oneof(
      fc.constantFrom(
        "messages",
        "input",
        "tools",
        "model",
        "store",
        "system",
        "instructions",
        "contents",
        "stop",
        "seed",
        "top_p",
        "response_format",
      ),
      fc.string({ maxLength: 20 }),
    );
    const text = fc.oneof(
      name.map((one) => `Unsupported parameter: '${one}' is not supported with this model.`),
      name.map((one) => `Unknown parameter: '${one}'.`),
      name.map((one) => `${one}: Extra inputs are not permitted`),
      name.map((one) => `Model m does not support parameter ${one}.`),
      fc.string(),
    );
    const code = fc.constantFrom("unsupported_parameter", "unsupported_value", "unknown_parameter", "x");
    fc.assert(
      fc.property(text, fc.option(name, { nil: undefined }), code, (message, param, one) => {
        const refusal = refusalOf(say(message, { param, codes: [one] }), gpt);
        if (refusal === undefined) return;
        expect(Object.keys(refusal.known).length).toBeGreaterThan(0);
        for (const path of refusal.known.without ?? []) {
          expect(path).toMatch(/^[\w.]+$/);
          expect(path).not.toMatch(
            /^(?:messages|input|tools|model|store|system|instructions|contents|response_format)/,
          );
        }
      }),
    );
  });

  it("of the strict providers' own words is understood, and what it teaches makes the next request acceptable", () => {
    const effort = fc.constantFrom("none", "minimal", "low", "medium", "high", "xhigh", "max");
    const model = fc.constantFrom("gpt-5", "gpt-5.1", "gpt-5.5", "gpt-6-astra", "o3");
    fc.assert(
      fc.property(model, effort, fc.boolean(), (name, asked, chat) => {
        const body = chat ? { reasoning_effort: asked, stop: ["x"] } : { reasoning: { effort: asked } };
        const refused = chat ? openaiChatRefusals(name, body) : openaiResponsesRefusals(name, body);
        for (const { message, param, code } of refused) {
          const words = say(message, { param, codes: code === undefined ? [] : [code] });
          const known = refusalOf(words, traitsOf("unheard-of"))?.known;
          expect(known, message).toBeDefined();
          if (known?.efforts !== undefined && known.efforts.length > 0) {
            expect(known.efforts).not.toContain(asked);
            const next = chat
              ? { reasoning_effort: known.efforts[0] }
              : { reasoning: { effort: known.efforts[0] } };
            expect(
              (chat ? openaiChatRefusals(name, next) : openaiResponsesRefusals(name, next)).map(
                (each) => each.message,
              ),
            ).toEqual([]);
          }
        }
      }),
    );
    for (const { message } of [
      ...claudeRefusals("claude-opus-5-5", { thinking: { type: "disabled" }, tool_choice: { type: "any" } }),
      ...claudeRefusals("claude-sonnet-5-5", { thinking: { type: "disabled" } }),
      ...geminiRefusals("gemini-3.8-flash", {
        generationConfig: { thinkingConfig: { thinkingLevel: "MINIMAL" } },
      }),
    ])
      expect(
        refusalOf(say(message), message.startsWith("Thinking level") ? gemini : claude),
        message,
      ).toBeDefined();
  });
});

describe("a refusal of the endpoint", () => {
  it.each<[string, ReturnType<typeof refusedByEndpoint>, Partial<RefusalWords>?]>([
    [
      "This model is only supported in v1/responses and not in v1/chat/completions.",
      "model",
      { status: 404 },
    ],
    [
      "This model is only supported in v1/chat/completions and not in v1/responses.",
      "model",
      { status: 404 },
    ],
    [
      "This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?",
      "model",
      { status: 404 },
    ],
    ["model gpt-5.3-codex is not accessible via the /chat/completions endpoint", "model"],
    [
      "The chatCompletion operation does not work with the specified model, gpt-5-codex. Please choose different model and try again.",
      "model",
    ],
    ["whatever", "model", { codes: ["unsupported_api_for_model"] }],
    [
      "Function tools with reasoning_effort are not supported for gpt-6-sol in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.",
      "tools-beside-thinking",
    ],
    [
      "Function tools with reasoning_effort are not supported for gpt-6-astra in /v1/chat/completions. Please use /v1/responses instead.",
      "tools",
    ],
    ["The model `gpt-9` does not exist or you do not have access to it.", undefined, { status: 404 }],
    ["You wrote: This model is only supported in v1/responses and not in v1/chat/completions.", undefined],
    [
      "This model is only supported in v1/responses and not in v1/chat/completions.",
      undefined,
      { status: 429 },
    ],
  ])("%s", (message, what, more) => {
    expect(refusedByEndpoint(say(message, more))).toBe(what);
  });
});

describe("a body without a field", () => {
  it("keeps all else, and is the same where it has none", () => {
    const body = { a: 1, reasoning: { effort: "low", summary: "auto" }, text: { verbosity: "low" } };
    expect(withoutField(body, "reasoning.effort")).toEqual({ ...body, reasoning: { summary: "auto" } });
    expect(withoutField(body, "text.verbosity")).toEqual({ a: 1, reasoning: body.reasoning });
    expect(withoutField(body, "a")).toEqual({ reasoning: body.reasoning, text: body.text });
    expect(withoutField(body, "b.c")).toBe(body);
    expect(withoutField(body, "a.c")).toBe(body);
  });
});

describe("what was learned", () => {
  it("adds up by model, and is bounded", () => {
    const models = new ModelKnowledge();
    models.learn("a", { stop: false });
    models.learn("a", { sampling: "none" });
    expect(models.of("a")).toEqual({ stop: false, sampling: "none" });
    for (let index = 0; index < MOST_TAUGHT + 5; index++) models.learn(`m${index}`, { stop: false });
    expect(models.size).toBe(MOST_TAUGHT);
    expect(models.of("a")).toBeUndefined();
  });
});
