/** Import Accounts… and Export Accounts…: one JSON file, with secrets only under a passphrase. */
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { ListedAccount } from "../../control/accounts.ts";
import type { ImportEntry, ImportParams } from "../../control/credentials.ts";
import type { CommandContext } from "../commandContext.ts";
import { accountCount, labels } from "../labels.ts";
import { showInformation } from "../messages.ts";
import { accountItem } from "./pickAccount.ts";

const MAX_BYTES = 900_000;
const PASSPHRASE_MIN = 12;
/** Milliseconds; the passphrase is slow to use on purpose. */
export const TIMEOUT_MS = 60_000;
const FILTERS = { JSON: ["json"] };

export async function exportAccounts({ host }: CommandContext): Promise<void> {
  const accounts = await host.call("accounts.list", undefined);
  if (accounts.length === 0) {
    await showInformation(t("There is no account to export."));
    return;
  }
  const items = accounts.map((account) => ({ ...accountItem(account), picked: true }));
  const picked = await vscode.window.showQuickPick(items, {
    title: labels.exportTitle(),
    placeHolder: t("Which accounts?"),
    canPickMany: true,
    ignoreFocusOut: true,
  });
  if (picked === undefined || picked.length === 0) return;
  const secrets = await vscode.window.showQuickPick(
    [
      {
        label: `$(shield) ${t("Without keys")}`,
        detail: t("The file is no secret. Keys are asked for again where it is imported."),
        passphrase: false,
      },
      {
        label: `$(lock) ${t("With keys, under a passphrase")}`,
        detail: t("Whoever has the file and the passphrase can use these accounts."),
        passphrase: true,
      },
    ],
    {
      title: labels.exportTitle(),
      placeHolder: t("Should keys and sign-ins go along?"),
      ignoreFocusOut: true,
    },
  );
  if (secrets === undefined) return;
  const passphrase = secrets.passphrase ? await newPassphrase(labels.exportTitle()) : "";
  if (passphrase === undefined) return;
  const ids = picked.map(({ account }) => account.id);
  const params = { ids, ...(passphrase === "" ? {} : { passphrase }) };
  const exported = await host.call("accounts.export", params, { timeoutMs: TIMEOUT_MS });
  const file = await vscode.window.showSaveDialog({
    title: t("Export accounts"),
    saveLabel: t("Export"),
    filters: FILTERS,
    defaultUri: vscode.Uri.joinPath(baseFolder(), "portico-accounts.json"),
  });
  if (file === undefined) return;
  await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(exported.text));
  const count = accountCount(exported.accounts);
  await showInformation(
    exported.secrets
      ? t("Exported {0} (with keys, encrypted).", count)
      : t("Exported {0} (without keys).", count),
  );
}

export async function importAccounts({ host }: CommandContext): Promise<void> {
  const text = await readChosenFile(t("Import accounts"));
  if (text === undefined) return;
  const prompt = t("The file has keys. The passphrase that it was exported with:");
  const params = await withPassphrase(text, t("Portico: import accounts"), prompt);
  if (params === undefined) return;
  const preview = await host.call("accounts.import.preview", params, { timeoutMs: TIMEOUT_MS });
  const added = preview.entries.filter(({ action }) => action !== "duplicate");
  if (added.length === 0) {
    await showInformation(t("Every account of this file is here already."));
    return;
  }
  const here = await host.call("accounts.list", undefined);
  const detail = entryLines(preview.entries, here, 20);
  const choice = await showInformation(
    t("Import {0}?", accountCount(added.length)),
    { modal: true, detail: detail.join("\n") },
    t("Import"),
  );
  if (choice === undefined) return;
  const done = await host.call("accounts.import.apply", params, { timeoutMs: TIMEOUT_MS });
  await showInformation(t("Imported {0}.", accountCount(done.length)));
}

/** The file's text, with its passphrase where it has one. @returns `undefined` when the person gave up */
export async function withPassphrase(
  text: string,
  title: string,
  prompt: string,
): Promise<ImportParams | undefined> {
  if (!/"secrets"\s*:\s*\{/.test(text)) return { text };
  const passphrase = await vscode.window.showInputBox({
    title,
    prompt,
    password: true,
    ignoreFocusOut: true,
  });
  return passphrase === undefined || passphrase === "" ? undefined : { text, passphrase };
}

/** What an import would do, what is new first. @param most lines before the rest is only counted */
export function entryLines(
  entries: readonly ImportEntry[],
  here: readonly ListedAccount[],
  most: number,
): string[] {
  const isNew = ({ action }: ImportEntry) => action !== "duplicate";
  const sorted = [...entries.filter(isNew), ...entries.filter((each) => !isNew(each))];
  const lines = sorted.slice(0, most).map((entry) => entryLabel(entry, here));
  return sorted.length <= most ? lines : [...lines, t("and {0} more", sorted.length - most)];
}

function entryLabel(
  { label, action, sameAs, needsKey }: ImportEntry,
  here: readonly ListedAccount[],
): string {
  const words = () => {
    if (action !== "duplicate") return needsKey ? t("new, its key has to be added afterwards") : t("new");
    const same = here.find(({ id }) => id === sameAs)?.label;
    return same === undefined || same === label ? t("here already") : t("here already as {0}", same);
  };
  return `• ${label}: ${words()}`;
}

/** @returns `undefined` when the person gave up. @throws when it is far too large to be meant. */
export async function readChosenFile(title: string): Promise<string | undefined> {
  const [file] = (await vscode.window.showOpenDialog({ title, openLabel: t("Open") })) ?? [];
  if (file === undefined) return undefined;
  const { size } = await vscode.workspace.fs.stat(file);
  if (size > MAX_BYTES) throw new Error(t("This file is too large to be one with accounts."));
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
}

/** Asked for twice. @returns `undefined` when the person gave up */
export async function newPassphrase(title: string): Promise<string | undefined> {
  const passphrase = await vscode.window.showInputBox({
    title,
    prompt: t("A passphrase for the file. Nobody can open it without."),
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) =>
      text.length < PASSPHRASE_MIN ? t("At least {0} characters.", PASSPHRASE_MIN) : undefined,
  });
  if (passphrase === undefined) return undefined;
  const again = await vscode.window.showInputBox({
    title,
    prompt: t("The same passphrase once more."),
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (text === passphrase ? undefined : t("This is another one.")),
  });
  return again === undefined ? undefined : passphrase;
}

function baseFolder(): vscode.Uri {
  return vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file("/");
}
