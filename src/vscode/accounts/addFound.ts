/** Add Account… with keys that are on this computer already: shown first, taken only by choice. */
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { CommandContext } from "../commandContext.ts";
import { labels } from "../labels.ts";
import { showInformation } from "../messages.ts";
import { withProgress } from "../progress.ts";
import { tellMany } from "./addWays.ts";

const TIMEOUT_MS = 120_000;

/** @param envFile to be looked into besides */
export async function addFound(window: CommandContext, envFile?: string): Promise<void> {
  const place = envFile === undefined ? {} : { envFile };
  const found = await window.host.call("accounts.discover", envFile === undefined ? undefined : place);
  const fresh = found.filter(({ sameAs }) => sameAs === undefined);
  if (fresh.length === 0) {
    const where = envFile ?? t("in the environment and in Google's well-known file");
    const choice = await showInformation(
      found.length === 0
        ? t("No key was found ({0}).", where)
        : t("Every key that was found is an account already ({0}).", where),
      t("Choose a .env File…"),
    );
    if (choice !== undefined) await chooseFile(window);
    return;
  }
  const items = fresh.map((each) => ({
    label: each.label,
    description: `${each.name} · ${each.masked}`,
    detail: t("from {0}", each.source),
    id: each.id,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: t("Portico: keys found on this computer"),
    placeHolder: t("Nothing is taken that you do not choose"),
    canPickMany: true,
    ignoreFocusOut: true,
  });
  if (picked === undefined || picked.length === 0) return;
  const params = { ids: picked.map(({ id }) => id), ...place };
  const results = await withProgress(labels.tryingEach(), () =>
    window.host.call("accounts.discover.take", params, { timeoutMs: TIMEOUT_MS }),
  );
  await tellMany(results);
}

async function chooseFile(window: CommandContext): Promise<void> {
  const [file] =
    (await vscode.window.showOpenDialog({ title: t("A .env file"), openLabel: t("Look") })) ?? [];
  if (file !== undefined) await addFound(window, file.fsPath);
}
