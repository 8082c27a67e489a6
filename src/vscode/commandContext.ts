/** What the commands of a window share. */
import { t } from "@vscode/l10n";
import type * as vscode from "vscode";
import type { PageState } from "../control/page.ts";
import type { GatewayHost } from "./host/host.ts";
import { showError } from "./messages.ts";

export interface CommandContext {
  readonly host: GatewayHost;
  readonly log: vscode.LogOutputChannel;
  readonly context: vscode.ExtensionContext;
  openPage(state: PageState): void;
  /** Hands changed settings to the gateway and waits until they apply. */
  pushSettings(): Promise<void>;
}

/** Runs an action of a person; what fails is said in words, beside the log. */
export async function attempt(window: CommandContext, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    window.log.error(message);
    const choice = await showError(t(message), t("Show Log"));
    if (choice !== undefined) window.log.show();
  }
}
