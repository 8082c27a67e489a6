/** Every command and what it does. */
import * as vscode from "vscode";
import type { PageName } from "../control/page.ts";
import { refreshQuotas, setPriority, testAccount, toggleAccount } from "./accounts/accountCommands.ts";
import { addAccount } from "./accounts/addAccount.ts";
import { removeAccount } from "./accounts/removeAccount.ts";
import { signInAgain } from "./accounts/signInAgain.ts";
import { exportAccounts, importAccounts } from "./accounts/transfer.ts";
import { useInChat } from "./chat/useInChat.ts";
import { attempt, type CommandContext } from "./commandContext.ts";
import { COMMANDS, type CommandName, MENU_COMMAND } from "./commandIds.ts";
import { accountIn, queryIn } from "./contextMenu.ts";
import { copyApiKey, copyBaseUrl, newApiKey } from "./copy.ts";
import { openDashboard } from "./openInBrowser.ts";
import { pageState } from "./pages/params.ts";
import { chooseAuthMode, toggleLanAccess } from "./proxy/access.ts";
import { explainRoute } from "./proxy/explainRoute.ts";
import { restartProxy, startProxy, stopProxy } from "./proxy/proxy.ts";
import { showMenu } from "./status/menu.ts";
import { openTerminalWith } from "./terminals/openTerminal.ts";
import { toggleTerminals } from "./terminals/terminals.ts";

/** `argument`: what whoever calls the command by its id brings along. */
type Action = (window: CommandContext, argument: unknown) => Promise<void>;

const ACTIONS: Readonly<Record<CommandName, Action>> = {
  start: (window) => startProxy(window),
  stop: stopProxy,
  restart: restartProxy,
  addAccount: (window) => addAccount(window),
  removeAccount,
  signInAgain: (window, argument) => signInAgain(window, accountIn(argument)),
  toggleAccount,
  setPriority,
  testAccount,
  refreshQuotas,
  importAccounts,
  exportAccounts,
  backUp: seldom("backUp"),
  restore: seldom("restore"),
  explainRoute,
  copyBaseUrl,
  copyApiKey,
  newApiKey,
  createKey: seldom("createClientKey"),
  manageKeys: async ({ openPage }) => openPage({ page: "api-proxy", query: { part: "keys" } }),
  allowLan: async (window) => toggleLanAccess(window, { ...(await statusOf(window)), lan: false }),
  endLan: async (window) => toggleLanAccess(window, { ...(await statusOf(window)), lan: true }),
  chooseAuthMode: async (window) => chooseAuthMode(window, await statusOf(window)),
  openInBrowser: ({ host }) => openDashboard(host),
  reportIssue: seldom("reportIssue"),
  showLog: async ({ log }) => log.show(),
  useInChat,
  openTerminalWith,
  toggleTerminals: () => toggleTerminals(),
  removePortico: seldom("removePortico"),
  openDashboard: opens("dashboard"),
  openConnect: opens("connect"),
  openAccounts: opens("accounts"),
  openApiProxy: opens("api-proxy"),
  openMonitor: opens("monitor"),
  openTokenStats: opens("token-stats"),
  openSettings: opens("settings"),
};

export function registerCommands(window: CommandContext): vscode.Disposable {
  const register = (id: string, action: Action) =>
    vscode.commands.registerCommand(id, (argument: unknown) =>
      attempt(window, () => action(window, argument)),
    );
  const names = Object.keys(COMMANDS) as CommandName[];
  return vscode.Disposable.from(
    ...names.map((name) => register(COMMANDS[name], ACTIONS[name])),
    register(MENU_COMMAND, showMenu),
  );
}

const statusOf = ({ host }: CommandContext) => host.call("status.get", undefined);

/** One that is loaded when it is asked for. */
function seldom(name: keyof typeof import("./seldom.ts")): Action {
  return async (window) => (await import("./seldom.ts"))[name](window);
}

/** A link may say what the page is to show: `{model: "gpt-5"}` for Monitor, and the like. */
function opens(page: PageName): Action {
  return async (window, argument) => window.openPage(pageState({ page, query: queryIn(argument) }));
}
