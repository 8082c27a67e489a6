/** The dashboard in the person's browser: the pages of the panel, without VS Code around them. */
import * as vscode from "vscode";
import type { CommandContext } from "./commandContext.ts";
import { openLink } from "./openLink.ts";
import { reachable } from "./remote.ts";

/** @param port of the other Portico on this computer whose proxy has it; absent: this one's dashboard */
export async function openDashboard(host: CommandContext["host"], port?: number): Promise<void> {
  // A program that is started has arguments that others may see: a file that leads there has no code in its name.
  const local = vscode.env.uiKind === vscode.UIKind.Desktop && vscode.env.remoteName === undefined;
  const params = { ...(local ? { file: true } : {}), ...(port === undefined ? {} : { port }) };
  const { url, file } = await host.call(
    "dashboard.link",
    Object.keys(params).length === 0 ? undefined : params,
  );
  if (file !== undefined && (await vscode.env.openExternal(vscode.Uri.file(file)))) return;
  await openLink(await reachable(url));
}
