/** What connecting a client would change, in VS Code's diff editor: both sides are read-only, and without keys. */
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { ClientWish, FileChange } from "../../control/clients.ts";
import type { CommandContext } from "../commandContext.ts";
import { showInformation } from "../messages.ts";

const SCHEME = "portico-client";

/** By their addresses: those of the last look alone. */
const texts = new Map<string, string>();
const changed = new vscode.EventEmitter<vscode.Uri>();
let isRegistered = false;

/** Writes nothing. Takes the place of an earlier look, beside the page that asks. */
export async function showChanges({ context, host }: CommandContext, wish: ClientWish): Promise<void> {
  const { files } = await host.call("clients.texts", wish);
  await closeEarlier();
  if (files.length === 0) {
    await showInformation(t("Its settings say so already: there is nothing to write."));
    return;
  }
  if (!isRegistered) register(context);
  for (const file of files) await open(file);
}

function register({ subscriptions }: vscode.ExtensionContext): void {
  isRegistered = true;
  const provider: vscode.TextDocumentContentProvider = {
    onDidChange: changed.event,
    provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? "",
  };
  subscriptions.push(changed, vscode.workspace.registerTextDocumentContentProvider(SCHEME, provider));
}

async function closeEarlier(): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const ours = tabs.filter(
    ({ input }) => input instanceof vscode.TabInputTextDiff && input.modified.scheme === SCHEME,
  );
  await vscode.window.tabGroups.close(ours, true);
  texts.clear();
}

async function open({ path, before = "", after = "" }: FileChange): Promise<void> {
  const side = (query: "before" | "after", text: string): vscode.Uri => {
    // As plain text: with keys hidden it is no JSON and no TOML, which VS Code would find fault with.
    const uri = vscode.Uri.file(`${path}.txt`).with({ scheme: SCHEME, query });
    texts.set(uri.toString(), text);
    // VS Code may still have it from before.
    changed.fire(uri);
    return uri;
  };
  const name = path.split(/[\\/]/).at(-1) ?? path;
  const title = t("{0} (now ↔ as it would be)", name);
  const options: vscode.TextDocumentShowOptions = {
    viewColumn: vscode.ViewColumn.Beside,
    preserveFocus: true,
    preview: false,
  };
  const sides = [side("before", before), side("after", after)] as const;
  await vscode.commands.executeCommand("vscode.diff", ...sides, title, options);
}
