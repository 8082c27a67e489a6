/** Address and key, for the clipboard. */
import * as vscode from "vscode";
import { COMMANDS } from "./commandIds.ts";
import type { Window } from "./window.ts";

const START = "Start Proxy";

export async function copyBaseUrl({ host }: Window): Promise<void> {
  const { proxy } = await host.call("status.get", undefined);
  if (proxy.kind === "running") {
    await vscode.env.clipboard.writeText(proxy.baseUrl);
    await vscode.window.showInformationMessage(`Copied ${proxy.baseUrl}`);
    return;
  }
  const choice = await vscode.window.showWarningMessage("Portico is off, so it has no address yet.", START);
  if (choice === START) await vscode.commands.executeCommand(COMMANDS.start);
}

export async function copyApiKey({ host }: Window): Promise<void> {
  const { apiKey } = await host.call("auth.key", undefined);
  await vscode.env.clipboard.writeText(apiKey);
  const { authMode } = await host.call("status.get", undefined);
  const open = authMode === "off" || authMode === "auto";
  await vscode.window.showInformationMessage(
    open ? "Copied the key. Programs on this computer work without it, with any key." : "Copied the key.",
  );
}
