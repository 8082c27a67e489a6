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
  const wasOff = window.host.view.status?.proxy.kind !== "running";
  const status = await window.host.call("proxy.start", params, { timeoutMs: TIMEOUT_MS });
  await tellStarted(window, status, wasOff ? status.connected : undefined);
}

export async function restartProxy(window: CommandContext): Promise<void> {
  await tellStarted(window, await window.host.call("proxy.restart", undefined, { timeoutMs: TIMEOUT_MS }));
}

/** The second time, while requests under way still end: at once. */
export async function stopProxy(window: CommandContext): Promise<void> {
  const { status } = window.host.view;
  const params = status !== undefined && isStopping(status) ? { now: true } : undefined;
  const after = await window.host.call("proxy.stop", params, { timeoutMs: TIMEOUT_MS });
  const { problems, connected = [] } = after;
  const notKept = problems.find(({ cause }) => cause === "not-kept");
  if (notKept !== undefined) await showWarning(`${t("Portico is off.")} ${notKept.message}`);
  // It may have been started again meanwhile.
  if (connected.length === 0 || after.proxy.kind !== "stopped") return;
  const choice = await showInformation(
    t("Portico is stopped. Until it runs again, these are refused: {0}.", connected.join(", ")),
    labels.start(),
    labels.openConnect(),
  );
  if (choice === labels.start()) await startProxy(window);
  else if (choice === labels.openConnect()) await vscode.commands.executeCommand(COMMANDS.openConnect);
}

export function isStopping({ proxy }: Status): boolean {
  return proxy.kind === "stopped" && proxy.stopping !== undefined;
}

/** @param refused clients that were, until now */
async function tellStarted(
  window: CommandContext,
  { proxy, sandboxOnly }: Status,
  refused: readonly string[] = [],
): Promise<void> {
  if (proxy.kind === "failed") return askAfterFailure(window, proxy);
  if (proxy.kind !== "running") return;
  const until = refused.length === 0 ? "" : ` ${t("Refused until now: {0}.", refused.join(", "))}`;
  const running = `${t("Portico is running on {0}.", proxy.baseUrl)}${until}`;
  const choice = sandboxOnly
    ? await showInformation(
        `${running} ${t("Until you add an account, only the built-in sandbox answers.")}`,
        labels.addAccount(),
        labels.copyBaseUrl(),
      )
    : await showInformation(running, labels.copyBaseUrl());
  if (choice === labels.addAccount()) await vscode.commands.executeCommand(COMMANDS.addAccount);
  else if (choice === labels.copyBaseUrl()) await vscode.env.clipboard.writeText(proxy.baseUrl);
}

/** Also for a start that nobody asked for just now: with VS Code, or after a change of settings. */
export function askAfterFailure(
  window: CommandContext,
  failed: Extract<ProxyState, { kind: "failed" }>,
): Promise<void> {
  return offerAfterFailure(window, failed, (port) => startProxy(window, port));
}
