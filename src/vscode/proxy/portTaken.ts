/** The port cannot be had: says by whom it is taken and lets the person choose. Never moves by itself. */

import { createServer } from "node:net";
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { ProxyState } from "../../control/contract.ts";
import type { CommandContext } from "../commandContext.ts";
import { openSettings, writeSetting } from "../host/settings.ts";
import { labels } from "../labels.ts";
import { showError, showInformation } from "../messages.ts";
import { openDashboard } from "../openInBrowser.ts";

type Failed = Extract<ProxyState, { kind: "failed" }>;

let asking = false;

/** @param start starts the proxy, on this port where one is given. */
export async function offerAfterFailure(
  window: CommandContext,
  failed: Failed,
  start: (port?: number) => Promise<void>,
): Promise<void> {
  // One question at a time, however often it fails meanwhile.
  if (asking) return;
  asking = true;
  const [retry, another, settings] = [t("Retry"), t("Use Another Port…"), t("Open Settings")];
  const { other } = failed;
  const useThat = t("Use That One");
  let choice: string | undefined;
  try {
    const actions = other === undefined ? [retry, another, settings] : [useThat, another, retry];
    choice = await showError(words(failed), ...actions);
  } finally {
    asking = false;
  }
  if (choice === useThat && other !== undefined) await offerOther(window, failed.port, other);
  else if (choice === retry) await start();
  else if (choice === settings) await openSettings("port");
  else if (choice === another) {
    const port = await askPort(failed.port);
    if (port === undefined) return;
    await writeSetting("port", port);
    await window.pushSettings();
    await start(port);
  }
}

/** Nothing starts here: tools are served by the other one, with its accounts and its key. */
async function offerOther({ host }: CommandContext, port: number, other: string): Promise<void> {
  const dashboard = t("Open Its Dashboard");
  const choice = await showInformation(
    t("Portico stays off here. Tools use the other one, with its accounts and its key: {0}", other),
    labels.copyBaseUrl(),
    dashboard,
  );
  if (choice === labels.copyBaseUrl()) {
    await vscode.env.clipboard.writeText(other);
    await showInformation(t("Copied {0}", other));
  } else if (choice === dashboard) await openDashboard(host, port);
}

function words({ reason, port, holder, message }: Failed): string {
  if (reason !== "port-in-use") return t("Portico could not start: {0}", message);
  return t("Portico could not start: port {0} is taken by {1}.", port, holder ?? t("another program"));
}

async function askPort(taken: number): Promise<number | undefined> {
  const text = await vscode.window.showInputBox({
    title: t("Portico: another port"),
    prompt: t("Kept in the setting portico.port. Clients have to use the new address."),
    value: String((await nextFree(taken)) ?? ""),
    validateInput(value) {
      const port = Number(value);
      return Number.isInteger(port) && port >= 1 && port <= 65_535
        ? undefined
        : t("A whole number from 1 to 65535.");
    },
  });
  return text === undefined ? undefined : Number(text);
}

/** The next port that can be listened on; `undefined` when none of twenty can. */
async function nextFree(taken: number): Promise<number | undefined> {
  const last = Math.min(taken + 20, 65_535);
  for (let port = Math.max(taken + 1, 1024); port <= last; port += 1) if (await isFree(port)) return port;
  return undefined;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
