/** Every command and what it does. */
import * as vscode from "vscode";
import { refreshQuotas, setPriority, testAccount, toggleAccount } from "./accountCommands.ts";
import { addAccount } from "./addAccount.ts";
import { COMMANDS, type CommandName, MENU_COMMAND } from "./commandIds.ts";
import { copyApiKey, copyBaseUrl } from "./copy.ts";
import { explainRoute } from "./explainRoute.ts";
import { showMenu } from "./menu.ts";
import { restartProxy, startProxy, stopProxy } from "./proxy.ts";
import { removeAccount } from "./removeAccount.ts";
import { signInAgain } from "./signInAgain.ts";
import { exportAccounts, importAccounts } from "./transfer.ts";
import { attempt, type Window } from "./window.ts";

const ACTIONS: Readonly<Record<CommandName, (window: Window) => Promise<void>>> = {
  start: (window) => startProxy(window),
  stop: stopProxy,
  restart: restartProxy,
  addAccount,
  removeAccount,
  signInAgain: (window) => signInAgain(window),
  toggleAccount,
  setPriority,
  testAccount,
  refreshQuotas,
  importAccounts,
  exportAccounts,
  explainRoute,
  copyBaseUrl,
  copyApiKey,
  showLog: async ({ log }) => log.show(),
};

export function registerCommands(window: Window): vscode.Disposable {
  const register = (id: string, action: (window: Window) => Promise<void>) =>
    vscode.commands.registerCommand(id, () => attempt(window, () => action(window)));
  const names = Object.keys(COMMANDS) as CommandName[];
  return vscode.Disposable.from(
    ...names.map((name) => register(COMMANDS[name], ACTIONS[name])),
    register(MENU_COMMAND, showMenu),
  );
}
