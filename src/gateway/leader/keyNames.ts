/** Names of client keys beside their ids, which is all that the history has of them. */

import { type KeyView, keyNames } from "../../control/keys.ts";
import type { RequestFacets } from "../../control/requests.ts";
import type { Stats, StatsQuery } from "../../control/stats.ts";
import type { RecordedFacets } from "../records/wire.ts";

/** Groups by key are called as their keys are now; one that is gone keeps its id. */
export function withKeyNames(stats: Stats, { by }: Pick<StatsQuery, "by">, keys: readonly KeyView[]): Stats {
  if (by !== "key") return stats;
  const names = keyNames(keys);
  return {
    ...stats,
    groups: stats.groups.map((group) => ({ ...group, label: names.get(group.key) ?? group.label })),
  };
}

export function withNamedKeys(
  { keys: seen, ...facets }: RecordedFacets,
  keys: readonly KeyView[],
): RequestFacets {
  const names = keyNames(keys);
  return { ...facets, keys: seen.map((id) => ({ id, label: names.get(id) ?? id })) };
}
