/** Create a Client Key…: a name and how long it counts; the key is shown once. */
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { CommandContext } from "../commandContext.ts";
import { COMMANDS } from "../commandIds.ts";
import { showInformation } from "../messages.ts";

const DAY_MS = 86_400_000;
const MAX_NAME = 100;

interface Ends extends vscode.QuickPickItem {
  /** Days from now; absent: never. */
  readonly days?: number;
}

export async function createClientKey({ host }: CommandContext): Promise<void> {
  const title = t("Portico: create a client key");
  const name = await vscode.window.showInputBox({
    title,
    prompt: t("Which tool, script or colleague is it for?"),
    ignoreFocusOut: true,
    validateInput: (text) =>
      text.trim() === ""
        ? t("Enter a name.")
        : text.trim().length > MAX_NAME
          ? t("At most {0} characters.", MAX_NAME)
          : undefined,
  });
  if (name === undefined) return;
  const ends = await vscode.window.showQuickPick(choices(), {
    title,
    placeHolder: t("How long does it count?"),
    ignoreFocusOut: true,
  });
  if (ends === undefined) return;
  const { days } = ends;
  const { key, view } = await host.call("keys.add", {
    name: name.trim(),
    ...(days === undefined ? {} : { expiresAt: Date.now() + days * DAY_MS }),
  });
  const copy = t("Copy");
  const limits = t("Set Limits…");
  const detail = [key, t("It is shown this once: copy it now. Portico keeps no more than its digest.")];
  const choice = await showInformation(
    t("The key of {0}", view.name),
    { modal: true, detail: detail.join("\n\n") },
    copy,
    limits,
  );
  if (choice === undefined) return;
  await vscode.env.clipboard.writeText(key);
  if (choice === limits) await vscode.commands.executeCommand(COMMANDS.manageKeys);
  else await showInformation(t("Copied the key."));
}

const choices = (): Ends[] => [
  { label: t("Without end"), description: t("until it is revoked") },
  { label: t("30 days"), days: 30 },
  { label: t("90 days"), days: 90 },
  { label: t("One year"), days: 365 },
];
