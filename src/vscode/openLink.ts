/** Opens a web address exactly as it is written. */
import * as vscode from "vscode";

/** `env.openExternal` takes a `Uri`, which would write a query with `+` or `%2F` in another way. */
export async function openLink(url: string): Promise<void> {
  await vscode.commands.executeCommand("vscode.open", url);
}
