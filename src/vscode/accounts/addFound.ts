/** Add Account… with keys that are on this computer already: shown first, taken only by choice. */
import * as vscode from "vscode";
import type { CommandContext } from "../commandContext.ts";
import { showInformation } from "../messages.ts";
import { tellMany } from "./addWays.ts";

const TIMEOUT_MS = 120_000;
const TITLE = "Portico: keys found on this computer";
const ENV_FILE = "Choose a .env File…";

export async function addFound(window: CommandContext): Promise<void> {
  await choose(window, undefined);
}

async function choose(window: CommandContext, envFile: string | undefined): Promise<void> {
  const place = envFile === undefined ? {} : { envFile };
  const found = await window.host.call("accounts.discover", envFile === undefined ? undefined : place);
  const fresh = found.filter(({ sameAs }) => sameAs === undefined);
  if (fresh.length === 0) {
    const known = found.length === 0 ? "No key was found" : "Every key that was found is an account already";
    const where = "in the environment and in Google's well-known file";
    const choice = await showInformation(
      envFile === undefined ? `${known} (${where}).` : `${known} (${envFile}).`,
      ENV_FILE,
    );
    if (choice === ENV_FILE) await chooseFile(window);
    return;
  }
  const items = fresh.map((each) => ({
    label: each.label,
    description: `${each.name} · ${each.masked}`,
    detail: `from ${each.source}`,
    id: each.id,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: TITLE,
    placeHolder: "Nothing is taken that you do not choose",
    canPickMany: true,
    ignoreFocusOut: true,
  });
  if (picked === undefined || picked.length === 0) return;
  const params = { ids: picked.map(({ id }) => id), ...place };
  const results = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: "Portico tries each of them…" },
    () => window.host.call("accounts.discover.take", params, { timeoutMs: TIMEOUT_MS }),
  );
  await tellMany(results);
}

async function chooseFile(window: CommandContext): Promise<void> {
  const [file] = (await vscode.window.showOpenDialog({ title: "A .env file", openLabel: "Look" })) ?? [];
  if (file !== undefined) await choose(window, file.fsPath);
}
