/** The status bar item. Its click opens the menu. */
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { ListedAccount } from "../../control/accounts.ts";
import type { WindowView } from "../../control/window.ts";
import { MENU_COMMAND } from "../commandIds.ts";
import { DebouncedView } from "./debouncedView.ts";
import { type StatusAction, type StatusView, statusView } from "./statusView.ts";
import { TOOLTIP_COMMANDS, tooltipMarkdown } from "./tooltip.ts";

export interface StatusBar extends vscode.Disposable {
  show(view: WindowView): void;
}

/** Milliseconds that a change has to last, and after which the latest is shown anyway. */
const SETTLE_MS = 150;
const MOST_MS = 600;

const BACKGROUND: Readonly<Record<StatusView["tone"], string | undefined>> = {
  quiet: undefined,
  warning: "statusBarItem.warningBackground",
  error: "statusBarItem.errorBackground",
};

/** Milliseconds after which it is asked anew what is left of the accounts, where something happened. */
const LEFT_MS = 20_000;

/** @param listAccounts what is left of them is part of the tooltip; where it fails, it is left out */
export function createStatusBar(listAccounts: () => Promise<readonly ListedAccount[]>): StatusBar {
  const item = vscode.window.createStatusBarItem("portico.status", vscode.StatusBarAlignment.Right, 100);
  item.name = "Portico";
  item.command = MENU_COMMAND;
  item.show();
  const steady = new DebouncedView<StatusView>({
    settleMs: SETTLE_MS,
    mostMs: MOST_MS,
    timers: {
      after(milliseconds, run) {
        const timer = setTimeout(run, milliseconds);
        return () => clearTimeout(timer);
      },
    },
    same: (before, now) => JSON.stringify(before) === JSON.stringify(now),
    show(view) {
      const { text, tone, spoken } = view;
      const background = BACKGROUND[tone];
      item.text = text;
      item.backgroundColor = background === undefined ? undefined : new vscode.ThemeColor(background);
      item.tooltip = tooltip(view);
      item.accessibilityInformation = { label: spoken };
    },
  });
  let latest: WindowView | undefined;
  let accounts: readonly ListedAccount[] = [];
  let read = -Infinity;
  const put = (view: WindowView) => steady.put(statusView(view, { now: Date.now(), t, accounts }));
  const readLeft = async () => {
    if (Date.now() - read < LEFT_MS || latest?.status?.proxy.kind !== "running") return;
    read = Date.now();
    accounts = await listAccounts().catch(() => []);
    if (latest !== undefined) put(latest);
  };
  return {
    show(view) {
      latest = view;
      put(view);
      void readLeft();
    },
    dispose() {
      steady.dispose();
      item.dispose();
    },
  };
}

/** Messages may hold a provider's words, so everything in them is text. */
function tooltip(view: StatusView): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString(tooltipMarkdown(view, actionLabel));
  markdown.isTrusted = { enabledCommands: TOOLTIP_COMMANDS };
  return markdown;
}

function actionLabel(action: StatusAction): string {
  switch (action) {
    case "start":
      return t("Start Proxy");
    case "stop":
      return t("Stop");
    case "copyBaseUrl":
      return t("Copy the address");
    case "openDashboard":
      return t("Open the dashboard");
    case "openMonitor":
      return t("Monitor");
    case "showLog":
      return t("Show log");
  }
}
