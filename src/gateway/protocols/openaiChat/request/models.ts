/**
 * What the name of a model tells about its parameters: families that refuse a request for a
 * parameter they do not know. Names may carry a vendor (`openai/gpt-5`) and a date.
 */
import { EFFORTS, type Effort } from "../../chat.ts";

export interface ModelTraits {
  /** Values of `reasoning_effort` the model accepts; empty: none. */
  efforts: readonly Effort[];
  /** Sampling parameters, stop sequences and logprobs are refused. */
  fixedSampling: boolean;
  /** Sampling parameters are accepted only with `reasoning_effort: none`. */
  fixedWhileReasoning: boolean;
  /** `verbosity`. */
  verbosity: boolean;
  /** Explicit prompt-cache breakpoints. */
  breakpoints: boolean;
  /** Searches the web itself (`web_search_options`). */
  search: boolean;
}

const PLAIN: ModelTraits = {
  efforts: [],
  fixedSampling: false,
  fixedWhileReasoning: false,
  verbosity: false,
  breakpoints: false,
  search: false,
};

const LOW_TO_HIGH: readonly Effort[] = ["low", "medium", "high"];

/** platform.openai.com/docs/guides/reasoning: which efforts each generation knows. */
function gptTraits(major: number, minor: number | undefined, rest: string): ModelTraits {
  if (rest.includes("-chat")) return PLAIN;
  const version = major + (minor ?? 0) / 100;
  const shared = { ...PLAIN, verbosity: true, breakpoints: version >= 5.06 };
  if (rest.includes("-pro")) return { ...shared, efforts: ["high"], fixedSampling: true };
  if (version < 5.01) return { ...shared, efforts: ["minimal", ...LOW_TO_HIGH], fixedSampling: true };
  if (version < 5.02) {
    const codex = rest.includes("codex-max") ? (["xhigh"] as const) : [];
    return { ...shared, efforts: ["none", ...LOW_TO_HIGH, ...codex], fixedWhileReasoning: true };
  }
  const top = version >= 5.06 ? (["xhigh", "max"] as const) : (["xhigh"] as const);
  return { ...shared, efforts: ["none", ...LOW_TO_HIGH, ...top], fixedWhileReasoning: true };
}

function grokTraits(name: string): ModelTraits {
  if (name.includes("grok-3-mini")) return { ...PLAIN, efforts: ["low", "high"] };
  const version = /grok-(\d+)[.](\d+)/.exec(name);
  const knows =
    version !== null && (Number(version[1]) > 4 || (version[1] === "4" && /^[3-9]$/.test(version[2] ?? "")));
  return knows ? { ...PLAIN, efforts: ["none", ...LOW_TO_HIGH] } : PLAIN;
}

/** Traits by name; of a name we do not know, the cautious ones. */
export function traitsOf(model: string): ModelTraits {
  const name = model.toLowerCase();
  if (name.includes("gpt-oss")) return { ...PLAIN, efforts: LOW_TO_HIGH };
  const gpt = /(?:^|\/)gpt-(\d+)(?:\.(\d+))?(?!\d|o)(.*)$/.exec(name);
  if (gpt !== null && Number(gpt[1]) >= 5) {
    return gptTraits(Number(gpt[1]), gpt[2] === undefined ? undefined : Number(gpt[2]), gpt[3] ?? "");
  }
  if (/(?:^|\/)o[1-9](?:-|$)/.test(name)) {
    const early = /o1-(mini|preview)/.test(name);
    return { ...PLAIN, efforts: early ? [] : LOW_TO_HIGH, fixedSampling: true };
  }
  if (name.includes("-search-preview") || name.includes("-search-api")) return { ...PLAIN, search: true };
  if (name.includes("gemini")) {
    return /gemini-(?:2\.5|[3-9])/.test(name) ? { ...PLAIN, efforts: geminiEfforts(name) } : PLAIN;
  }
  if (name.includes("grok")) return grokTraits(name);
  return PLAIN;
}

/** ai.google.dev/gemini-api/docs/openai: only 2.5 Flash models can stop thinking. */
function geminiEfforts(name: string): readonly Effort[] {
  return /gemini-2\.5-flash/.test(name) ? ["none", "minimal", ...LOW_TO_HIGH] : ["minimal", ...LOW_TO_HIGH];
}

/** The accepted effort nearest to the one asked for; the lesser of two equally near. */
export function nearestEffort(effort: Effort, accepted: readonly Effort[]): Effort | undefined {
  const wanted = EFFORTS.indexOf(effort);
  let best: Effort | undefined;
  let distance = Number.POSITIVE_INFINITY;
  for (const candidate of accepted) {
    const away = Math.abs(EFFORTS.indexOf(candidate) - wanted);
    if (away < distance) {
      best = candidate;
      distance = away;
    }
  }
  return best;
}
