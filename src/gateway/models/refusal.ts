/**
 * A provider that refuses a request for one field of it, which the model does not take: what to leave out or say
 * otherwise. Codes and `param` decide first, then sentences that providers are known for; each begins the
 * message, what it repeats of a request comes later. Anything else is the client's own fault, and is told so.
 *
 * Sources: https://developers.openai.com/api/docs/guides/error-codes (`unsupported_parameter`,
 * `unsupported_value`), https://platform.claude.com/docs/en/models/opus-5-5/whats-new-opus-5-5,
 * https://docs.x.ai/developers/debugging, and the live texts that `table/` cites.
 */
import { EFFORTS, type Effort } from "./effort.ts";
import type { ModelTraits } from "./traits.ts";

/** What an error reply says. */
export interface RefusalWords {
  /** HTTP */
  readonly status: number;
  /** In lower case. */
  readonly codes: readonly string[];
  /** The field that OpenAI and those like it name. */
  readonly param?: string | undefined;
  readonly message: string;
}

export interface Refusal {
  /** The field, for people. */
  readonly feature: string;
  /** What is known of the model from now on. */
  readonly known: Partial<ModelTraits>;
}

/** Requests at fault; nothing else refuses a field. */
const STATUSES: ReadonlySet<number> = new Set([400, 404, 422]);

/**
 * Fields that can be left out without another answer being asked for: never what is said, never the tools, never
 * whether a reply is kept.
 */
const OPTIONAL: ReadonlySet<string> = new Set([
  "temperature",
  "top_p",
  "top_k",
  "min_p",
  "presence_penalty",
  "frequency_penalty",
  "seed",
  "random_seed",
  "logit_bias",
  "logprobs",
  "top_logprobs",
  "n",
  "user",
  "metadata",
  "verbosity",
  "text.verbosity",
  "prompt_cache_key",
  "prompt_cache_retention",
  "parallel_tool_calls",
  "stream_options",
  "service_tier",
  "include",
  "reasoning",
  "reasoning.effort",
  "reasoning.summary",
  "reasoning_effort",
  "stop",
  "stop_sequences",
  "thinking",
  "thinking.display",
  "output_config.effort",
  "cache_control",
  "labels",
  "serviceTier",
  "generationConfig.temperature",
  "generationConfig.topP",
  "generationConfig.topK",
  "generationConfig.seed",
  "generationConfig.presencePenalty",
  "generationConfig.frequencyPenalty",
  "generationConfig.responseLogprobs",
  "generationConfig.logprobs",
  "generationConfig.thinkingConfig",
  "generationConfig.thinkingConfig.thinkingLevel",
  "generationConfig.thinkingConfig.thinkingBudget",
]);

/** @param traits what was thought of the model */
export function refusalOf(words: RefusalWords, traits: ModelTraits): Refusal | undefined {
  if (!STATUSES.has(words.status)) return undefined;
  const refusal = byCode(words, traits) ?? bySentence(words.message, traits);
  return refusal !== undefined && isNews(refusal.known, traits) ? refusal : undefined;
}

/** What was known already is no reason to try again. */
function isNews(known: Partial<ModelTraits>, traits: ModelTraits): boolean {
  const { without = [], ...rest } = known;
  return (
    without.some((path) => !traits.without.includes(path)) ||
    Object.entries(rest).some(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(Reflect.get(traits, name)),
    )
  );
}

const FIELD_CODES = ["unsupported_parameter", "unknown_parameter", "extra_forbidden"] as const;

function byCode({ codes, param, message }: RefusalWords, traits: ModelTraits): Refusal | undefined {
  if (param === undefined) return undefined;
  if (FIELD_CODES.some((code) => codes.includes(code))) return field(param, message, traits);
  return codes.includes("unsupported_value") ? value(param, message, traits) : undefined;
}

/** A value of a field that others of it may be taken of. */
function value(param: string, message: string, traits: ModelTraits): Refusal | undefined {
  if (EFFORT_FIELDS.has(param)) return effort(param, message, traits);
  if (param === "tool_choice") return choice(traits);
  if (!/does not support|only the default/i.test(message)) return undefined;
  return field(param, message, traits);
}

/** Called differently, or not at all. */
function field(param: string, message: string, traits: ModelTraits): Refusal | undefined {
  if (param === "max_tokens" || param === "max_completion_tokens") {
    const other = param === "max_tokens" ? "max_completion_tokens" : "max_tokens";
    return { feature: param, known: { maxTokensField: other } };
  }
  if (param === "stop" || param === "stop_sequences") return { feature: param, known: { stop: false } };
  if (param === "tool_choice") return choice(traits);
  if (EFFORT_FIELDS.has(param) && /'(?:none|minimal|low|medium|high|xhigh|max)'/.test(message)) {
    return effort(param, message, traits);
  }
  const path = OPTIONAL.has(param) ? param : undefined;
  return path === undefined ? undefined : { feature: path, known: { without: [...traits.without, path] } };
}

