/** Open a Terminal with…: a client in a terminal of its own, on Portico, with no file of its own touched. */
import { delimiter } from "node:path";
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { ClientState } from "../../control/clients.ts";
import type { CommandContext } from "../commandContext.ts";
import { labels } from "../labels.ts";
import { showInformation, showWarning } from "../messages.ts";
import { startProxy } from "../proxy/proxy.ts";
import { isInstalled, runLine, startable } from "./runLine.ts";
import { isHere, terminalShim } from "./terminals.ts";

/** Names offered where one has to be chosen. */
const MOST_MODELS = 500;

/** @param argument id of a client, where one was chosen already */
export async function openTerminalWith(window: CommandContext, argument?: unknown): Promise<void> {
  const { context } = window;
  if (!isHere(context)) {
    await showWarning(t("Terminals of this window run on another computer than Portico."));
    return;
  }
  const clients = startable(await window.host.call("clients.list", undefined));
  const client = clients.find(({ id }) => id === argument) ?? (await choose(clients));
  if (client === undefined) return;
  if (!isInstalled(client)) {
    await showInformation(t("{0} is not on the path. Get it: {1}", client.label, client.install ?? ""));
    return;
  }
  const { proxy } = await window.host.call("status.get", undefined);
  if (proxy.kind !== "running") {
    const choice = await showWarning(
      t("Portico is stopped, and {0} would be refused.", client.label),
      labels.start(),
    );
    if (choice === undefined) return;
    await startProxy(window);
  }
  const line = await lineFor(window, client);
  if (line === undefined) return;
  const folder = await terminalShim(context);
  const terminal = vscode.window.createTerminal({
    name: client.label,
    env: {
      PATH: [folder, process.env.PATH ?? process.env.Path ?? ""].join(delimiter),
      // The Portico of this window, where there are several.
      PORTICO_DATA_DIR: context.globalStorageUri.fsPath,
    },
  });
  terminal.show();
  terminal.sendText(line);
}

async function choose(clients: readonly ClientState[]): Promise<ClientState | undefined> {
  const items = clients.map((client) => ({
    client,
    label: client.label,
    description: isInstalled(client)
      ? client.connected
        ? t("connected")
        : (client.version ?? "")
      : t("not found"),
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: t("Portico: open a terminal with…"),
    placeHolder: t("Its own settings stay as they are"),
  });
  return chosen?.client;
}

/** @returns `undefined`: the person changed their mind */
async function lineFor({ host }: CommandContext, client: ClientState): Promise<string | undefined> {
  // It finds Portico by itself, with the model that it has.
  if (client.connected && client.program !== undefined) return client.command ?? client.id;
  if (client.runs === "alone") return runLine(client.id);
  const models = (await host.call("models.list", undefined)).map(({ name }) => name);
  const lines = new Map(
    models.slice(0, MOST_MODELS).flatMap((name) => {
      const line = runLine(client.id, name);
      return line === undefined ? [] : [[name, line] as const];
    }),
  );
  const chosen = await vscode.window.showQuickPick([...lines.keys()], {
    title: t("Portico: which model for {0}?", client.label),
  });
  return chosen === undefined ? undefined : lines.get(chosen);
}
