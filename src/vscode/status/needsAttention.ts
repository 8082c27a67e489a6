/** Tells a person, once, that an account needs them, with what to do about it. */
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { type Attention, OUTDATED } from "../../control/attention.ts";
import { againLabel, signInAgain } from "../accounts/signInAgain.ts";
import type { CommandContext } from "../commandContext.ts";
import { COMMANDS, MENU_COMMAND } from "../commandIds.ts";
import { showWarning } from "../messages.ts";

export async function tellNeedsAttention(window: CommandContext, attention: Attention): Promise<void> {
  const { account, key, message, cause } = attention;
  const show = t("Show");
  if (cause === OUTDATED || key !== undefined) {
    const choice = await showWarning(message, show);
    const page = key === undefined ? COMMANDS.openConnect : COMMANDS.manageKeys;
    if (choice === show) await vscode.commands.executeCommand(page);
    return;
  }
  const again = await repairOf(window, attention);
  const actions = again === undefined ? [show] : [again, show];
  const choice = await showWarning(message, ...actions);
  if (choice === show) await vscode.commands.executeCommand(MENU_COMMAND);
  else if (choice !== undefined && account !== undefined) await signInAgain(window, account);
}

/** Words for another credential, where that may mend it: it raises no limit of the person's own. */
async function repairOf(window: CommandContext, { account, cause }: Attention): Promise<string | undefined> {
  if (account === undefined || cause.startsWith("budget-")) return undefined;
  const listed = await window.host.call("accounts.list", undefined);
  const found = listed.find(({ id }) => id === account);
  return found === undefined ? undefined : againLabel(found);
}
