/** Every command and what it does. */
import * as vscode from "vscode";
import { addAccount } from "./addAccount.ts";
import { COMMANDS, type CommandName, MENU_COMMAND } from "./commandIds.ts";
import { copyApiKey, copyBaseUrl } from "./copy.ts";
import { showMenu } from "./menu.ts";
import { restartProxy, startProxy, stopProxy } from "./proxy.ts";
import { removeAccount } from "./removeAccount.ts";
import { attempt, type Window } from "./window.ts";

const ACTIONS: Readonly<Record<CommandName, (window: Window) => Promise<void>>> = {
  start: (window) => startProxy(window),
  stop: stopProxy,
  restart: restartProxy,
  addAccount,
  removeAccount,
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
