/** Backing Portico up and restoring it: accounts by the rules of an import, then routes, then settings. */
import type { BackedUp, RestorePlan } from "../../control/backup.ts";
import type { ImportParams } from "../../control/credentials.ts";
import { messageOf, PorticoError } from "../common/errors.ts";
import { importEntries, type ReadBackup } from "./credentialService.ts";
import { type PlannedSettings, planSettings, settingsToBackUp } from "./restorePlan.ts";
import type { Services } from "./services.ts";

type Needed = Pick<Services, "credentials" | "settings">;

export async function exportBackup({ credentials, settings }: Needed, passphrase: string): Promise<BackedUp> {
  const view = settings.view();
  const own = { routes: settings.routes().own, settings: settingsToBackUp(view) };
  const { text, accounts } = await credentials.writeBackup(own, passphrase);
  const budgets = view.homes.budgets === "portico" ? view.values.budgets.length : 0;
  return { text, accounts, routes: own.routes.length, budgets };
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
    const { routes, change, lists } = planned(services, read);
    if (lists.routes.added + lists.routes.replaced > 0) await settings.setRoutes(routes);
    if (Object.keys(change).length > 0) await settings.update(change);
  } catch (error) {
    const why = messageOf(error);
    const message = `The accounts are restored, routes and settings not all: ${why} Restore the same backup again to finish; what is here already is passed over.`;
    throw new PorticoError("unavailable", message, { cause: error });
  }
  return done;
}

function planned({ settings }: Needed, { own, planned: accounts }: ReadBackup): PlannedSettings {
  const renamed = accounts.flatMap(({ id, account, sameAs }): [string, string][] => {
    const here = sameAs ?? account.id;
    return here === id ? [] : [[id, here]];
  });
  const here = { routes: settings.routes().own, settings: settings.view(), renamed: new Map(renamed) };
  return planSettings(own, here);
}

function shown({ exportedAt, planned: accounts }: ReadBackup, plan: PlannedSettings): RestorePlan {
  const { lists, settings, left, change } = plan;
  const changes =
    accounts.some(({ action }) => action !== "duplicate") ||
    lists.routes.added + lists.routes.replaced + Object.keys(change).length > 0;
  return { accounts: importEntries(accounts), ...lists, settings, left, exportedAt, changes };
}
