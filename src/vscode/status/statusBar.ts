/** The status bar item. Its click opens the menu. */
import * as vscode from "vscode";
import type { WindowView } from "../../control/window.ts";
import { MENU_COMMAND } from "../commandIds.ts";
import { DebouncedView } from "./debouncedView.ts";
import { type StatusView, statusView } from "./statusView.ts";

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

export function createStatusBar(): StatusBar {
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
    show({ text, tone, lines, spoken }) {
      const background = BACKGROUND[tone];
      item.text = text;
      item.backgroundColor = background === undefined ? undefined : new vscode.ThemeColor(background);
      item.tooltip = tooltip(lines);
      item.accessibilityInformation = { label: spoken };
    },
  });
  return {
    show: (windowView) => steady.put(statusView(windowView, Date.now())),
    dispose() {
      steady.dispose();
      item.dispose();
    },
  };
}

/** Messages may hold a provider's words, so everything in them is text. */
function tooltip([first = "", ...rest]: string[]): vscode.MarkdownString {
  return new vscode.MarkdownString([`**${plain(first)}**`, ...rest.map(plain)].join("\n\n"));
}

/** `appendText` would do it with spaces at which no line breaks. */
function plain(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\`*_{}[\]()#+\-.!~<>|&$]/g, "\\$&");
}
