/** What Gemini's own API cannot be told of a request. */
import type { ModelTraits } from "../../models/traits.ts";
import { traitsOf } from "../../models/traitsOf.ts";
import { type Feature, type Features, lostOf } from "../features.ts";

const UNSPEAKABLE: readonly Feature[] = ["min-p", "logit-bias", "verbosity", "serial-calls"];

export function losses(
  features: Features,
  { provider, model }: { provider: string; model: string },
  known?: Partial<ModelTraits>,
): Feature[] {
  const traits = traitsOf(model, provider, known);
  const lost = new Set<Feature>(UNSPEAKABLE);
  if (!traits.output.audio) lost.add("speech");
  if (traits.sampling === "none") lost.add("top-k");
  if (traits.thinking === "none") lost.add("effort");
  return lostOf(features, lost, "gemini", traits);
}
