/**
 * Notifications as VS Code shows them, for words of any origin. VS Code makes links of `[text](target)` in
 * them, also such that run commands: what a provider says must never become one.
 */
import * as vscode from "vscode";
import { withoutLinks } from "./withoutLinks.ts";

type Rest<T extends string> = T[] | [options: vscode.MessageOptions, ...actions: T[]];
type Show = (message: string, ...rest: unknown[]) => Thenable<unknown>;

/** @returns the action that was chosen */
export function showInformation<T extends string>(
  message: string,
  ...rest: Rest<T>
): Thenable<T | undefined> {
  return show(vscode.window.showInformationMessage, message, rest);
}

/** @returns the action that was chosen */
export function showWarning<T extends string>(message: string, ...rest: Rest<T>): Thenable<T | undefined> {
  return show(vscode.window.showWarningMessage, message, rest);
}

/** @returns the action that was chosen */
export function showError<T extends string>(message: string, ...rest: Rest<T>): Thenable<T | undefined> {
  return show(vscode.window.showErrorMessage, message, rest);
}

function show<T extends string>(how: unknown, message: string, rest: Rest<T>): Thenable<T | undefined> {
  // The overloads of VS Code's own type cannot be called with a list.
  return (how as Show)(withoutLinks(message), ...rest) as Thenable<T | undefined>;
}
