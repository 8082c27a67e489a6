/** New terminals find Portico, and have `portico`, while it runs and the person wants it. */

import { delimiter, join } from "node:path";
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { ANY_KEY, isKeyNeeded } from "../../control/clientKey.ts";
import type { WindowView } from "../../control/window.ts";
import type { CommandContext } from "../commandContext.ts";
import { TERMINALS_KEY } from "../host/settingKeys.ts";
import { SECTION } from "../host/settings.ts";
import { showInformation } from "../messages.ts";
import { gatewaySide } from "../remote.ts";
import { writeShim } from "./shim.ts";
import { terminalVariables } from "./variables.ts";

export const TERMINALS_SECTION = `${SECTION}.${TERMINALS_KEY}`;

export class Terminals {
  readonly #context: vscode.ExtensionContext;
  readonly #window: CommandContext;
  /** What the variables were made of; `""`: there are none. */
  #made = "";
  #last: Promise<void> = Promise.resolve();

  constructor(window: CommandContext) {
    this.#context = window.context;
    this.#window = window;
  }

  /** Follows the setting, and whether the proxy runs. */
  show({ status }: WindowView): void {
    const proxy = status?.proxy;
    const wanted = proxy?.kind === "running" && isWanted() && isHere(this.#context);
    const next = wanted ? JSON.stringify([proxy.baseUrl, status?.authMode]) : "";
    if (next === this.#made) return;
    this.#made = next;
    const baseUrl = wanted ? proxy.baseUrl : undefined;
    const keyed = status === undefined || isKeyNeeded(status.authMode);
    // One after the other; only the latest counts.
    this.#last = this.#last.then(async () => {
      if (this.#made !== next) return;
      try {
        await (baseUrl === undefined ? this.#clear() : this.#fill(baseUrl, keyed));
      } catch (error) {
        this.#clear();
        // The keyring may be locked: the next change of the status tries again.
        this.#made = "";
        this.#window.log.debug(`terminals are not told of Portico: ${String(error)}`);
      }
    });
  }

  #clear(): void {
    this.#context.environmentVariableCollection.clear();
  }

  async #fill(baseUrl: string, keyed: boolean): Promise<void> {
    const { host } = this.#window;
    const [clients, key, folder] = await Promise.all([
      // A gateway that is older knows of none: then all of them are told.
      host.call("clients.list", undefined).catch(() => []),
      keyed ? host.call("auth.key", undefined).then(({ apiKey }) => apiKey) : ANY_KEY,
      terminalShim(this.#context),
    ]);
    const connected = new Set(clients.flatMap(({ id, connected: is }) => (is ? [id] : [])));
    const variables = this.#context.environmentVariableCollection;
    // Without the gateway they would lead nowhere: the next start makes them anew.
    variables.persistent = false;
    variables.description = t(
      "Portico's address and key for Claude Code, Gemini CLI, Qwen Code and what is built upon the SDKs of OpenAI; and the command `portico`.",
    );
    variables.clear();
    for (const [name, value] of terminalVariables({ baseUrl, key, connected, env: process.env }))
      variables.replace(name, value);
    variables.prepend("PATH", folder + delimiter);
  }
}

/** The folder that holds `portico`, for the path of terminals. */
export const terminalShim = (context: vscode.ExtensionContext): Promise<string> =>
  writeShim(context.globalStorageUri.fsPath, {
    runtime: process.execPath,
    cli: join(context.extensionPath, "dist", "cli.js"),
  });

/** Terminals run where the gateway does, and not on another computer than this extension. */
export const isHere = (context: vscode.ExtensionContext): boolean => gatewaySide(context) !== "ui";

function isWanted(): boolean {
  return vscode.workspace.getConfiguration(SECTION).get(TERMINALS_KEY, false);
}

/** The command. */
export async function toggleTerminals(): Promise<void> {
  const wanted = !isWanted();
  const { Global } = vscode.ConfigurationTarget;
  await vscode.workspace.getConfiguration(SECTION).update(TERMINALS_KEY, wanted, Global);
  await showInformation(
    wanted
      ? t("New terminals find Portico while it runs.")
      : t("New terminals are no longer told of Portico."),
  );
}
