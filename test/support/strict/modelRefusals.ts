/**
 * What each model refuses of a request that its protocol allows, in its provider's own words. Written from the
 * providers' pages and from live errors that people reported, apart from the table of models in the sources.
 */

export interface ModelRefusal {
  readonly message: string;
  /** OpenAI's. */
  readonly param?: string;
  readonly code?: string;
  /** HTTP; 400 where absent. */
  readonly status?: number;
}

type Obj = Record<string, unknown>;
const obj = (value: unknown): Obj => (typeof value === "object" && value !== null ? (value as Obj) : {});
const list = (value: unknown): Obj[] => (Array.isArray(value) ? value.map(obj) : []);

/** https://platform.claude.com/docs/en/models/opus-5-5/migration-guide and its neighbours. */
export function claudeRefusals(model: string, body: Obj): ModelRefusal[] {
  const out: ModelRefusal[] = [];
  const thinking = obj(body.thinking).type;
  const effort = String(obj(body.output_config).effort);
  const no = (message: string) => out.push({ message });
  const bound = /claude-(?:opus|sonnet|haiku)-5-5|claude-(?:fable|mythos)-5-[12]|claude-saga/.test(model);
  const always = /claude-opus-5-5|claude-(?:fable|mythos|saga)/.test(model);
  if (thinking === "disabled" && always) {
    no(
      '"thinking.type.disabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
    );
  }
  if (thinking === "disabled" && model.includes("claude-sonnet-5-5")) {
    no(
      '"thinking.type.disabled" is not supported for this model. To turn thinking off on this model, send "thinking": {"type": "between_tools"}.',
    );
  }
  if (thinking === "between_tools") {
    if (!model.includes("claude-sonnet-5-5")) {
      no('"thinking.type.between_tools" is not supported for this model.');
    }
    if (Object.keys(obj(body.thinking)).length > 1)
      no("thinking.between_tools: Extra inputs are not permitted");
  }
  if (
    (thinking === "between_tools" || (thinking === "disabled" && /opus-5|haiku-5-5/.test(model))) &&
    (effort === "xhigh" || effort === "max")
  ) {
    no(`output_config.effort: "${effort}" is not supported while thinking is turned off`);
  }
  const choice = obj(body.tool_choice).type;
  if (choice === "any" || choice === "tool") {
    if (bound && !model.includes("haiku")) {
      no('tool_choice: type "tool" and "any" are not supported for this model.');
    } else if (
      (thinking === "enabled" || thinking === "adaptive") &&
      /claude-3|claude-(?:opus|sonnet|haiku)-4-[0-6]/.test(model)
    ) {
      no("Thinking may not be enabled when tool_choice forces tool use.");
    }
  }
  for (const tool of list(body.tools)) {
    if (bound && /^computer_20/.test(String(tool.type))) {
      no(`'${model}' does not support tool types: ${String(tool.type)}.`);
    }
  }
  return out;
}

const unsupported = (param: string, instead = ""): ModelRefusal => ({
  message: `Unsupported parameter: '${param}' is not supported with this model.${instead}`,
  param,
  code: "unsupported_parameter",
});

/** The efforts of each generation: https://developers.openai.com/api/docs/guides/reasoning */
function effortsOf(model: string): readonly string[] | undefined {
  if (/^o[1-9]/.test(model)) return ["low", "medium", "high"];
  if (/^gpt-5-pro/.test(model)) return ["high"];
  if (/^gpt-5\.\d-pro/.test(model)) return ["medium", "high", "xhigh"];
  if (/^gpt-(?:6-astra|6\.1-sol|6\.2)/.test(model)) return ["low", "medium", "high", "xhigh", "max"];
  if (/^gpt-(?:6-|6\.1-terra|5\.6)/.test(model)) return ["none", "low", "medium", "high", "xhigh", "max"];
  if (/^gpt-5\.[2-5]/.test(model)) return ["none", "low", "medium", "high", "xhigh"];
  if (/^gpt-5\.1/.test(model)) return ["none", "low", "medium", "high"];
  if (/^gpt-5(?:$|-)(?!chat)/.test(model)) return ["minimal", "low", "medium", "high"];
  return undefined;
}

function effortRefusal(model: string, effort: unknown, param: string): ModelRefusal[] {
  const efforts = effortsOf(model);
  if (effort === undefined || effort === null) return [];
  if (efforts === undefined) return /^gpt-[34]/.test(model) ? [unsupported(param)] : [];
  if (efforts.includes(String(effort))) return [];
  const values = efforts.map((each) => `'${each}'`).join(", ");
  return [
    {
      message: `Unsupported value: '${param}' does not support '${String(effort)}' with this model. Supported values are: ${values}.`,
      param,
      code: "unsupported_value",
    },
  ];
}

