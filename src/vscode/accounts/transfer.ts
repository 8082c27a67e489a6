/** Import Accounts… and Export Accounts…: one JSON file, with secrets only under a passphrase. */
import * as vscode from "vscode";
import type { ImportEntry, ImportParams } from "../../control/credentials.ts";
import type { CommandContext } from "../commandContext.ts";
import { showInformation } from "../messages.ts";
import { accountItem } from "./pickAccount.ts";

const IMPORT = "Import";
const MAX_BYTES = 900_000;
const PASSPHRASE_MIN = 12;
/** Milliseconds; the passphrase is slow to use on purpose. */
const TIMEOUT_MS = 60_000;
const FILTERS = { JSON: ["json"] };

export async function exportAccounts({ host }: CommandContext): Promise<void> {
  const accounts = await host.call("accounts.list", undefined);
  if (accounts.length === 0) {
    await showInformation("There is no account to export.");
    return;
  }
  const items = accounts.map((account) => ({ ...accountItem(account), picked: true }));
  const picked = await vscode.window.showQuickPick(items, {
    title: "Portico: export accounts",
    placeHolder: "Which accounts?",
    canPickMany: true,
    ignoreFocusOut: true,
  });
  if (picked === undefined || picked.length === 0) return;
  const secrets = await vscode.window.showQuickPick(
    [
      {
        label: "$(shield) Without keys",
        detail: "The file is no secret. Keys are asked for again where it is imported.",
        passphrase: false,
      },
      {
        label: "$(lock) With keys, under a passphrase",
        detail: "Whoever has the file and the passphrase can use these accounts.",
        passphrase: true,
      },
    ],
    {
      title: "Portico: export accounts",
      placeHolder: "Should keys and sign-ins go along?",
      ignoreFocusOut: true,
    },
  );
  if (secrets === undefined) return;
  const passphrase = secrets.passphrase ? await newPassphrase() : "";
  if (passphrase === undefined) return;
  const ids = picked.map(({ account }) => account.id);
  const params = { ids, ...(passphrase === "" ? {} : { passphrase }) };
  const exported = await host.call("accounts.export", params, { timeoutMs: TIMEOUT_MS });
  const file = await vscode.window.showSaveDialog({
    title: "Export accounts",
    saveLabel: "Export",
    filters: FILTERS,
    defaultUri: vscode.Uri.joinPath(baseFolder(), "portico-accounts.json"),
  });
  if (file === undefined) return;
  await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(exported.text));
  const count = exported.accounts === 1 ? "1 account" : `${exported.accounts} accounts`;
  const how = exported.secrets ? "with keys, encrypted" : "without keys";
  await showInformation(`Exported ${count} (${how}).`);
}

export async function importAccounts({ host }: CommandContext): Promise<void> {
  const text = await readChosenFile("Import accounts");
  if (text === undefined) return;
  let params: ImportParams = { text };
  if (/"secrets"\s*:\s*\{/.test(text)) {
    const passphrase = await vscode.window.showInputBox({
      title: "Portico: import accounts",
      prompt: "The file has keys. The passphrase that it was exported with:",
      password: true,
      ignoreFocusOut: true,
    });
    if (passphrase === undefined || passphrase === "") return;
    params = { text, passphrase };
  }
  const preview = await host.call("accounts.import.preview", params, { timeoutMs: TIMEOUT_MS });
  const added = preview.entries.filter(({ action }) => action !== "duplicate");
  if (added.length === 0) {
    await showInformation("Every account of this file is here already.");
    return;
  }
  const here = await host.call("accounts.list", undefined);
  const labels = new Map(here.map(({ id, label }) => [id, label]));
  // What is new comes first.
  const entries = [...added, ...preview.entries.filter(({ action }) => action === "duplicate")];
  const detail = entries.slice(0, 20).map((entry) => entryLabel(entry, labels));
  if (entries.length > 20) detail.push(`and ${entries.length - 20} more`);
  const count = added.length === 1 ? "1 account" : `${added.length} accounts`;
  const choice = await showInformation(
    `Import ${count}?`,
    { modal: true, detail: detail.join("\n") },
    IMPORT,
  );
  if (choice !== IMPORT) return;
  const done = await host.call("accounts.import.apply", params, { timeoutMs: TIMEOUT_MS });
  await showInformation(`Imported ${done.length === 1 ? "1 account" : `${done.length} accounts`}.`);
}

function entryLabel(
  { label, action, sameAs, needsKey }: ImportEntry,
  labels: ReadonlyMap<string, string>,
): string {
  if (action !== "duplicate")
    return `• ${label}: new${needsKey ? ", its key has to be added afterwards" : ""}`;
  const same = sameAs === undefined ? undefined : labels.get(sameAs);
  return `• ${label}: here already${same === undefined || same === label ? "" : ` as ${same}`}`;
}

/** @returns `undefined` when the person gave up. @throws when it is far too large to be meant. */
export async function readChosenFile(title: string): Promise<string | undefined> {
  const [file] = (await vscode.window.showOpenDialog({ title, openLabel: "Open" })) ?? [];
  if (file === undefined) return undefined;
  const { size } = await vscode.workspace.fs.stat(file);
  if (size > MAX_BYTES) throw new Error("This file is too large to be one with accounts.");
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
}

async function newPassphrase(): Promise<string | undefined> {
  const title = "Portico: export accounts";
  const passphrase = await vscode.window.showInputBox({
    title,
    prompt: "A passphrase for the file. Nobody can open it without.",
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) =>
      text.length < PASSPHRASE_MIN ? `At least ${PASSPHRASE_MIN} characters.` : undefined,
  });
  if (passphrase === undefined) return undefined;
  const again = await vscode.window.showInputBox({
    title,
    prompt: "The same passphrase once more.",
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (text === passphrase ? undefined : "This is another one."),
  });
  return again === undefined ? undefined : passphrase;
}

function baseFolder(): vscode.Uri {
  return vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file("/");
}
