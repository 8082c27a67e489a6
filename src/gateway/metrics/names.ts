/**
 * What labels may say: names of OpenTelemetry's conventions for generative AI, and never more different
 * ones than a time-series database can bear.
 * https://github.com/open-telemetry/semantic-conventions-genai
 */
import type { ProviderId } from "../providers/ids.ts";

/** Values of `gen_ai.provider.name` where they differ from our own ids. */
const PROVIDER_NAMES: Readonly<Partial<Record<ProviderId, string>>> = {
  gemini: "gcp.gemini",
  vertex: "gcp.vertex_ai",
  "azure-openai": "azure.ai.openai",
  mistral: "mistral_ai",
  xai: "x_ai",
  moonshot: "moonshot_ai",
};

export function providerName(id: ProviderId): string {
  return PROVIDER_NAMES[id] ?? id;
}

/** `gen_ai.operation.name` of a request, by its path as records have it. */
export function operationName(path: string): string {
  if (/embed/i.test(path)) return "embeddings";
  if (/count_?tokens|input_tokens/i.test(path)) return "count_tokens";
  if (/\/chat\/completions$|\/messages$|\/responses(?:\/compact)?$/.test(path)) return "chat";
  if (path.endsWith("/completions")) return "text_completion";
  return /generateContent$/i.test(path) ? "generate_content" : "other";
}

/** Stands for every name beyond the limit. */
export const OTHER = "other";
/** Characters of a label's value. */
const MAX_LENGTH = 120;

/** Lets the first `max` different names through; clients can make up any number of them. */
export class BoundedNames {
  readonly #max: number;
  readonly #known = new Set<string>();

  constructor(max: number) {
    this.#max = max;
  }

  of(name: string): string {
    if (this.#known.has(name)) return name;
    if (name.length > MAX_LENGTH || this.#known.size >= this.#max) return OTHER;
    this.#known.add(name);
    return name;
  }
}
