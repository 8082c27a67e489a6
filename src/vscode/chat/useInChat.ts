/** *Use in VS Code Chat*: starts the proxy and opens what a person picks one of its models in. */
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { CommandContext } from "../commandContext.ts";
import { COMMANDS } from "../commandIds.ts";
import { showInformation } from "../messages.ts";

/** Sending does not work on a fresh profile until this was opened once (tried in 1.139): it enables VS Code's chat. */
const MANAGE = "workbench.action.chat.manage";
const OPEN = "workbench.action.chat.open";
const BUNDLED_CHAT = "GitHub.copilot-chat";

export async function useInChat({ host }: CommandContext): Promise<void> {
  const { status } = host.view;
  if (status?.proxy.kind === "stopped") await vscode.commands.executeCommand(COMMANDS.start);
  const isFresh = vscode.extensions.getExtension(BUNDLED_CHAT) === undefined;
  // Both ids are VS Code's own affair, and may be others in another version.
  const known = new Set(await vscode.commands.getCommands(true));
  const command = [isFresh ? MANAGE : OPEN, OPEN].find((id) => known.has(id));
  if (command !== undefined) await vscode.commands.executeCommand(command);
  else
    await showInformation(
      t("This version of VS Code has no chat. Portico's models are there for its extensions."),
    );
}
