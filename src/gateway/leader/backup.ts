/** Backing Portico up and restoring it: accounts by the rules of an import, then routes, settings and client keys. */
import type { BackedUp, RestorePlan } from "../../control/backup.ts";
import type { ImportParams } from "../../control/credentials.ts";
import { messageOf, PorticoError } from "../common/errors.ts";
import { importEntries, type ReadBackup } from "./credentialService.ts";
import type { PlannedKeys } from "./restoreKeys.ts";
import { type PlannedSettings, planSettings, settingsToBackUp } from "./restorePlan.ts";
import type { Services } from "./services.ts";

type Needed = Pick<Services, "credentials" | "settings" | "keys">;

export async function exportBackup(
  { credentials, settings, keys }: Needed,
  passphrase: string,
): Promise<BackedUp> {
  const view = settings.view();
  const clientKeys = keys.toBackUp();
  const own = { routes: settings.routes().own, settings: settingsToBackUp(view), clientKeys };
  const { text, accounts } = await credentials.writeBackup(own, passphrase);
  const budgets = view.homes.budgets === "portico" ? view.values.budgets.length : 0;
  return { text, accounts, routes: own.routes.length, budgets, keys: clientKeys.keys.length };
}

export async function previewRestore(services: Needed, params: ImportParams): Promise<RestorePlan> {
  const read = await services.credentials.readBackup(params);
  return shown(read, planned(services, read));
}

/** @throws PorticoError where nothing was done, or with words that say what was */
export async function applyRestore(services: Needed, params: ImportParams): Promise<RestorePlan> {
  const { credentials, settings } = services;
  const read = await credentials.readBackup(params);
  // Whatever can be wrong with it is found before the first change.
  const done = shown(read, planned(services, read));
  await credentials.addPlanned(read.planned);
  try {
    const { routes, change, lists, keys } = planned(services, read);
    if (lists.routes.added + lists.routes.replaced > 0) await settings.setRoutes(routes);
    if (Object.keys(change).length > 0) await settings.update(change);
    if (keys.keys.length + keys.revoked.length > 0) await services.keys.restore(keys);
  } catch (error) {
    const why = messageOf(error);
    const message = `The accounts are restored, routes and settings not all: ${why} Restore the same backup again to finish; what is here already is passed over.`;
    throw new PorticoError("unavailable", message, { cause: error });
  }
  return done;
}

interface PlannedOwn extends PlannedSettings {
  readonly keys: PlannedKeys;
}

function planned({ settings, keys }: Needed, { own, planned: accounts }: ReadBackup): PlannedOwn {
  const renamed = accounts.flatMap(({ id, account, sameAs }): [string, string][] => {
    const here = sameAs ?? account.id;
    return here === id ? [] : [[id, here]];
  });
  const here = { routes: settings.routes().own, settings: settings.view(), renamed: new Map(renamed) };
  const planned = planSettings(own, here);
  return { ...planned, keys: keys.planRestore(own.clientKeys ?? {}, here.renamed) };
}

function shown({ exportedAt, planned: accounts }: ReadBackup, plan: PlannedOwn): RestorePlan {
  const { lists, settings, change, keys } = plan;
  const changes =
    accounts.some(({ action }) => action !== "duplicate") ||
    lists.routes.added + lists.routes.replaced + Object.keys(change).length > 0 ||
    keys.keys.length + keys.revoked.length > 0;
  const left = [...plan.left, ...keys.left].slice(0, 100);
  return {
    accounts: importEntries(accounts),
    ...lists,
    keys: keys.counts,
    settings,
    left,
    exportedAt,
    changes,
  };
}
