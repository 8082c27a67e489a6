/** What the Responses API cannot be told of a request. */
import type { ModelTraits } from "../../models/traits.ts";
import { traitsOf } from "../../models/traitsOf.ts";
import { type Feature, type Features, lostOf } from "../features.ts";

const UNSPEAKABLE: readonly Feature[] = [
  "audio",
  "video",
  "speech",
  "drawing",
  "web-fetch",
  "cached-content",
  "stop",
  "top-k",
  "min-p",
  "seed",
  "penalties",
  "logit-bias",
  "several-answers",
];

export function losses(
  features: Features,
  { provider, model }: { provider: string; model: string },
  known?: Partial<ModelTraits>,
): Feature[] {
  const traits = traitsOf(model, provider, known);
  const { forcedToolChoice: forced } = traits;
  const lost = new Set<Feature>(UNSPEAKABLE);
  if (!traits.cacheBreakpoints) lost.add("cache-markers");
  if (!traits.reasons) lost.add("effort").add("shown-thinking");
  if (forced === "never") lost.add("forced-call").add("named-call");
  if (forced === "unnamed") lost.add("named-call");
  return lostOf(features, lost, "openai-responses", traits);
}
