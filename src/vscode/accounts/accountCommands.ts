/** What a person does with accounts that are there: enable, order, test, read quotas. */
import * as vscode from "vscode";
import { canPause, type ListedAccount } from "../../control/accounts.ts";
import type { CheckResult } from "../../control/contract.ts";
import type { CommandContext } from "../commandContext.ts";
import { accountIn } from "../contextMenu.ts";
import { showInformation, showWarning } from "../messages.ts";
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
    { label: "$(beaker) Test Account", run: () => testOne(window, account) },
    ...(again === undefined
      ? []
      : [{ label: `$(key) ${again}`, run: () => signInAgain(window, account.id) }]),
    {
      label: account.enabled ? "$(circle-slash) Disable Account" : "$(pass) Enable Account",
      run: () => toggleOne(window, account),
    },
    {
      label: "$(list-ordered) Set Priority…",
      description: `now ${account.priority}`,
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
    title: "enable or disable account",
    id: accountIn(argument),
    allows: canPause,
  });
  if (account !== undefined) await toggleOne(window, account);
}

async function toggleOne(window: CommandContext, { id, label, enabled }: ListedAccount): Promise<void> {
  await window.host.call("accounts.update", { id, enabled: !enabled });
  await showInformation(enabled ? `${label} is disabled: no request goes to it.` : `${label} is enabled.`);
}

export async function setPriority(window: CommandContext, argument: unknown): Promise<void> {
  const account = await pickAccount(window, { title: "set priority", id: accountIn(argument) });
  if (account !== undefined) await setPriorityOf(window, account);
}

async function setPriorityOf(window: CommandContext, account: ListedAccount): Promise<void> {
  const { id, label } = account;
  const text = await vscode.window.showInputBox({
    title: `Portico: priority of ${label}`,
    prompt: "Accounts with a higher number are used first; those with the same number share the work.",
    value: String(account.priority),
    validateInput(value) {
      const priority = Number(value);
      const fits = value.trim() !== "" && Number.isInteger(priority) && Math.abs(priority) <= 1000;
      return fits ? undefined : "A whole number from -1000 to 1000.";
    },
  });
  if (text === undefined) return;
  await window.host.call("accounts.update", { id, priority: Number(text) });
  await showInformation(`${label} has priority ${Number(text)}.`);
}

export async function testAccount(window: CommandContext, argument: unknown): Promise<void> {
  const account = await pickAccount(window, {
    title: "test account",
    id: accountIn(argument),
    allows: () => true,
  });
  if (account !== undefined) await testOne(window, account);
}

async function testOne(window: CommandContext, account: ListedAccount): Promise<void> {
  const result = await test(window, account);
  if (result === undefined) return;
  if (result.ok) {
    const models = result.models.length === 1 ? "1 model" : `${result.models.length} models`;
    await showInformation(`${account.label} works (${models}).`);
    return;
  }
  const message = `${account.label} does not work: ${result.message}`;
  const again = result.reason === "key-refused" ? againLabel(account) : undefined;
  const choice = await showWarning(message, ...(again === undefined ? [] : [again]));
  if (choice !== undefined) await signInAgain(window, account.id);
}

/** @returns `undefined` when the person cancelled. */
async function test(window: CommandContext, { id, label }: ListedAccount): Promise<CheckResult | undefined> {
  return vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: `Portico asks whether ${label} works…`,
      cancellable: true,
    },
    async (_progress, token) => {
      const controller = new AbortController();
      token.onCancellationRequested(() => controller.abort());
      try {
        const options = { signal: controller.signal, timeoutMs: TEST_TIMEOUT_MS };
        return await window.host.call("accounts.test", { id }, options);
      } catch (error) {
        if (controller.signal.aborted) return undefined;
        throw error;
      }
    },
  );
}

/** Reads them and shows every account with what is left. */
export async function refreshQuotas(window: CommandContext): Promise<void> {
  const accounts = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: "Portico asks the providers for quotas…" },
    () => window.host.call("accounts.quotas.refresh", undefined, { timeoutMs: QUOTA_TIMEOUT_MS }),
  );
  if (accounts.length === 0) {
    await showInformation("There is no account yet.");
    return;
  }
  const items = accounts.map((account) => {
    const item = accountItem(account);
    const known = account.quotas.some(({ remaining }) => remaining !== undefined);
    return known ? item : { ...item, detail: item.detail || "The provider does not tell a quota." };
  });
  await vscode.window.showQuickPick(items, {
    title: "Portico: quotas",
    placeHolder: "Some providers tell quotas only with their answers to requests",
  });
}