/** Does the model think on this request? The newest do unless told not to. */
function thinks(model: string, effort: unknown): boolean {
  const efforts = effortsOf(model);
  if (efforts === undefined) return false;
  if (typeof effort === "string") return effort !== "none";
  return !efforts.includes("none") || /^gpt-(?:5\.6|6)/.test(model);
}

function samplingRefusals(model: string, body: Obj, effort: unknown): ModelRefusal[] {
  if (!thinks(model, effort)) return [];
  const out: ModelRefusal[] = [];
  if (typeof body.temperature === "number" && body.temperature !== 1) {
    out.push({
      message: `Unsupported value: 'temperature' does not support ${body.temperature} with this model. Only the default (1) value is supported.`,
      param: "temperature",
      code: "unsupported_value",
    });
  }
  if (typeof body.top_p === "number" && body.top_p !== 1) out.push(unsupported("top_p"));
  return out;
}

export function openaiChatRefusals(model: string, body: Obj): ModelRefusal[] {
  const effort = body.reasoning_effort;
  const efforts = effortsOf(model);
  if (/-pro|^gpt-5-codex|^gpt-5\.3-codex|codex-max|cyber|deep-research|^computer-use/.test(model)) {
    const message = model.includes("5.3-codex")
      ? "This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?"
      : "This model is only supported in v1/responses and not in v1/chat/completions.";
    return [{ message, param: "model", status: 404 }];
  }
  const out = [...effortRefusal(model, effort, "reasoning_effort"), ...samplingRefusals(model, body, effort)];
  if (efforts === undefined) return out;
  if (/^gpt-6-astra/.test(model) && effort === "max") out.push(unsupported("reasoning_effort"));
  if (body.max_tokens != null) out.push(unsupported("max_tokens", " Use 'max_completion_tokens' instead."));
  if (body.stop != null) out.push(unsupported("stop"));
  if (thinks(model, effort)) {
    for (const field of ["presence_penalty", "frequency_penalty", "logprobs", "logit_bias"]) {
      if (body[field] != null) out.push(unsupported(field));
    }
  }
  const tools = list(body.tools).length > 0;
  if (tools && /^gpt-(?:5\.[4-9]|6)/.test(model)) {
    const hasNone = efforts.includes("none");
    const asked = effort ?? (/^gpt-5\.[45]/.test(model) ? "none" : "medium");
    if (asked !== "none") {
      const instead = hasNone
        ? "To use function tools, use /v1/responses or set reasoning_effort to 'none'."
        : "Please use /v1/responses instead.";
      out.push({
        message: `Function tools with reasoning_effort are not supported for ${model} in /v1/chat/completions. ${instead}`,
        param: "reasoning_effort",
      });
    }
  }
  return out;
}

export function openaiResponsesRefusals(model: string, body: Obj): ModelRefusal[] {
  const { effort } = obj(body.reasoning);
  return [...effortRefusal(model, effort, "reasoning.effort"), ...samplingRefusals(model, body, effort)];
}

/** https://ai.google.dev/gemini-api/docs/generate-content/thinking#thinking-levels */
export function geminiRefusals(model: string, body: Obj): ModelRefusal[] {
  const config = obj(body.generationConfig);
  const { thinkingLevel, thinkingBudget } = obj(config.thinkingConfig);
  const out: ModelRefusal[] = [];
  const lite = model.includes("flash-lite");
  const minimal = lite || /gemini-3(?:\.[0-6])?-flash/.test(model);
  const xhigh = /hydrogen|neon/.test(model);
  if ((thinkingLevel === "MINIMAL" && !minimal) || (thinkingLevel === "XHIGH" && !xhigh)) {
    out.push({ message: `Thinking level is unsupported: THINKING_LEVEL_${String(thinkingLevel)}` });
  }
  if (thinkingLevel === "MEDIUM" && /gemini-3-pro/.test(model)) {
    out.push({ message: "Thinking level is unsupported: THINKING_LEVEL_MEDIUM" });
  }
  if (thinkingBudget === 0 && /gemini-2\.5-pro|gemini-[3-9]/.test(model)) {
    out.push({ message: "Budget 0 is invalid. This model only works in thinking mode." });
  }
  if (/hydrogen/.test(model)) {
    for (const field of ["temperature", "topP", "topK"]) {
      if (config[field] !== undefined) out.push({ message: `${field} is not supported for this model.` });
    }
  }
  return out;
}
