/** What the window itself does for a page. */

import { homedir } from "node:os";
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { ControlError } from "../../control/channel.ts";
import type { HostMethods, PageState } from "../../control/page.ts";
import type { CommandContext } from "../commandContext.ts";
import { COMMANDS } from "../commandIds.ts";
import { openLink } from "../openLink.ts";
import { type HostMethod, hostParams, MAX_FILE } from "./params.ts";

export interface HostDeps {
  readonly window: CommandContext;
  readonly dataDir: vscode.Uri;
  openPage(state: PageState): void;
}

/** Checks the params, then does it. @throws ControlError */
export type CallHost = (method: HostMethod, raw: unknown) => Promise<unknown>;

export function createHostMethods({ window, dataDir, openPage }: HostDeps): CallHost {
  const methods: { readonly [M in HostMethod]: (params: HostMethods[M][0]) => Promise<HostMethods[M][1]> } = {
    async "host.copy"({ text }) {
      await vscode.env.clipboard.writeText(text);
    },
    async "host.save"({ name, text }) {
      const target = await vscode.window.showSaveDialog({
        title: t("Portico: save the file"),
        defaultUri: startAt(name),
      });
      if (target === undefined) return { saved: false };
      await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
      return { saved: true };
    },
    async "host.openExternal"({ url }) {
      await openLink(url);
    },
    async "host.openFile"({ title, extensions }) {
      const chosen = await vscode.window.showOpenDialog({
        title,
        canSelectMany: false,
        ...(extensions.length === 0 ? {} : { filters: { [title]: extensions } }),
      });
      const file = chosen?.[0];
      if (file === undefined) return undefined;
      const { size } = await vscode.workspace.fs.stat(file);
      if (size > MAX_FILE) throw new ControlError("failed", t("That file is too large."));
      const bytes = await vscode.workspace.fs.readFile(file);
      return { name: file.path.split("/").at(-1) ?? "", text: new TextDecoder().decode(bytes) };
    },
    async "host.openSettings"({ query }) {
      await vscode.commands.executeCommand("workbench.action.openSettings", query);
    },
    async "host.revealData"() {
      await vscode.commands.executeCommand("revealFileInOS", dataDir);
    },
    async "host.showLog"() {
      window.log.show();
    },
    async "host.openTerminal"({ client }) {
      await vscode.commands.executeCommand(COMMANDS.openTerminalWith, client);
    },
    async "host.showChanges"(wish) {
      // Not before it is needed.
      const { showChanges } = await import("../clients/diffEditor.ts");
      await showChanges(window, wish);
    },
    async "host.openPage"(state) {
      openPage(state);
    },
  };
  // The table has the params of each method under the same name.
  return async (method, raw) => methods[method](hostParams[method](raw) as never);
}

/** In the folder that is open, else in the person's own. */
function startAt(name: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  return vscode.Uri.joinPath(folder ?? vscode.Uri.file(homedir()), name);
}
