/** What a person does with accounts that are there: enable, order, test, read quotas. */
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { canPause, type ListedAccount } from "../../control/accounts.ts";
import type { CommandContext } from "../commandContext.ts";
import { accountIn } from "../contextMenu.ts";
import { modelCount } from "../labels.ts";
import { showInformation, showWarning } from "../messages.ts";
import { withCancel, withProgress } from "../progress.ts";
import { reasonOf, stateOf } from "./accountLabels.ts";
import { accountItem, pickAccount } from "./pickAccount.ts";
import { againLabel, signInAgain } from "./signInAgain.ts";

const TEST_TIMEOUT_MS = 60_000;
const QUOTA_TIMEOUT_MS = 60_000;

/** What can be done with one account. */
export async function showAccount(window: CommandContext, account: ListedAccount): Promise<void> {
  const now = Date.now();
  const { words } = stateOf(account, now);
  const again = againLabel(account);
  const reason = reasonOf(account, now);
  const actions: (vscode.QuickPickItem & { run: () => Promise<void> })[] = [
    { label: `$(beaker) ${t("Test Account")}`, run: () => testOne(window, account) },
    ...(again === undefined
      ? []
      : [{ label: `$(key) ${again}`, run: () => signInAgain(window, account.id) }]),
    {
      label: account.enabled ? `$(circle-slash) ${t("Disable Account")}` : `$(pass) ${t("Enable Account")}`,
      run: () => toggleOne(window, account),
    },
    {
      label: `$(list-ordered) ${t("Set Priority…")}`,
      description: t("now {0}", account.priority),
      run: () => setPriorityOf(window, account),
    },
  ];
  const choice = await vscode.window.showQuickPick(actions, {
    title: `Portico: ${account.label} · ${words}`,
    ...(reason === "" ? {} : { placeHolder: reason }),
  });
  await choice?.run();
}

export async function toggleAccount(window: CommandContext, argument: unknown): Promise<void> {
  const account = await pickAccount(window, {
    title: t("enable or disable account"),
    id: accountIn(argument),
    allows: canPause,
  });
  if (account !== undefined) await toggleOne(window, account);
}

async function toggleOne(window: CommandContext, { id, label, enabled }: ListedAccount): Promise<void> {
  await window.host.call("accounts.update", { id, enabled: !enabled });
  await showInformation(
    enabled ? t("{0} is disabled: no request goes to it.", label) : t("{0} is enabled.", label),
  );
}

export async function setPriority(window: CommandContext, argument: unknown): Promise<void> {
  const account = await pickAccount(window, { title: t("set priority"), id: accountIn(argument) });
  if (account !== undefined) await setPriorityOf(window, account);
}

async function setPriorityOf(window: CommandContext, account: ListedAccount): Promise<void> {
  const { id, label } = account;
  const text = await vscode.window.showInputBox({
    title: t("Portico: priority of {0}", label),
    prompt: t("Accounts with a higher number are used first; those with the same number share the work."),
    value: String(account.priority),
    validateInput(value) {
      const priority = Number(value);
      const fits = value.trim() !== "" && Number.isInteger(priority) && Math.abs(priority) <= 1000;
      return fits ? undefined : t("A whole number from -1000 to 1000.");
    },
  });
  if (text === undefined) return;
  await window.host.call("accounts.update", { id, priority: Number(text) });
  await showInformation(t("{0} has priority {1}.", label, Number(text)));
}

export async function testAccount(window: CommandContext, argument: unknown): Promise<void> {
  const account = await pickAccount(window, {
    title: t("test account"),
    id: accountIn(argument),
    allows: () => true,
  });
  if (account !== undefined) await testOne(window, account);
}

async function testOne(window: CommandContext, account: ListedAccount): Promise<void> {
  const result = await withCancel(t("Portico asks whether {0} works…", account.label), (signal) =>
    window.host.call("accounts.test", { id: account.id }, { signal, timeoutMs: TEST_TIMEOUT_MS }),
  );
  if (result === undefined) return;
  if (result.ok) {
    await showInformation(t("{0} works ({1}).", account.label, modelCount(result.models.length)));
    return;
  }
  const message = t("{0} does not work: {1}", account.label, result.message);
  const again = result.reason === "key-refused" ? againLabel(account) : undefined;
  const choice = await showWarning(message, ...(again === undefined ? [] : [again]));
  if (choice !== undefined) await signInAgain(window, account.id);
}

/** Reads them and shows every account with what is left. */
export async function refreshQuotas(window: CommandContext): Promise<void> {
  const accounts = await withProgress(t("Portico asks the providers for quotas…"), () =>
    window.host.call("accounts.quotas.refresh", undefined, { timeoutMs: QUOTA_TIMEOUT_MS }),
  );
  if (accounts.length === 0) {
    await showInformation(t("There is no account yet."));
    return;
  }
  const items = accounts.map((account) => {
    const item = accountItem(account);
    const known = account.quotas.some(({ remaining }) => remaining !== undefined);
    return known ? item : { ...item, detail: item.detail || t("The provider does not tell a quota.") };
  });
  await vscode.window.showQuickPick(items, {
    title: t("Portico: quotas"),
    placeHolder: t("Some providers tell quotas only with their answers to requests"),
  });
}
