/** The menu behind the status bar item. */
import { t } from "@vscode/l10n";
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
import { labels } from "../labels.ts";
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
    title: `Portico: ${stateWords(status, Date.now(), t).words}`,
    placeHolder: whereLabel(status),
    matchOnDescription: true,
  });
  await choice?.run?.();
}

/** Its address and who can reach it, or why it has none. */
function whereLabel(status: Status): string {
  const { proxy } = status;
  if (proxy.kind === "failed") return proxy.message;
  const who = reachWords(status, t);
  return proxy.kind === "running" ? `${proxy.baseUrl} · ${who}` : who;
}

function items(window: CommandContext, status: Status, accounts: readonly ListedAccount[]): Item[] {
  const running = status.proxy.kind === "running" || status.proxy.kind === "starting";
  const problems = status.problems.map(
    ({ severity, message, account, key }): Item => ({
      label: `$(${severity === "error" ? "error" : "warning"}) ${visible(message)}`,
      run:
        account !== undefined
          ? () => signInAgain(window, account)
          : command(key === undefined ? "showLog" : "manageKeys").run,
    }),
  );
  return [
    ...(problems.length === 0 ? [] : [separator(t("Needs you")), ...problems.slice(0, 10)]),
    separator(t("Proxy")),
    ...(isStopping(status) ? [item("debug-stop", t("Stop Now"), "stop")] : []),
    running ? item("debug-stop", t("Stop Proxy"), "stop") : item("play", labels.start(), "start"),
    ...(running ? [item("refresh", t("Restart Proxy"), "restart")] : []),
    ...(running ? [item("copy", labels.copyBaseUrl(), "copyBaseUrl")] : []),
    item("key", t("Copy API Key"), "copyApiKey"),
    separator(t("Who can use it")),
    {
      label: `$(${status.lan ? "check" : "circle-large-outline"}) ${t("LAN access")}`,
      description: status.lan ? t("on · click to keep it to this computer") : t("off · this computer only"),
      run: () => toggleLanAccess(window, status),
    },
    {
      label: `$(lock) ${t("Who needs the key")}`,
      description: authLabel(status.authMode),
      run: () => chooseAuthMode(window, status),
    },
    separator(t("Accounts")),
    ...accounts.slice(0, MAX_ACCOUNTS).map((account) => accountEntry(window, account)),
    item("add", labels.addAccount(), "addAccount"),
    ...(accounts.length === 0 ? [] : withAccounts()),
    separator(t("More")),
    item("dashboard", t("Open Dashboard"), "openDashboard"),
    item("list-flat", t("Open Monitor"), "openMonitor"),
    item("output", t("Show Log"), "showLog"),
    { label: `$(gear) ${t("Settings")}`, run: () => openSettings() },
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
    item("pulse", t("Refresh Quotas"), "refreshQuotas"),
    item("cloud-upload", t("Export Accounts…"), "exportAccounts"),
    item("trash", t("Remove Account…"), "removeAccount"),
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
