/** The traits of a model by its name; what is known of it beside beats the table. */
import { setLatest } from "../common/latest.ts";
import { parseModelName } from "./name.ts";
import { matchesPattern, type Pattern, parsePattern } from "./pattern.ts";
import { TRAIT_TABLE } from "./table/table.ts";
import { type ModelTraits, type TraitRow, UNKNOWN } from "./traits.ts";

const ROWS: readonly { readonly pattern: Pattern; readonly row: TraitRow }[] = TRAIT_TABLE.map((row) => ({
  pattern: parsePattern(row.models),
  row,
}));

/** Names whose traits are kept. */
export const MAX_KEPT = 500;
const kept = new Map<string, ModelTraits>();

/**
 * @param model as the endpoint names it, with or without vendor, region and date
 * @param provider id of the provider whose endpoint is asked
 * @param known what its own list says of the model, or has refused: beats the table
 */
export function traitsOf(model: string, provider = "", known?: Partial<ModelTraits>): ModelTraits {
  const key = `${provider} ${model}`;
  let traits = kept.get(key);
  if (traits === undefined) {
    traits = byTable(model, provider);
    setLatest(kept, key, traits, MAX_KEPT);
  }
  return known === undefined ? traits : { ...traits, ...known };
}

function byTable(model: string, provider: string): ModelTraits {
  const name = parseModelName(model);
  const traits = { ...UNKNOWN };
  for (const { pattern, row } of ROWS) {
    const here = row.at === undefined || row.at.includes(provider);
    if (here && matchesPattern(pattern, name)) Object.assign(traits, row.traits);
  }
  return traits;
}

/** How many names are kept now. */
export const keptNames = (): number => kept.size;
