/** Ids of the commands, as `package.json` contributes them; a test compares the two. */
export const COMMANDS = {
  start: "portico.startProxy",
  stop: "portico.stopProxy",
  restart: "portico.restartProxy",
  addAccount: "portico.addAccount",
  removeAccount: "portico.removeAccount",
  signInAgain: "portico.signInAgain",
  toggleAccount: "portico.toggleAccount",
  setPriority: "portico.setPriority",
  testAccount: "portico.testAccount",
  refreshQuotas: "portico.refreshQuotas",
  importAccounts: "portico.importAccounts",
  exportAccounts: "portico.exportAccounts",
  backUp: "portico.backUp",
  restore: "portico.restore",
  explainRoute: "portico.explainRoute",
  copyBaseUrl: "portico.copyBaseUrl",
  copyApiKey: "portico.copyApiKey",
  newApiKey: "portico.newApiKey",
  createKey: "portico.createClientKey",
  manageKeys: "portico.manageClientKeys",
  allowLan: "portico.allowLan",
  endLan: "portico.endLan",
  chooseAuthMode: "portico.chooseAuthMode",
  openInBrowser: "portico.openInBrowser",
  reportIssue: "portico.reportIssue",
  showLog: "portico.showLog",
  useInChat: "portico.useInChat",
  openTerminalWith: "portico.openTerminalWith",
  toggleTerminals: "portico.toggleTerminals",
  removePortico: "portico.removePortico",
  openDashboard: "portico.openDashboard",
  openConnect: "portico.openConnect",
  openAccounts: "portico.openAccounts",
  openApiProxy: "portico.openApiProxy",
  openMonitor: "portico.openMonitor",
  openTokenStats: "portico.openTokenStats",
  openSettings: "portico.openSettings",
} as const;

/** What the status bar item opens; not in the palette. */
export const MENU_COMMAND = "portico.showMenu";

/** The view in the sidebar. */
export const SIDEBAR_VIEW = "portico.sidebar";

export type CommandName = keyof typeof COMMANDS;
