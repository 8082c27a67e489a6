/** The menu behind the status bar item. */
import * as vscode from "vscode";
import type { ListedAccount } from "../../control/accounts.ts";
import type { Status } from "../../control/contract.ts";
import { reachWords, stateWords } from "../../control/stateWords.ts";
import { visible } from "../../control/visible.ts";
import { showAccount } from "../accounts/accountCommands.ts";
import { quotaLabel, stateOf } from "../accounts/accountLabels.ts";
import { signInAgain } from "../accounts/signInAgain.ts";
import type { CommandContext } from "../commandContext.ts";
import { COMMANDS, type CommandName } from "../commandIds.ts";
import { openSettings } from "../host/settings.ts";
import { authLabel, chooseAuthMode, toggleLanAccess } from "../proxy/access.ts";
import { isStopping } from "../proxy/proxy.ts";

/** Shown in the menu; the commands list all. */
const MAX_ACCOUNTS = 12;

interface Item extends vscode.QuickPickItem {
  run?: () => Promise<void>;
}

export async function showMenu(window: CommandContext): Promise<void> {
  const status = await window.host.call("status.get", undefined);
  const accounts = await window.host.call("accounts.list", undefined);
  const choice = await vscode.window.showQuickPick(items(window, status, accounts), {
    title: `Portico: ${stateWords(status, Date.now(), vscode.l10n.t).words}`,
    placeHolder: whereLabel(status),
    matchOnDescription: true,
  });
  await choice?.run?.();
}

/** Its address and who can reach it, or why it has none. */
function whereLabel(status: Status): string {
  const { proxy } = status;
  if (proxy.kind === "failed") return proxy.message;
  const who = reachWords(status, vscode.l10n.t);
  return proxy.kind === "running" ? `${proxy.baseUrl} · ${who}` : who;
}

function items(window: CommandContext, status: Status, accounts: readonly ListedAccount[]): Item[] {
  const running = status.proxy.kind === "running" || status.proxy.kind === "starting";
  const problems = status.problems.map(
    ({ severity, message, account }): Item => ({
      label: `$(${severity === "error" ? "error" : "warning"}) ${visible(message)}`,
      run: account === undefined ? command("showLog").run : () => signInAgain(window, account),
    }),
  );
  return [
    ...(problems.length === 0 ? [] : [separator("Needs you"), ...problems.slice(0, 10)]),
    separator("Proxy"),
    ...(isStopping(status) ? [item("debug-stop", "Stop Now", "stop")] : []),
    running ? item("debug-stop", "Stop Proxy", "stop") : item("play", "Start Proxy", "start"),
    ...(running ? [item("refresh", "Restart Proxy", "restart")] : []),
    ...(running ? [item("copy", "Copy Base URL", "copyBaseUrl")] : []),
    item("key", "Copy API Key", "copyApiKey"),
    separator("Who can use it"),
    {
      label: `$(${status.lan ? "check" : "circle-large-outline"}) LAN access`,
      description: status.lan ? "on · click to keep it to this computer" : "off · this computer only",
      run: () => toggleLanAccess(window, status),
    },
    {
      label: "$(lock) Who needs the key",
      description: authLabel(status.authMode),
      run: () => chooseAuthMode(window, status),
    },
    separator("Accounts"),
    ...accounts.slice(0, MAX_ACCOUNTS).map((account) => accountEntry(window, account)),
    item("add", "Add Account…", "addAccount"),
    ...(accounts.length === 0 ? [] : withAccounts()),
    separator("More"),
    item("dashboard", "Open Dashboard", "openDashboard"),
    item("list-flat", "Open Monitor", "openMonitor"),
    item("output", "Show Log", "showLog"),
    { label: "$(gear) Settings", run: () => openSettings() },
  ];
}

/** Its state, and what can be done with it. */
function accountEntry(window: CommandContext, account: ListedAccount): Item {
  const now = Date.now();
  const { icon, words } = stateOf(account, now);
  const quota = quotaLabel(account, now);
  const description = quota === "" ? words : `${words} · ${quota}`;
  return { label: `$(${icon}) ${account.label}`, description, run: () => showAccount(window, account) };
}

function withAccounts(): Item[] {
  return [
    item("pulse", "Refresh Quotas", "refreshQuotas"),
    item("cloud-upload", "Export Accounts…", "exportAccounts"),
    item("trash", "Remove Account…", "removeAccount"),
  ];
}

function item(icon: string, label: string, name: CommandName): Item {
  return { label: `$(${icon}) ${label}`, ...command(name) };
}

function command(name: CommandName): { run: () => Promise<void> } {
  return {
    run: async () => {
      await vscode.commands.executeCommand(COMMANDS[name]);
    },
  };
}

function separator(label: string): Item {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}
