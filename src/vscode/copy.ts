/** Address and key, for the clipboard. */
import * as vscode from "vscode";
import type { CommandContext } from "./commandContext.ts";
import { COMMANDS } from "./commandIds.ts";
import { showInformation, showWarning } from "./messages.ts";

const START = "Start Proxy";

export async function copyBaseUrl({ host }: CommandContext): Promise<void> {
  const { proxy } = await host.call("status.get", undefined);
  if (proxy.kind === "running") {
    await vscode.env.clipboard.writeText(proxy.baseUrl);
    await showInformation(`Copied ${proxy.baseUrl}`);
    return;
  }
  const choice = await showWarning("Portico is off, so it has no address yet.", START);
  if (choice === START) await vscode.commands.executeCommand(COMMANDS.start);
}

const NEW_KEY = "Make and Copy a New Key";

export async function newApiKey({ host }: CommandContext): Promise<void> {
  const detail =
    "The old key stops working at once: every tool that has to show it is refused until it is given the new one.";
  const choice = await showWarning("Make a new API key?", { modal: true, detail }, NEW_KEY);
  if (choice !== NEW_KEY) return;
  const { apiKey } = await host.call("auth.rotate", undefined);
  await vscode.env.clipboard.writeText(apiKey);
  await showInformation("Copied the new key.");
}

export async function copyApiKey({ host }: CommandContext): Promise<void> {
  const { apiKey } = await host.call("auth.key", undefined);
  await vscode.env.clipboard.writeText(apiKey);
  const { authMode } = await host.call("status.get", undefined);
  const open = authMode === "off" || authMode === "auto";
  await showInformation(
    open ? "Copied the key. Programs on this computer work without it, with any key." : "Copied the key.",
  );
}
