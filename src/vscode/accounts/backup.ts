/** Back Up… and Restore…: everything that a new computer needs, in one file under a passphrase. */
import { homedir } from "node:os";
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { restoreLines } from "../../control/restoreWords.ts";
import type { CommandContext } from "../commandContext.ts";
import { accountCount } from "../labels.ts";
import { showInformation } from "../messages.ts";
import { entryLines, newPassphrase, readChosenFile, TIMEOUT_MS, withPassphrase } from "./transfer.ts";

/** Lines of a dialog. */
const MAX_LINES = 25;

export async function backUp({ host }: CommandContext): Promise<void> {
  const passphrase = await newPassphrase(t("Portico: back up"));
  if (passphrase === undefined) return;
  const { text, accounts } = await host.call("backup.export", { passphrase }, { timeoutMs: TIMEOUT_MS });
  const file = await vscode.window.showSaveDialog({
    title: t("Back up Portico"),
    saveLabel: t("Back Up"),
    filters: { JSON: ["json"] },
    // No workspace: what lies there may be shared.
    defaultUri: vscode.Uri.joinPath(vscode.Uri.file(homedir()), "portico-backup.json"),
  });
  if (file === undefined) return;
  await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(text));
  await showInformation(
    t(
      "Backed up {0}, with routes, budgets, settings and client keys. Keep the passphrase.",
      accountCount(accounts),
    ),
  );
}

export async function restore({ host }: CommandContext): Promise<void> {
  const text = await readChosenFile(t("Restore Portico"));
  if (text === undefined) return;
  const prompt = t("The passphrase that the backup was made with:");
  const params = await withPassphrase(text, t("Portico: restore"), prompt);
  if (params === undefined) return;
  const plan = await host.call("backup.preview", params, { timeoutMs: TIMEOUT_MS });
  if (!plan.changes) {
    await showInformation(t("Everything in this backup is here already."));
    return;
  }
  const here = await host.call("accounts.list", undefined);
  const lines = restoreLines(plan, t, cut).map((line) => `• ${line}`);
  const accounts = entryLines(plan.accounts, here, Math.max(MAX_LINES - lines.length, 5));
  const choice = await showInformation(
    t("Restore this backup?"),
    { modal: true, detail: [...accounts, ...lines, "", t("What is only here stays.")].join("\n") },
    t("Restore"),
  );
  if (choice === undefined) return;
  await host.call("backup.apply", params, { timeoutMs: TIMEOUT_MS });
  await showInformation(t("Restored. Port, LAN access and key of this computer are as they were."));
}

const cut = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text);
