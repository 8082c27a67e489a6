/** What is known of a candidate's model beside the table: by its provider's list, by what it has refused. */
import type { ModelTraits } from "../../models/traits.ts";
import { traitsOf } from "../../models/traitsOf.ts";
import type { Candidate } from "../../routing/candidate.ts";
import type { GatewayContext } from "../context.ts";

type Place = Pick<Candidate, "account" | "protocol" | "model">;
type Sources = Pick<GatewayContext, "catalog" | "models">;

/** Accounts of one endpoint share what it has told of a model. */
export const knowledgeKey = ({ account, protocol, model }: Place): string =>
  `${account.provider.id} ${protocol} ${account.endpoints.get(protocol)?.base ?? ""} ${model}`;

/** What a provider refuses tells more than what it lists. `undefined`: the table alone. */
export function knownTraits({ catalog, models }: Sources, place: Place): Partial<ModelTraits> | undefined {
  const listed = catalog.traits(place.account, place.model);
  const taught = models.of(knowledgeKey(place));
  return listed === undefined ? taught : taught === undefined ? listed : { ...listed, ...taught };
}

export function candidateTraits(sources: Sources, place: Place): ModelTraits {
  return traitsOf(place.model, place.account.provider.id, knownTraits(sources, place));
}
