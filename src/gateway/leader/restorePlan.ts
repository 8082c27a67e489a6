/**
 * What restoring a backup does to routes and settings, decided before anything is done. Nothing is lost: what is
 * only here stays; of what is on both sides the backup's wins.
 *
 * What says who may reach this computer (port, LAN access, key mode, allowed origins and hosts) never travels:
 * those are the settings whose home is VS Code's, and they are left out both when a backup is written and when one
 * is read, whoever wrote it.
 */
import { isDeepStrictEqual } from "node:util";
import type { LeftOut, RestoredList, RestoredSetting } from "../../control/backup.ts";
import type {
  PriceRule,
  RouteRule,
  SettingName,
  SettingsChange,
  SettingsView,
} from "../../control/settings.ts";
import type { BudgetRule } from "../../control/stats.ts";
import type { BackedUpSettings } from "../accounts/credentials/transfer/file.ts";
import { badRequest } from "../common/errors.ts";
import { routeSchema } from "../settings/settings.ts";
import { EDITABLE, EDITABLE_VALUES, isSettingName, SETTING_NAMES } from "../settings/table.ts";

export interface Here {
  readonly routes: readonly RouteRule[];
  readonly settings: SettingsView;
  /** An account's id in the backup -> its id here, where they differ. */
  readonly renamed: ReadonlyMap<string, string>;
}

export interface PlannedSettings {
  readonly routes: RouteRule[];
  readonly change: SettingsChange;
  readonly lists: {
    readonly routes: RestoredList;
    readonly budgets: RestoredList;
    readonly prices: RestoredList;
  };
  readonly settings: RestoredSetting[];
  readonly left: { name: string; why: LeftOut }[];
}

const MAX_ROUTES = 1000;
const UNCHANGED: RestoredList = { added: 0, replaced: 0, kept: 0 };

const travels = (name: SettingName): boolean => EDITABLE.get(name)?.about.home === "portico";

/** What a backup holds of the settings in force: those that Portico itself keeps, and not a config file. */
export function settingsToBackUp({ values, homes }: SettingsView): Record<string, unknown> {
  const kept = SETTING_NAMES.filter((name) => travels(name) && homes[name] === "portico");
  return Object.fromEntries(kept.map((name) => [name, values[name]]));
}

/** @throws PorticoError `invalid_request` where both together are more than there can be */
export function planSettings({ routes, settings }: BackedUpSettings, here: Here): PlannedSettings {
  const { values, homes } = here.settings;
  const change: Record<string, unknown> = {};
  const left: { name: string; why: LeftOut }[] = [];
  const lists = { routes: UNCHANGED, budgets: UNCHANGED, prices: UNCHANGED };
  const rules = <T>(
    name: "budgets" | "prices",
    before: readonly T[],
    wanted: T[],
    keyOf: (rule: T) => string,
  ) => {
    const merged = merge(before, wanted, keyOf);
    lists[name] = merged.counts;
    return merged.all;
  };
  for (const [name, given] of Object.entries(settings)) {
    if (isSettingName(name) && !travels(name)) left.push({ name, why: "machine" });
    else if (isSettingName(name) && homes[name] === "config") left.push({ name, why: "config" });
    else if (!isSettingName(name) || !EDITABLE_VALUES[name].safeParse(given).success)
      left.push({ name, why: "unknown" });
    else {
      const wanted = renamedIn(name, EDITABLE_VALUES[name].parse(given), here.renamed);
      if (name === "budgets") change[name] = rules(name, values.budgets, wanted as BudgetRule[], budgetKey);
      else if (name === "prices") change[name] = rules(name, values.prices, wanted as PriceRule[], priceKey);
      else change[name] = wanted;
      if (isDeepStrictEqual(change[name], values[name])) delete change[name];
      else if (!EDITABLE_VALUES[name].safeParse(change[name]).success) throw tooMany(name);
    }
  }
  const renamed = routes.map((route) => ({ ...route, to: route.to.map((to) => target(to, here.renamed)) }));
  const merged = merge(here.routes, renamed as RouteRule[], ({ model }) => model);
  lists.routes = merged.counts;
  if (merged.all.length > MAX_ROUTES || !merged.all.every((route) => routeSchema.safeParse(route).success)) {
    throw tooMany("routes");
  }
  return {
    routes: merged.all,
    change: change as SettingsChange,
    lists,
    settings: Object.entries(change)
      .filter(([name]) => name !== "budgets" && name !== "prices")
      .map(([name, to]) => ({
        name,
        from: JSON.stringify(values[name as SettingName]),
        to: JSON.stringify(to),
      })),
    left: left.slice(0, 100),
  };
}

const tooMany = (name: string): Error =>
  badRequest(
    `With those that are here there would be too many ${name}. Remove some first. Nothing was changed.`,
  );

const budgetKey = ({ account, unit, per }: BudgetRule): string => JSON.stringify([account, unit, per]);
const priceKey = ({ account, model }: PriceRule): string => JSON.stringify([account, model]);

/** In the order of those here; several of one name count as one, and the backup's take its place together. */
function merge<T>(
  here: readonly T[],
  wanted: readonly T[],
  keyOf: (entry: T) => string,
): { all: T[]; counts: RestoredList } {
  const grouped = (entries: readonly T[]) => {
    const groups = new Map<string, T[]>();
    for (const entry of entries) groups.set(keyOf(entry), [...(groups.get(keyOf(entry)) ?? []), entry]);
    return groups;
  };
  const groups = grouped(here);
  const counts = { added: 0, replaced: 0, kept: 0 };
  for (const [key, entries] of grouped(wanted)) {
    const before = groups.get(key);
    if (before === undefined) counts.added += entries.length;
    else if (!isDeepStrictEqual(before, entries)) counts.replaced += before.length;
    groups.set(key, entries);
  }
  counts.kept = here.length - counts.replaced;
  return { all: [...groups.values()].flat(), counts };
}

/** `ACCOUNT/MODEL` under the account's id here. */
function target(to: string, renamed: Here["renamed"]): string {
  const slash = to.indexOf("/");
  const id = slash > 0 ? renamed.get(to.slice(0, slash)) : undefined;
  return id === undefined ? to : `${id}${to.slice(slash)}`;
}

/** A setting's value with the accounts that it names under their ids here. */
function renamedIn(name: SettingName, value: unknown, renamed: Here["renamed"]): unknown {
  switch (name) {
    case "scheduling.pinned":
      return renamed.get(value as string) ?? value;
    case "background.to":
      return (value as string[]).map((to) => target(to, renamed));
    case "budgets":
    case "prices":
      return (value as (BudgetRule | PriceRule)[]).map((rule) => {
        const account = rule.account === undefined ? undefined : renamed.get(rule.account);
        return account === undefined ? rule : { ...rule, account };
      });
    default:
      return value;
  }
}
