/** Start, stop and restart, with what is worth saying afterwards. */
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { ProxyState, Status } from "../../control/contract.ts";
import type { CommandContext } from "../commandContext.ts";
import { COMMANDS } from "../commandIds.ts";
import { labels } from "../labels.ts";
import { showInformation, showWarning } from "../messages.ts";
import { offerAfterFailure } from "./portTaken.ts";

/** Milliseconds; stopping waits for requests in flight. */
const TIMEOUT_MS = 60_000;

export async function startProxy(window: CommandContext, port?: number): Promise<void> {
  const params = port === undefined ? undefined : { port };
  await tellStarted(window, await window.host.call("proxy.start", params, { timeoutMs: TIMEOUT_MS }));
}

export async function restartProxy(window: CommandContext): Promise<void> {
  await tellStarted(window, await window.host.call("proxy.restart", undefined, { timeoutMs: TIMEOUT_MS }));
}

/** The second time, while requests under way still end: at once. */
export async function stopProxy(window: CommandContext): Promise<void> {
  const { status } = window.host.view;
  const params = status !== undefined && isStopping(status) ? { now: true } : undefined;
  const { problems } = await window.host.call("proxy.stop", params, { timeoutMs: TIMEOUT_MS });
  const notKept = problems.find(({ cause }) => cause === "not-kept");
  if (notKept !== undefined) await showWarning(`${t("Portico is off.")} ${notKept.message}`);
}

export function isStopping({ proxy }: Status): boolean {
  return proxy.kind === "stopped" && proxy.stopping !== undefined;
}

async function tellStarted(window: CommandContext, { proxy, sandboxOnly }: Status): Promise<void> {
  if (proxy.kind === "failed") return askAfterFailure(window, proxy);
  if (proxy.kind !== "running") return;
  const running = t("Portico is running on {0}.", proxy.baseUrl);
  const choice = sandboxOnly
    ? await showInformation(
        `${running} ${t("Until you add an account, only the built-in sandbox answers.")}`,
        labels.addAccount,
        labels.copyBaseUrl,
      )
    : await showInformation(running, labels.copyBaseUrl);
  if (choice === labels.addAccount) await vscode.commands.executeCommand(COMMANDS.addAccount);
  else if (choice === labels.copyBaseUrl) await vscode.env.clipboard.writeText(proxy.baseUrl);
}

/** Also for a start that nobody asked for just now: with VS Code, or after a change of settings. */
export function askAfterFailure(
  window: CommandContext,
  failed: Extract<ProxyState, { kind: "failed" }>,
): Promise<void> {
  return offerAfterFailure(window, failed, (port) => startProxy(window, port));
}
