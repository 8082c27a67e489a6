/** The pages of one window: an editor panel and a view in the sidebar, on one line to the gateway. */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { ControlError, type Serve } from "../../control/channel.ts";
import { isLanguage } from "../../control/languages.ts";
import type { PageEvents, PageStart, PageState } from "../../control/page.ts";
import type { WindowView } from "../../control/window.ts";
import type { CommandContext } from "../commandContext.ts";
import { SIDEBAR_VIEW } from "../commandIds.ts";
import { writeSetting } from "../host/settings.ts";
import { locale } from "../locale.ts";
import { createHostMethods } from "./hostMethods.ts";
import { pageHtml } from "./html.ts";
import { hostParams, keptPage, splitSettings } from "./params.ts";
import { isWatched, Relay } from "./relay.ts";

const PANEL_TYPE = "portico.panel";

interface OpenPanel {
  readonly panel: vscode.WebviewPanel;
  readonly relay: Relay;
  /** Where the person wants it to be once its page runs. */
  opening?: PageState | undefined;
}

export class Pages implements vscode.Disposable {
  readonly #window: CommandContext;
  readonly #relays = new Set<Relay>();
  readonly #subscriptions: vscode.Disposable[];
  readonly #serve: Serve;
  #panel: OpenPanel | undefined;
  #sidebar: { view: vscode.WebviewView; relay: Relay } | undefined;
  #asked = "";
  #part = "";

