/** What Messages cannot be told of a request. */
import type { ModelTraits } from "../../models/traits.ts";
import { type Feature, type Features, lostOf } from "../features.ts";
import { anthropicTraits } from "./traits.ts";

const UNSPEAKABLE: readonly Feature[] = [
  "audio",
  "video",
  "speech",
  "drawing",
  "cached-content",
  "min-p",
  "seed",
  "penalties",
  "logit-bias",
  "logprobs",
  "several-answers",
  "verbosity",
];

export function losses(
  features: Features,
  { provider, model }: { provider: string; model: string },
  known?: Partial<ModelTraits>,
): Feature[] {
  const traits = anthropicTraits(model, provider, known);
  const { forcedToolChoice: forced } = traits;
  const lost = new Set<Feature>(UNSPEAKABLE);
  if (!traits.input.image) lost.add("image");
  if (!traits.input.pdf) lost.add("pdf");
  if (!traits.claude) for (const own of ["web-search", "web-fetch", "code-execution"] as const) lost.add(own);
  if (forced === "never") lost.add("forced-call").add("named-call");
  if (forced === "unnamed") lost.add("named-call");
  if (traits.sampling === "none") lost.add("top-k");
  if (!traits.jsonSchema) lost.add("schema");
  if (traits.thinking === "none") lost.add("effort");
  return lostOf(features, lost, "anthropic", traits);
}