const EFFORT_FIELDS: ReadonlySet<string> = new Set([
  "reasoning_effort",
  "reasoning.effort",
  "output_config.effort",
  "thinkingLevel",
]);

/** Those that the message names as taken, else all but the one that it names as refused. */
function effort(feature: string, message: string, traits: ModelTraits): Refusal | undefined {
  const [refused = "", allowed = ""] = message.split(/(?:supported|allowed|valid) (?:values|levels)/i);
  const listed = effortsIn(allowed);
  const out = effortsIn(refused);
  const left = traits.efforts.filter((each) => !out.includes(each));
  const efforts = listed.length > 0 ? listed : left;
  if (efforts.length === 0 || (out.length === 0 && listed.length === 0)) {
    const path = feature === "thinkingLevel" ? "generationConfig.thinkingConfig.thinkingLevel" : feature;
    return { feature, known: { efforts: [], without: [...traits.without, path] } };
  }
  const off = traits.off === "none" && !efforts.includes("none") ? { off: "never" as const } : {};
  return { feature, known: { efforts, ...off } };
}

const effortsIn = (text: string): Effort[] =>
  EFFORTS.filter((each) => new RegExp(`(?<![a-z_])${each}(?![a-z_])`, "i").test(text));

const choice = ({ forcedToolChoice }: ModelTraits): Refusal => ({
  feature: "tool_choice",
  known: { forcedToolChoice: forcedToolChoice === "any" ? "unnamed" : "never" },
});

interface Sentence {
  readonly text: RegExp;
  /** `undefined` where the words do not fit after all. */
  readonly means: (found: RegExpExecArray, traits: ModelTraits, message: string) => Refusal | undefined;
}

const known = (feature: string, traits: Partial<ModelTraits>): Refusal => ({ feature, known: traits });

