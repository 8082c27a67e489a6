/** Lets a person choose one of the accounts, each shown with how it fares. */
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { ListedAccount } from "../../control/accounts.ts";
import type { CommandContext } from "../commandContext.ts";
import { COMMANDS } from "../commandIds.ts";
import { labels } from "../labels.ts";
import { showInformation, showWarning } from "../messages.ts";
import { quotaLabel, reasonOf, stateOf } from "./accountLabels.ts";

export interface AccountItem extends vscode.QuickPickItem {
  account: ListedAccount;
}

export function accountItem(account: ListedAccount): AccountItem {
  const now = Date.now();
  const { icon, words } = stateOf(account, now);
  const reason = reasonOf(account, now);
  const quota = quotaLabel(account, now);
  return {
    label: `$(${icon}) ${account.label}`,
    description: words,
    detail: [reason, quota].filter((text) => text !== "").join(" · "),
    account,
  };
}

type Allows = (account: ListedAccount) => boolean;

export interface AccountChoice {
  /** After `Portico: `. */
  title: string;
  /** Of those it is about; without: all. */
  fits?: (account: ListedAccount) => boolean;
  /** Where none fits. */
  none?: string;
  /** Else it is said that it cannot be changed here; absent: those of the config file cannot. */
  allows?: Allows;
  /** Of the one whose row it was asked for; nobody is to be asked then. */
  id?: string | undefined;
}

/** @returns `undefined` when there is none, which is said, or the person gave up. */
export async function pickAccount(
  { host }: CommandContext,
  { title, fits = () => true, none, id, allows = ({ readOnly }) => !readOnly }: AccountChoice,
): Promise<ListedAccount | undefined> {
  const accounts = await host.call("accounts.list", undefined);
  const named = accounts.find((account) => account.id === id);
  if (named !== undefined && fits(named)) return changeable(named, allows);
  if (named !== undefined) {
    await showWarning(none ?? t("{0} does not fit.", named.label));
    return undefined;
  }
  const needsYou = ({ state }: ListedAccount) => Number(state === "needs-attention");
  const items = accounts
    .filter(fits)
    .toSorted((a, b) => needsYou(b) - needsYou(a))
    .map(accountItem);
  if (items.length === 0) {
    const message = accounts.length === 0 ? t("There is no account yet.") : (none ?? t("No account fits."));
    const choice = await showInformation(message, labels.addAccount());
    if (choice !== undefined) await vscode.commands.executeCommand(COMMANDS.addAccount);
    return undefined;
  }
  const picked = await vscode.window.showQuickPick(items, {
    title: t("Portico: {0}", title),
    placeHolder: labels.whichAccount(),
    matchOnDescription: true,
  });
  return picked === undefined ? undefined : changeable(picked.account, allows);
}

async function changeable(account: ListedAccount, allows: Allows): Promise<ListedAccount | undefined> {
  if (allows(account)) return account;
  await showWarning(t("{0} cannot be changed here.", account.label));
  return undefined;
}
