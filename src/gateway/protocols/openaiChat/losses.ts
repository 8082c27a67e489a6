/** What chat completions, in a provider's dialect, cannot be told of a request. */
import type { ModelTraits } from "../../models/traits.ts";
import { traitsOf } from "../../models/traitsOf.ts";
import { type Feature, type Features, lostOf } from "../features.ts";
import { type Dialect, dialectOf, takes } from "./request/dialects.ts";

interface Place {
  readonly provider: string;
  readonly model: string;
}

export function losses(
  features: Features,
  { provider, model }: Place,
  known?: Partial<ModelTraits>,
): Feature[] {
  const traits = traitsOf(model, provider, known);
  const dialect = dialectOf(provider);
  const lost = new Set<Feature>(["web-fetch", "code-execution", "cached-content"]);
  if (traits.toolsOnChat === "never") lost.add("tools");
  addMedia(lost, dialect, traits);
  addFields(lost, dialect, traits);
  addThinking(lost, features, dialect, traits);
  return lostOf(features, lost, "openai-chat", traits);
}

/** Would the model refuse the request as it is, whatever its client says in this protocol? */
export function refusesAsIs(
  features: Features,
  { provider, model }: Place,
  known?: Partial<ModelTraits>,
): boolean {
  const { notBy, toolsOnChat, thinksByDefault } = traitsOf(model, provider, known);
  if (notBy.includes("openai-chat")) return true;
  if (!features.has("tools") || toolsOnChat === "any") return false;
  if (toolsOnChat === "never") return true;
  return features.has("effort") || (thinksByDefault && !features.has("no-thinking"));
}

function addMedia(lost: Set<Feature>, dialect: Dialect, { input }: ModelTraits): void {
  if (dialect.images === "none" || !input.image) lost.add("image");
  if (!dialect.files || !input.pdf) lost.add("pdf");
  if (!dialect.audio) lost.add("audio");
  if (!dialect.video) lost.add("video");
  if (!takes(dialect, "modalities")) lost.add("speech");
  if (!takes(dialect, "modalities") || dialect.reasoning !== "openrouter") lost.add("drawing");
}

function addFields(lost: Set<Feature>, dialect: Dialect, traits: ModelTraits): void {
  const { forcedToolChoice: forced } = traits;
  if (!traits.searches || !takes(dialect, "web_search_options")) lost.add("web-search");
  if (!dialect.customTools) lost.add("free-text-tools");
  if (dialect.toolChoice === "auto" || forced === "never") lost.add("forced-call").add("named-call");
  if (!takes(dialect, "parallel_tool_calls")) lost.add("serial-calls");
  if (!dialect.jsonSchema) lost.add("schema");
  if (!traits.stop) lost.add("stop");
  if (!takes(dialect, "top_k")) lost.add("top-k");
  if (!takes(dialect, "min_p")) lost.add("min-p");
  if (!takes(dialect, "seed") && !takes(dialect, "random_seed")) lost.add("seed");
  const penalties = takes(dialect, "presence_penalty") && traits.penalties;
  if (!penalties || traits.sampling === "none") lost.add("penalties");
  if (!takes(dialect, "logit_bias") || traits.sampling === "none") lost.add("logit-bias");
  if (!takes(dialect, "logprobs") || traits.sampling === "none") lost.add("logprobs");
  if (!takes(dialect, "n")) lost.add("several-answers");
  if (!traits.verbosity && dialect.reasoning !== "openrouter") lost.add("verbosity");
  if (dialect.cache === undefined || (dialect.cache === "breakpoint" && !traits.cacheBreakpoints)) {
    lost.add("cache-markers");
  }
}

function addThinking(lost: Set<Feature>, features: Features, dialect: Dialect, traits: ModelTraits): void {
  const stopped = features.has("tools") && traits.toolsOnChat === "effort-none";
  if (stopped || dialect.reasoning === "none" || !traits.reasons) lost.add("effort");
  // OpenAI and those without a field for it keep it to themselves.
  if (dialect.replay === "none") lost.add("shown-thinking");
}