/** camelCase, as xAI's and Google's words have fields, to how bodies have them. */
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const SENTENCES: readonly Sentence[] = [
  // Anthropic
  {
    text: /^"?thinking\.type\.disabled"? is not supported for this model/,
    means: (_found, _traits, message) =>
      known("thinking", { off: message.includes("between_tools") ? "between_tools" : "never" }),
  },
  {
    text: /^"?thinking\.type\.between_tools"? is not supported for this model/,
    means: () => known("thinking", { off: "never" }),
  },
  {
    text: /^"?thinking\.type\.enabled"? is not supported for this model/,
    means: (_found, { efforts }) =>
      known("thinking", {
        thinking: "adaptive",
        efforts: efforts.length > 0 ? efforts : ["low", "medium", "high"],
      }),
  },
  {
    text: /^(?:"?thinking\.type\.adaptive"?|adaptive thinking) is not supported (?:for|on) this model/,
    means: () => known("thinking", { thinking: "budget", efforts: [] }),
  },
  {
    text: /^tool_choice: type "tool" and "any" are not supported for this model/,
    means: () => known("tool_choice", { forcedToolChoice: "never" }),
  },
  {
    text: /^tool_choice forces tool use is not compatible with this model/,
    means: () => known("tool_choice", { forcedToolChoice: "never" }),
  },
  {
    text: /^Thinking may not be enabled when tool_choice forces tool use/,
    means: () => known("tool_choice", { forcedToolChoice: "without-thinking" }),
  },
  {
    text: /^This model does not support the effort parameter/,
    means: () => known("output_config.effort", { efforts: [] }),
  },
  {
    text: /^[`'"]?(?:temperature|top_p|top_k)[`'"]? (?:is deprecated|is not supported|may not be set) for this model/,
    means: () => known("temperature", { sampling: "none" }),
  },
  {
    text: /^[`'"]?temperature[`'"]? and [`'"]?top_p[`'"]? cannot both be specified for this model/,
    means: () => known("top_p", { sampling: "one" }),
  },
  {
    text: /^This model does not support assistant message prefill/,
    means: () => known("messages", { prefill: false }),
  },
  // Gemini
  {
    text: /^Thinking level (?:is unsupported: THINKING_LEVEL_\w+|\w+ is not supported for this model)/i,
    means: (_found, traits, message) => effort("thinkingLevel", message.replaceAll("_", " "), traits),
  },
  {
    text: /^'\w+' is not a supported thinking level for this model/,
    means: (_found, traits, message) => effort("thinkingLevel", message, traits),
  },
  {
    text: /^(?:The thinking )?Budget 0 is invalid\. This model only works in thinking mode/i,
    means: (_found, { budget }) =>
      known("thinkingBudget", { off: "never", budget: { ...budget, least: Math.max(128, budget.least) } }),
  },
  {
    text: /^Penalty is not enabled for /,
    means: (_found, { without }) =>
      known("presence_penalty", {
        without: [...without, "generationConfig.presencePenalty", "generationConfig.frequencyPenalty"],
      }),
  },
  {
    text: /^Logprobs is not enabled for /,
    means: (_found, { without }) =>
      known("logprobs", {
        without: [...without, "generationConfig.responseLogprobs", "generationConfig.logprobs"],
      }),
  },
  {
    text: /^(temperature|topP|topK) is not supported for this model/,
    means: () => known("temperature", { sampling: "none" }),
  },
  // xAI
  {
    text: /^(?:Model \S{1,200} does not support parameter |Argument not supported on this model: )(\w{1,60})/,
    means: ([, name = ""], traits, message) => field(snake(name), message, traits),
  },
  // DeepSeek, Moonshot
  {
    text: /^(?:deepseek-\S{1,60}|Thinking mode) does not support this tool_choice/,
    means: () => known("tool_choice", { forcedToolChoice: "without-thinking" }),
  },
  {
    text: /^tool_choice '(specified|required)' is incompatible with thinking enabled/,
    means: ([, kind], { off }) =>
      known("tool_choice", {
        forcedToolChoice: off !== "never" ? "without-thinking" : kind === "required" ? "never" : "unnamed",
      }),
  },
  // OpenAI and those like it, where neither code nor `param` tells.
  {
    text: /^(?:Unsupported parameter|Unknown parameter|Unrecognized request argument supplied): ['"`]?([\w.]{1,60})/,
    means: ([, name = ""], traits, message) => field(name, message, traits),
  },
  {
    text: /^Unsupported value: ['"`]?([\w.]{1,60})['"`]? does not support /,
    means: ([, name = ""], traits, message) => value(name, message, traits),
  },
  {
    text: /^['"`]?([\w.]{1,60})['"`]? is not supported with this model/,
    means: ([, name = ""], traits, message) => field(name, message, traits),
  },
  {
    text: /^property ['"`]([\w.]{1,60})['"`] is unsupported/,
    means: ([, name = ""], traits, message) => field(name, message, traits),
  },
  {
    text: /^((?:[\w-]{1,40}\.){0,3}[\w-]{1,40}): Extra inputs are not permitted/,
    // The middle part is the type of what is refused: `thinking.adaptive.display`.
    means: ([, name = ""], traits, message) =>
      field(name.replace(/^thinking\.\w+\./, "thinking."), message, traits),
  },
];

function bySentence(message: string, traits: ModelTraits): Refusal | undefined {
  for (const { text, means } of SENTENCES) {
    const found = text.exec(message);
    if (found !== null) return means(found, traits, message);
  }
  return undefined;
}

/** Models that are served by another endpoint of the same provider, in its words. */
const WRONG_ENDPOINT: readonly RegExp[] = [
  /^This model is only supported in v1\/(?:responses|chat\/completions) and not in v1\//,
  /^This is not a chat model and thus not supported in the v1\/chat\/completions endpoint/,
  /^(?:The )?model \S{1,200} is not accessible via the \S{0,20}\/(?:chat\/completions|responses) endpoint/i,
  /^The (?:chatCompletion|responses?) operation does not work with the specified model/i,
];
const TOOLS_ELSEWHERE =
  /^Function tools with reasoning_effort are not supported for \S{1,200} in \/v1\/chat\/completions\./;

/** What of a request an endpoint refuses that another endpoint of the same account may take. */
export function refusedByEndpoint({
  status,
  codes,
  message,
}: RefusalWords): "model" | "tools" | "tools-beside-thinking" | undefined {
  if (!STATUSES.has(status)) return undefined;
  if (codes.includes("unsupported_api_for_model")) return "model";
  if (TOOLS_ELSEWHERE.test(message)) {
    return /set reasoning_effort to 'none'/.test(message) ? "tools-beside-thinking" : "tools";
  }
  return WRONG_ENDPOINT.some((text) => text.test(message)) ? "model" : undefined;
}

/** A copy of a body without a field; the same body where it has none. @param path `reasoning.effort` */
export function withoutField(
  body: Readonly<Record<string, unknown>>,
  path: string,
): Readonly<Record<string, unknown>> {
  const dot = path.indexOf(".");
  const name = dot < 0 ? path : path.slice(0, dot);
  if (!Object.hasOwn(body, name)) return body;
  const { [name]: own, ...rest } = body;
  if (dot < 0) return rest;
  if (typeof own !== "object" || own === null || Array.isArray(own)) return body;
  const inner = withoutField(own as Record<string, unknown>, path.slice(dot + 1));
  if (inner === own) return body;
  return Object.keys(inner).length === 0 ? rest : { ...rest, [name]: inner };
}