  constructor(window: CommandContext) {
    this.#window = window;
    const callHost = createHostMethods({
      window,
      dataDir: window.context.globalStorageUri,
      openPage: (state) => this.open(state),
    });
    this.#serve = async (method, params, signal) => {
      if (isHostMethod(method)) return await callHost(method, params);
      if (method === "settings.update") return await this.#updateSettings(params, signal);
      // What a window asks of its worker is not for pages.
      if (method.startsWith("window.")) throw new ControlError("not-found", `There is no "${method}".`);
      return await window.host.relay(method, params, signal);
    };
    this.#subscriptions = [
      vscode.window.registerWebviewPanelSerializer(PANEL_TYPE, {
        deserializeWebviewPanel: async (panel, kept: unknown) => this.#restore(panel, kept),
      }),
      vscode.window.registerWebviewViewProvider(SIDEBAR_VIEW, {
        resolveWebviewView: (view) => this.#fillSidebar(view),
      }),
    ];
  }

  /** Opens the panel there, or shows the one that is open. */
  open(state: PageState): void {
    if (this.#panel !== undefined) {
      const { panel, relay } = this.#panel;
      // A page that is just being loaded or restored, or is hidden and has to be loaded first, would not hear it.
      if (relay.running) relay.emit("open", state);
      else this.#panel.opening = state;
      panel.reveal();
      return;
    }
    closeLeftOver();
    const panel = vscode.window.createWebviewPanel(PANEL_TYPE, "Portico", vscode.ViewColumn.Active);
    this.#adopt(panel, state);
  }

  /** Is a page on the screen? It shows what needs the person. */
  get seen(): boolean {
    return this.#panel?.panel.visible === true || this.#sidebar?.view.visible === true;
  }

  /** The window's part or the gateway's status changed. */
  show(view: WindowView): void {
    const { part } = view;
    for (const relay of this.#relays) this.#tell(relay, view);
    // Whoever leads now was not told what to send.
    if (part.kind !== this.#part) {
      this.#part = part.kind;
      this.#asked = "";
    }
    this.#watch();
  }

  /** An event of the gateway; what no page knows is passed over. */
  hear(event: string, data: unknown): void {
    if (!isWatched(event)) return;
    // Our own worker's data: one build, one process.
    for (const relay of this.#relays) relay.emit(event, data as PageEvents[typeof event]);
  }

  dispose(): void {
    for (const each of this.#subscriptions) each.dispose();
    this.#panel?.panel.dispose();
  }

  #tell(relay: Relay, view: WindowView): void {
    relay.emit("link", linkOf(view));
    if (view.status !== undefined) relay.emit("status", view.status);
  }

  #greet(relay: Relay): void {
    this.#tell(relay, this.#window.host.view);
    if (relay === this.#sidebar?.relay) this.#tellSidebar();
    if (relay !== this.#panel?.relay || this.#panel.opening === undefined) return;
    relay.emit("open", this.#panel.opening);
    this.#panel.opening = undefined;
  }

  /** @param kept what the page had VS Code keep: among other things, where it was */
  #restore(panel: vscode.WebviewPanel, kept: unknown): void {
    // The person was quicker, and has one by now.
    if (this.#panel !== undefined) panel.dispose();
    else this.#adopt(panel, keptPage(kept));
  }

  /** A panel that is new, or that VS Code kept over a reload. */
  #adopt(panel: vscode.WebviewPanel, open: PageState): void {
    const icon = (theme: string) =>
      vscode.Uri.joinPath(this.#window.context.extensionUri, "media", `tab-${theme}.svg`);
    panel.iconPath = { light: icon("light"), dark: icon("dark") };
    const relay = this.#attach(panel.webview);
    this.#panel = { panel, relay };
    this.#tellSidebar();
    panel.onDidChangeViewState(() => {
      relay.setVisible(panel.visible);
      this.#tellSidebar();
    });
    panel.onDidDispose(() => {
      this.#detach(relay);
      if (this.#panel?.panel === panel) this.#panel = undefined;
      this.#tellSidebar();
    });
    this.#fill(panel.webview, "panel.js", { kind: "vscode", view: "panel", open });
  }

  #fillSidebar(view: vscode.WebviewView): void {
    const relay = this.#attach(view.webview);
    this.#sidebar = { view, relay };
    view.onDidChangeVisibility(() => relay.setVisible(view.visible));
    view.onDidDispose(() => {
      this.#detach(relay);
      if (this.#sidebar?.view === view) this.#sidebar = undefined;
    });
    this.#fill(view.webview, "sidebar.js", { kind: "vscode", view: "sidebar" });
  }

  /** What stands in the panel does not stand in the sidebar as well. */
  #tellSidebar(): void {
    this.#sidebar?.relay.emit("panel", { visible: this.#panel?.panel.visible === true });
  }

  #attach(webview: vscode.Webview): Relay {
    const relay = new Relay({
      webview,
      serve: this.#serve,
      onWatch: () => this.#watch(),
      onReady: (ready) => this.#greet(ready),
      onFailure: (method, thrown) => this.#window.log.error(`${method} failed: ${String(thrown)}`),
    });
    this.#relays.add(relay);
    return relay;
  }

  #detach(relay: Relay): void {
    this.#relays.delete(relay);
    relay.close();
  }

  #fill(webview: vscode.Webview, script: string, start: PageStart): void {
    const folder = vscode.Uri.joinPath(this.#window.context.extensionUri, "dist", "webviews");
    const address = (file: string) => webview.asWebviewUri(vscode.Uri.joinPath(folder, file)).toString();
    webview.options = { enableScripts: true, localResourceRoots: [folder] };
    webview.html = pageHtml({
      title: "Portico",
      script: address(script),
      style: address("panel.css"),
      source: webview.cspSource,
      nonce: randomBytes(16).toString("base64"),
      start: { ...start, locale: locale() ?? vscode.env.language, ...language() },
    });
  }

  /** What VS Code keeps goes there, the rest to the gateway; the answer is what is then in force. */
  async #updateSettings(params: unknown, signal: AbortSignal): Promise<unknown> {
    const { host, pushSettings } = this.#window;
    const { own, rest } = splitSettings(params);
    // The gateway may refuse; what VS Code keeps was checked.
    if (Object.keys(rest).length > 0) await host.relay("settings.update", rest, signal);
    for (const [key, value] of own) await writeSetting(key, value);
    if (own.length > 0) await pushSettings();
    return await host.relay("settings.get", undefined, signal);
  }

  /** Asks the gateway for what any page wants to hear. */
  #watch(): void {
    const events = [...new Set([...this.#relays].flatMap(({ watched }) => [...watched]))].sort();
    const asked = events.join();
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.#window.host.relay("events.watch", { events }).catch((error: unknown) => {
      // The next change of the window's part asks again.
      this.#asked = "?";
      this.#window.log.debug(`events.watch: ${String(error)}`);
    });
  }
}

/** Panels of before a reload that were not seen since: VS Code gives them back only then. */
function closeLeftOver(): void {
  const left = vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(PANEL_TYPE));
  if (left.length > 0) void vscode.window.tabGroups.close(left);
}

function isHostMethod(method: string): method is keyof typeof hostParams {
  return Object.hasOwn(hostParams, method);
}

function linkOf({ part }: WindowView): PageEvents["link"] {
  switch (part.kind) {
    case "leading":
    case "attached":
      return { kind: "connected" };
    case "joining":
      return { kind: "connecting" };
    case "broken":
      return { kind: "disconnected", message: part.message };
  }
}

/** That of the window, where there are texts of it. */
function language(): Pick<PageStart, "language"> {
  const { language: shown } = vscode.env;
  return vscode.l10n.bundle !== undefined && isLanguage(shown) ? { language: shown } : {};
}
