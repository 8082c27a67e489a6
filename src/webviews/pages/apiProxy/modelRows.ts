/** Models as rows: one each, with all accounts that serve it, whatever names it goes by. Pure. */
import type { ModelView } from "../../../control/settings.ts";

export interface ModelRow extends ModelView {
  /** Account's id -> the name that reaches that very account, where there is one. */
  names: ReadonlyMap<string, string>;
}

export const ABILITIES = ["image", "pdf", "audio", "efforts"] as const;
export type Ability = (typeof ABILITIES)[number];

/** `work/gpt-5` is `gpt-5` of one account, and no model of its own. */
export function modelRows(models: readonly ModelView[]): ModelRow[] {
  const rows = new Map<string, ModelRow>();
  for (const model of models) {
    const [only] = model.accounts;
    const ofOne = only !== undefined && model.accounts.length === 1 && model.name.startsWith(`${only.id}/`);
    const name = ofOne ? model.name.slice(only.id.length + 1) : model.name;
    const before = rows.get(name);
    const names = new Map(before?.names);
    if (ofOne) names.set(only.id, model.name);
    const known = new Set(before?.accounts.map(({ id }) => id));
    // What it says of itself under its own name goes first.
    const [first, second] = ofOne ? [model, before ?? model] : [before ?? model, model];
    rows.set(name, {
      ...first,
      ...second,
      name: before === undefined && ofOne ? model.name : name,
      accounts: [...(before?.accounts ?? []), ...model.accounts.filter(({ id }) => !known.has(id))],
      names,
    });
  }
  return [...rows.values()];
}

export function hasAbility({ input, efforts = [] }: ModelView, ability: Ability): boolean {
  return ability === "efforts" ? efforts.length > 0 : input?.[ability] === true;
}

export interface ModelFilter {
  /** Every word somewhere in its name or in who serves it. */
  text: string;
  /** Ids of accounts of which one has to serve it; absent: any. */
  accounts: ReadonlySet<string> | undefined;
  ability: Ability | undefined;
}

export function findModels<M extends ModelView>(
  models: readonly M[],
  { text, accounts, ability }: ModelFilter,
): M[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return models.filter((model) => {
    if (ability !== undefined && !hasAbility(model, ability)) return false;
    if (accounts !== undefined && !model.accounts.some(({ id }) => accounts.has(id))) return false;
    const served = model.accounts.map(({ id, label }) => `${id} ${label}`).join(" ");
    const about = `${model.name} ${served}`.toLowerCase();
    return words.every((word) => about.includes(word));
  });
}
