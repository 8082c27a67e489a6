/**
 * What the Claude models accept, by their names. Anthropic's documentation states these per model
 * ("Extended thinking", "Effort", "Structured outputs", "Prefill", "Mid-conversation system
 * messages", "Models overview"); a model that is not known yet is taken to be like the newest.
 * Models that are not Claude's, served by others under this protocol, are taken to know its
 * long-standing part only.
 */

export const ANTHROPIC_EFFORTS = ["low", "medium", "high", "xhigh", "max"] as const;
export type AnthropicEffort = (typeof ANTHROPIC_EFFORTS)[number];

export interface ModelTraits {
  claude: boolean;
  /** Which `thinking.type`s switch it on: a budget (`manual`), `adaptive`, either, or none. */
  thinking: "none" | "manual" | "both" | "adaptive";
  /** Without a `thinking` field the model thinks. */
  thinksByDefault: boolean;
  /** `thinking.type: disabled` is accepted. */
  canStopThinking: boolean;
  /** Values of `output_config.effort`; empty: the field is refused. */
  efforts: readonly AnthropicEffort[];
  /** `temperature`, `top_p` and `top_k`: all, one of the first two, or refused. */
  sampling: "all" | "one" | "none";
  prefill: boolean;
  /** `output_config.format` and `strict` tools. */
  jsonSchema: boolean;
  /** `role: "system"` within `messages`. */
  systemMessages: boolean;
  maxOutputTokens: number;
}

const OTHERS: ModelTraits = {
  claude: false,
  thinking: "manual",
  thinksByDefault: false,
  canStopThinking: true,
  efforts: [],
  sampling: "all",
  prefill: true,
  jsonSchema: false,
  systemMessages: false,
  maxOutputTokens: Number.MAX_SAFE_INTEGER,
};

/** `claude-opus-4-6`, `claude-3-5-sonnet-…`, `anthropic/claude-sonnet-4.5`, `claude-mythos-preview`. */
const NEW_NAME = /claude-([a-z]+)(?:-(\d{1,2})(?:[-.](\d{1,2}))?(?!\d))?/;
const OLD_NAME = /claude-(\d)(?:[-.](\d))?-([a-z]+)/;
const NEWEST = 99;

function parseName(model: string): { family: string; version: number } | undefined {
  const name = model.toLowerCase();
  const old = OLD_NAME.exec(name);
  if (old) return { family: old[3] ?? "", version: Number(old[1]) + Number(old[2] ?? 0) / 100 };
  const match = NEW_NAME.exec(name);
  if (!match) return name.includes("claude") ? { family: "", version: NEWEST } : undefined;
  const version = match[2] === undefined ? NEWEST : Number(match[2]) + Number(match[3] ?? 0) / 100;
  return { family: match[1] ?? "", version };
}

/**
 * @param model the model's name as the endpoint has it.
 * @param provider id of the provider: Vertex has no system messages within `messages`, DeepSeek
 * takes efforts for its own models.
 */
export function modelTraits(model: string, provider: string): ModelTraits {
  const parsed = parseName(model);
  if (parsed === undefined) {
    return provider === "deepseek" ? { ...OTHERS, efforts: ANTHROPIC_EFFORTS } : OTHERS;
  }
  const { family, version } = parsed;
  const adaptive = version >= 4.06;
  const adaptiveOnly = version >= 4.07;
  return {
    claude: true,
    thinking: adaptiveOnly ? "adaptive" : adaptive ? "both" : version >= 3.07 ? "manual" : "none",
    thinksByDefault: version >= 5,
    canStopThinking: !(family === "fable" || family === "mythos"),
    efforts: effortsOf(family, version),
    sampling: adaptiveOnly ? "none" : version >= 4.01 ? "one" : "all",
    prefill: !adaptive,
    jsonSchema: version >= 4.05 || (family === "opus" && version >= 4.01),
    systemMessages: version >= 4.08 && provider !== "vertex",
    maxOutputTokens: maxOutputOf(family, version),
  };
}

function effortsOf(family: string, version: number): readonly AnthropicEffort[] {
  if (version >= 4.07) return ANTHROPIC_EFFORTS;
  if (version >= 4.06) return ["low", "medium", "high", "max"];
  return family === "opus" && version >= 4.05 ? ["low", "medium", "high"] : [];
}

function maxOutputOf(family: string, version: number): number {
  if (version >= 4.06) return family === "haiku" || (family === "sonnet" && version < 5) ? 64_000 : 128_000;
  if (version >= 4.05) return 64_000;
  if (version >= 4) return family === "opus" ? 32_000 : 64_000;
  if (version >= 3.07) return 64_000;
  return version >= 3.05 ? 8_192 : 4_096;
}
