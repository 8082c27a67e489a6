/** Puts the pieces of `src/vscode` together. Nothing heavy is loaded here: the gateway is in its worker. */
import { join } from "node:path";
import { config } from "@vscode/l10n";
import * as vscode from "vscode";
import { AttentionWatch } from "./control/attention.ts";
import type { WindowView } from "./control/window.ts";
import { CHAT_SECTION, ChatProvider, canChat } from "./vscode/chat/provider.ts";
import { attempt, type CommandContext } from "./vscode/commandContext.ts";
import { registerCommands } from "./vscode/commands.ts";
import { GatewayHost } from "./vscode/host/host.ts";
import { readNetwork } from "./vscode/host/network.ts";
import { secretHandlers } from "./vscode/host/secrets.ts";
import { readAutoStart, readSettings, SECTION } from "./vscode/host/settings.ts";
import { setLocale } from "./vscode/locale.ts";
import { Pages } from "./vscode/pages/pages.ts";
import { askAfterFailure } from "./vscode/proxy/proxy.ts";
import { Contexts } from "./vscode/status/contexts.ts";
import { tellNeedsAttention } from "./vscode/status/needsAttention.ts";
import { createStatusBar } from "./vscode/status/statusBar.ts";
import { TERMINALS_SECTION, Terminals } from "./vscode/terminals/terminals.ts";

/** What was told of the accounts, in the window's memory. */
const TOLD = "attention.told";

let running: GatewayHost | undefined;

export function activate(context: vscode.ExtensionContext): void {
  setLocale(vscode.env.language);
  // Absent where the display language is English, or one of which there is no translation.
  if (vscode.l10n.bundle !== undefined) config({ contents: vscode.l10n.bundle });
  const log = vscode.window.createOutputChannel("Portico", { log: true });
  const statusBar = createStatusBar(() => host.call("accounts.list", undefined));
  const contexts = new Contexts();
  let failedBefore = false;
  const attention = new AttentionWatch({
    get: () => context.globalState.get<string[]>(TOLD, []),
    set: (told) => void context.globalState.update(TOLD, told),
  });

  const host = new GatewayHost({
    workerFile: join(context.extensionPath, "dist", "worker.js"),
    start: () => ({
      dataDir: context.globalStorageUri.fsPath,
      version: String(context.extension.packageJSON.version),
      settings: readSettings(context),
      network: readNetwork(),
      autoStart: readAutoStart(),
    }),
    handlers: secretHandlers(context.secrets),
    log: (level, message) => log[level](message),
    onView: show,
    onEvent: (event, data) => pages.hear(event, data),
  });
  running = host;

  const window: CommandContext = {
    host,
    log,
    context,
    pushSettings: () => host.tell("window.settings", readSettings(context)),
    openPage: (state) => pages.open(state),
  };
  const pages = new Pages(window);
  const chat = new ChatProvider(window, context.extension.id);
  const terminals = new Terminals(window);

  function show(view: WindowView): void {
    statusBar.show(view);
    contexts.show(view, { canChat: canChat() });
    pages.show(view);
    chat.show();
    terminals.show(view);
    const proxy = view.status?.proxy;
    const failed = proxy?.kind === "failed";
    // One window asks; the others show it in their status bar.
    if (failed && !failedBefore && view.part.kind === "leading") {
      void attempt(window, () => askAfterFailure(window, proxy));
    }
    failedBefore = failed;
    if (view.status !== undefined && view.part.kind === "leading") {
      for (const each of attention.look(view.status.problems)) {
        // What a page shows is not told a second time beside it.
        if (pages.seen) continue;
        void attempt(window, () => tellNeedsAttention(window, each));
      }
    }
  }

  show(host.view);
  context.subscriptions.push(
    log,
    statusBar,
    pages,
    chat,
    registerCommands(window),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration(CHAT_SECTION)) chat.show();
      if (change.affectsConfiguration(TERMINALS_SECTION)) terminals.show(host.view);
      if (change.affectsConfiguration(SECTION)) void attempt(window, window.pushSettings);
      if (change.affectsConfiguration("http")) {
        void attempt(window, () => host.tell("window.network", readNetwork()));
      }
    }),
  );
  // Activation is over first.
  setImmediate(() => host.start());
}

/** Other windows go on: one of them takes over. */
export async function deactivate(): Promise<void> {
  await running?.close();
  running = undefined;
}
