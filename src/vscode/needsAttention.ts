/** Tells a person, once, that an account needs them, with what to do about it. */
import * as vscode from "vscode";
import type { Attention } from "./attention.ts";
import { MENU_COMMAND } from "./commandIds.ts";
import { againWords, signInAgain } from "./signInAgain.ts";
import type { Window } from "./window.ts";

const SHOW = "Show";

export async function tellNeedsAttention(window: Window, { account, message }: Attention): Promise<void> {
  const listed = await window.host.call("accounts.list", undefined);
  const found = listed.find(({ id }) => id === account);
  const again = found === undefined ? undefined : againWords(found);
  const actions = again === undefined ? [SHOW] : [again, SHOW];
  const choice = await vscode.window.showWarningMessage(message, ...actions);
  if (choice === SHOW) await vscode.commands.executeCommand(MENU_COMMAND);
  else if (choice !== undefined) await signInAgain(window, account);
}
