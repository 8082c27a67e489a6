/** Remove Account…: the account and its key. */
import * as vscode from "vscode";
import type { CommandContext } from "../commandContext.ts";
import { COMMANDS } from "../commandIds.ts";
import { accountIn } from "../contextMenu.ts";
import { showInformation, showWarning } from "../messages.ts";

const ADD = "Add Account…";
const REMOVE = "Remove";

export async function removeAccount({ host }: CommandContext, argument: unknown): Promise<void> {
  const accounts = await host.call("accounts.list", undefined);
  if (accounts.length === 0) {
    const choice = await showInformation("There is no account to remove.", ADD);
    if (choice === ADD) await vscode.commands.executeCommand(COMMANDS.addAccount);
    return;
  }
  const items = accounts.map((account) => ({ label: account.label, description: account.id, account }));
  const named = accountIn(argument);
  const picked =
    items.find(({ account }) => account.id === named) ??
    (await vscode.window.showQuickPick(items, {
      title: "Portico: remove account",
      placeHolder: "Which account?",
      matchOnDescription: true,
    }));
  if (picked === undefined) return;
  const { id, label, readOnly } = picked.account;
  if (readOnly) {
    await showWarning(`${label} is defined elsewhere and cannot be removed here.`);
    return;
  }
  const detail = "Its key is deleted from this computer. The provider still knows the key.";
  const choice = await showWarning(`Remove ${label}?`, { modal: true, detail }, REMOVE);
  if (choice !== REMOVE) return;
  const { removed } = await host.call("accounts.remove", { id });
  await showInformation(removed ? `${label} was removed.` : `${label} was already gone.`);
}
