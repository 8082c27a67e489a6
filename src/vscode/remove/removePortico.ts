/** Remove Portico from This Computer…: all of it is shown first, and each part can be left out. */
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { CommandContext } from "../commandContext.ts";
import { accountCount } from "../labels.ts";
import { locale } from "../locale.ts";
import { showInformation, showWarning } from "../messages.ts";
import { withProgress } from "../progress.ts";
import { type Found, lookFor, type Part, type Removed, remove } from "./removal.ts";

interface Choice extends vscode.QuickPickItem {
  readonly part: Part;
}

export async function removePortico(window: CommandContext): Promise<void> {
  const { host, context } = window;
  const found = await lookFor(host);
  if (await isElsewhere(window, found)) return;
  const chosen = await vscode.window.showQuickPick(choicesOf(found), {
    title: t("Portico: remove from this computer"),
    placeHolder: t("What is to go? What is not ticked stays."),
    canPickMany: true,
    ignoreFocusOut: true,
  });
  if (chosen === undefined || chosen.length === 0) return;
  const parts = new Set(chosen.map(({ part }) => part));
  if (!(await isAgreed(chosen, parts))) return;
  // A window may have been opened meanwhile, and a tool connected.
  const now = await lookFor(host);
  if (await isElsewhere(window, now)) return;
  const removed = await withProgress(t("Portico is being removed…"), () =>
    remove(parts, now, {
      host,
      secrets: context.secrets,
      forget: async () => {
        for (const key of context.globalState.keys()) await context.globalState.update(key, undefined);
      },
      removed: t("Portico was removed from this computer. Reload the window to begin anew."),
    }),
  );
  const uninstall = t("Uninstall the Extension");
  const detail = detailOf(removed, parts, now).join("\n\n");
  const choice = await showInformation(t("This is what was done"), { modal: true, detail }, uninstall);
  if (choice === uninstall)
    await vscode.commands.executeCommand("workbench.extensions.uninstallExtension", context.extension.id);
}

/** They would lead next, and make the data anew. */
async function isElsewhere({ host }: CommandContext, { others }: Found): Promise<boolean> {
  const { part } = host.view;
  if (part.kind === "leading" && others === 0) return false;
  await showWarning(
    part.kind === "attached"
      ? t(
          "Portico runs in another window or program (process {0}), which would make its data anew. Close that first, or remove Portico there.",
          part.pid,
        )
      : t(
          "Others are attached to Portico ({0}) and would make its data anew. Close other windows, and dashboards in a browser, first.",
          others,
        ),
  );
  return true;
}

function choicesOf({ clients, accounts, bytes, requests, path }: Found): Choice[] {
  const tools: Choice[] = [
    {
      part: "clients",
      picked: true,
      label: t("Settings in tools"),
      description: clients.map(({ label }) => label).join(", "),
      detail: t("Each gets its own settings back. What was changed by hand since stays."),
    },
  ];
  return [
    ...(clients.length === 0 ? [] : tools),
    {
      part: "keys",
      picked: true,
      label: t("Keys"),
      description: accountCount(accounts),
      detail: t(
        "Keys and sign-ins of accounts, and Portico's own key, in VS Code's secret storage. Providers still know theirs.",
      ),
    },
    {
      part: "data",
      picked: true,
      label: t("Data"),
      description: `${megabytes(bytes)} · ${requests === 1 ? t("1 request") : t("{0} requests", requests)}`,
      detail: t("Accounts, routes, budgets, what was recorded: {0}", path),
    },
  ];
}

async function isAgreed(chosen: readonly Choice[], parts: ReadonlySet<Part>): Promise<boolean> {
  const detail = [
    ...chosen.map(({ label, description, detail: what }) => `${label}: ${description}\n${what}`),
    parts.has("keys") || parts.has("data")
      ? t("The proxy stops first, and cuts requests under way. This cannot be undone.")
      : t("The proxy goes on."),
  ].join("\n\n");
  const go = t("Remove");
  return (await showWarning(t("Remove this from this computer?"), { modal: true, detail }, go)) === go;
}

/** What went and what is left, in words. */
function detailOf(removed: Removed, parts: ReadonlySet<Part>, found: Found): string[] {
  const stays = [
    ...removed.failed.map(({ label, why }) => `${label}: ${why}`),
    ...removed.left.map(
      ({ label, name }) => `${label}: ${t("{0} was changed since and stays as it is.", name)}`,
    ),
    ...removed.dropped.map(
      ({ label, name }) =>
        `${label}: ${t("{0} is not put back: another address stands beside it now.", name)}`,
    ),
    ...(removed.keysFailed === undefined ? [] : [`${t("Keys")}: ${removed.keysFailed}`]),
    ...removed.files.map((name) => t("{0} could not be deleted: {1}", name, found.path)),
    ...(found.clients.length > 0 && !parts.has("clients") ? [t("Settings in tools")] : []),
    ...(parts.has("keys") ? [] : [t("Keys")]),
    ...(parts.has("data") ? [] : [t("Data")]),
    t("Settings portico.* of VS Code"),
    t("The extension"),
  ];
  const gone = [
    ...(removed.clients.length === 0
      ? []
      : [t("These have their own settings again: {0}.", removed.clients.join(", "))]),
    ...(parts.has("keys") ? [t("Keys deleted: {0}.", removed.keys)] : []),
    ...(parts.has("data") && removed.files.length === 0 ? [t("Data deleted: {0}.", found.path)] : []),
  ];
  return [gone.join("\n"), [t("What is left:"), ...stays.map((each) => `- ${each}`)].join("\n")].filter(
    (each) => each !== "",
  );
}

function megabytes(bytes: number): string {
  return new Intl.NumberFormat(locale(), {
    style: "unit",
    unit: "megabyte",
    maximumFractionDigits: 1,
  }).format(bytes / 1e6);
}
