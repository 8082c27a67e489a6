/** Explain Route…: where a request for a model would go, and why. Nothing is sent to the model. */
import * as vscode from "vscode";
import { PROTOCOL_FACTS, PROTOCOLS } from "../../control/protocol.ts";
import type { CommandContext } from "../commandContext.ts";

const TIMEOUT_MS = 60_000;

export async function explainRoute({ host }: CommandContext): Promise<void> {
  const model = await vscode.window.showInputBox({
    title: "Portico: explain route",
    prompt: "The model name that a client sends.",
    placeHolder: "gpt-5, claude-sonnet-4-5, …",
  });
  if (model === undefined || model.trim() === "") return;
  const asked = await vscode.window.showQuickPick(
    PROTOCOLS.map((protocol) => ({ label: PROTOCOL_FACTS[protocol].label, protocol })),
    {
      title: "Portico: explain route",
      placeHolder: "What does the client speak?",
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
      ? { label: "$(error) No account could serve it now" }
      : // Below, accounts go by their ids.
        { label: `$(arrow-right) ${label} · ${chosen.model}`, description: chosen.account },
    { label: "Route", kind: vscode.QuickPickItemKind.Separator },
    ...routing.map((label) => ({ label })),
    { label: "Accounts", kind: vscode.QuickPickItemKind.Separator },
    ...scheduling.map((label) => ({ label })),
  ];
  await vscode.window.showQuickPick(items, {
    title: `Portico: a request for ${params.model}`,
    placeHolder: `${asked.label}; nothing was sent to the model`,
  });
}
