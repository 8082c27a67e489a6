/** The dashboard in the person's browser: the pages of the panel, without VS Code around them. */
import * as vscode from "vscode";
import type { CommandContext } from "./commandContext.ts";
import { openLink } from "./openLink.ts";

export async function openInBrowser({ host }: CommandContext): Promise<void> {
  // A program that is started has arguments that others may see: a file that leads there has no code in its name.
  const local = vscode.env.uiKind === vscode.UIKind.Desktop && vscode.env.remoteName === undefined;
  const { url, file } = await host.call("dashboard.link", local ? { file: true } : undefined);
  if (file !== undefined && (await vscode.env.openExternal(vscode.Uri.file(file)))) return;
  await openLink(url);
}
