/** Remove Account…: the account and its key. */
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { CommandContext } from "../commandContext.ts";
import { COMMANDS } from "../commandIds.ts";
import { accountIn } from "../contextMenu.ts";
import { labels } from "../labels.ts";
import { showInformation, showWarning } from "../messages.ts";

export async function removeAccount({ host }: CommandContext, argument: unknown): Promise<void> {
  const accounts = await host.call("accounts.list", undefined);
  if (accounts.length === 0) {
    const choice = await showInformation(t("There is no account to remove."), labels.addAccount());
    if (choice !== undefined) await vscode.commands.executeCommand(COMMANDS.addAccount);
    return;
  }
  const items = accounts.map((account) => ({ label: account.label, description: account.id, account }));
  const named = accountIn(argument);
  const picked =
    items.find(({ account }) => account.id === named) ??
    (await vscode.window.showQuickPick(items, {
      title: t("Portico: remove account"),
      placeHolder: labels.whichAccount(),
      matchOnDescription: true,
    }));
  if (picked === undefined) return;
  const { id, label, readOnly } = picked.account;
  if (readOnly) {
    await showWarning(t("{0} is defined elsewhere and cannot be removed here.", label));
    return;
  }
  const detail = t("Its key is deleted from this computer. The provider still knows the key.");
  const choice = await showWarning(t("Remove {0}?", label), { modal: true, detail }, t("Remove"));
  if (choice === undefined) return;
  const { removed } = await host.call("accounts.remove", { id });
  await showInformation(removed ? t("{0} was removed.", label) : t("{0} was already gone.", label));
}
