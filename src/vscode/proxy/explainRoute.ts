/** Explain Route…: where a request for a model would go, and why. Nothing is sent to the model. */
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { PROTOCOL_FACTS, PROTOCOLS } from "../../control/protocol.ts";
import type { CommandContext } from "../commandContext.ts";

const TIMEOUT_MS = 60_000;

export async function explainRoute({ host }: CommandContext): Promise<void> {
  const model = await vscode.window.showInputBox({
    title: t("Portico: explain route"),
    prompt: t("The model name that a client sends."),
    placeHolder: "gpt-5, claude-sonnet-4-5, …",
  });
  if (model === undefined || model.trim() === "") return;
  const asked = await vscode.window.showQuickPick(
    PROTOCOLS.map((protocol) => ({ label: t(PROTOCOL_FACTS[protocol].label), protocol })),
    {
      title: t("Portico: explain route"),
      placeHolder: t("What does the client speak?"),
    },
  );
  if (asked === undefined) return;
  const { protocol } = asked;
  const params = { model: model.trim(), protocol };
  const { routing, scheduling, chosen } = await host.call("route.explain", params, { timeoutMs: TIMEOUT_MS });
  const accounts = await host.call("accounts.list", undefined);
  const label = accounts.find(({ id }) => id === chosen?.account)?.label ?? chosen?.account;
  const items: vscode.QuickPickItem[] = [
    chosen === undefined
      ? { label: `$(error) ${t("No account could serve it now")}` }
      : // Below, accounts go by their ids.
        { label: `$(arrow-right) ${label} · ${chosen.model}`, description: chosen.account },
    { label: t("Route"), kind: vscode.QuickPickItemKind.Separator },
    ...routing.map((label) => ({ label })),
    { label: t("Accounts"), kind: vscode.QuickPickItemKind.Separator },
    ...scheduling.map((label) => ({ label })),
  ];
  await vscode.window.showQuickPick(items, {
    title: t("Portico: a request for {0}", params.model),
    placeHolder: t("{0}; nothing was sent to the model", asked.label),
  });
}
