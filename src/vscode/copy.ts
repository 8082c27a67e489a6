/** Address and key, for the clipboard. */
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { CommandContext } from "./commandContext.ts";
import { COMMANDS } from "./commandIds.ts";
import { labels } from "./labels.ts";
import { showInformation, showWarning } from "./messages.ts";
import { gatewaySide } from "./remote.ts";

export async function copyBaseUrl({ host, context }: CommandContext): Promise<void> {
  const { proxy } = await host.call("status.get", undefined);
  if (proxy.kind === "running") {
    await vscode.env.clipboard.writeText(proxy.baseUrl);
    await showInformation(`${t("Copied {0}", proxy.baseUrl)}${whoReaches(context)}`);
    return;
  }
  const choice = await showWarning(t("Portico is off, so it has no address yet."), labels.start());
  if (choice === labels.start()) await vscode.commands.executeCommand(COMMANDS.start);
}

/** Where folder and terminals are on another computer than the person. */
function whoReaches(context: vscode.ExtensionContext): string {
  const { remoteName = "" } = vscode.env;
  const side = gatewaySide(context);
  if (side === "local") return "";
  const words =
    side === "ui"
      ? t("It is your own computer's: terminals of {0} do not reach it.", remoteName)
      : t("It is that of {0}: your own computer does not reach it.", remoteName);
  return `. ${words}`;
}

export async function newApiKey({ host }: CommandContext): Promise<void> {
  const detail = t(
    "The old key stops working at once: every tool that has to show it is refused until it is given the new one.",
  );
  const choice = await showWarning(
    t("Make a new API key?"),
    { modal: true, detail },
    t("Make and Copy a New Key"),
  );
  if (choice === undefined) return;
  const { apiKey } = await host.call("auth.rotate", undefined);
  await vscode.env.clipboard.writeText(apiKey);
  await showInformation(t("Copied the new key."));
}

export async function copyApiKey({ host }: CommandContext): Promise<void> {
  const { apiKey } = await host.call("auth.key", undefined);
  await vscode.env.clipboard.writeText(apiKey);
  const { authMode } = await host.call("status.get", undefined);
  const open = authMode === "off" || authMode === "auto";
  await showInformation(
    open
      ? t("Copied the key. Programs on this computer work without it, with any key.")
      : t("Copied the key."),
  );
}
