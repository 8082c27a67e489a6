/** What restoring a backup would change beside accounts, a line each, for the editor and the command line alike. Pure. */
import type { LeftOut, RestoredList, RestorePlan } from "./backup.ts";
import type { Open } from "./open.ts";
import type { Translate } from "./stateWords.ts";

/** @param shown names and values of another computer, as they can be shown here */
export function restoreLines(
  { routes, budgets, prices, keys, settings, left }: RestorePlan,
  t: Translate,
  shown: (text: string) => string,
): string[] {
  return [
    ...listLine(t("Routes"), routes, t),
    ...listLine(t("Budgets"), budgets, t),
    ...listLine(t("Prices"), prices, t),
    ...(keys === undefined ? [] : listLine(t("Client keys"), keys, t)),
    ...settings.map(({ name, from, to }) => `${name}: ${shown(from)} → ${shown(to)}`),
    ...left.map(({ name, why }) => `${shown(name)}: ${whyLeft(why, t)}`),
  ];
}

function listLine(what: string, { added, replaced, kept }: RestoredList, t: Translate): string[] {
  if (added + replaced + kept === 0) return [];
  return [t("{0}: {1} new, {2} replaced, {3} as they are", what, added, replaced, kept)];
}

function whyLeft(why: Open<LeftOut>, t: Translate): string {
  if (why === "config") return t("left out, the config file of this computer says it");
  if (why === "machine") return t("left out, it belongs to the computer it was set on");
  return t("left out, this Portico does not know it");
}
